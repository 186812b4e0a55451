"""Contradictions in the register, for clerks to clear up: each is one query, and none is ever repaired by itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import String, Subquery, Uuid, column, func, select, text

from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.register.errors import CheckUnknown
from amis.web.i18n import mark

PAGE = 50
"""Findings on one page."""

_FACTS_DIFFER = """
SELECT one.person_id, NULL::uuid AS other_id, one.kind, one.value AS says, other.value AS against
FROM fact one
JOIN fact other ON other.municipality_id = one.municipality_id AND other.person_id = one.person_id
    AND other.kind = one.kind AND other.id > one.id
    AND (other.value, other.num) IS DISTINCT FROM (one.value, one.num)
    AND daterange(other.valid_from, other.valid_to) && daterange(one.valid_from, one.valid_to)
WHERE one.municipality_id = :municipality AND one.recorded_to IS NULL AND other.recorded_to IS NULL
    AND one.kind NOT IN ('application', 'choice', 'override')
"""
_FACT_AFTER_DEATH = """
SELECT fact.person_id, NULL::uuid AS other_id, fact.kind, fact.valid_from::text AS says, person.died::text AS against
FROM fact JOIN person ON person.id = fact.person_id AND fact.valid_from >= person.died
WHERE fact.municipality_id = :municipality AND fact.recorded_to IS NULL
"""
_CHILD_OF_AGE = """
SELECT fact.person_id, NULL::uuid AS other_id, fact.kind, fact.value AS says, of_age.day::text AS against
FROM fact JOIN person ON person.id = fact.person_id
CROSS JOIN LATERAL (SELECT (person.born + interval '18 years')::date AS day) AS birthday
CROSS JOIN LATERAL (
    SELECT birthday.day + (extract(day FROM birthday.day) < extract(day FROM person.born))::int AS day
) AS of_age
WHERE fact.municipality_id = :municipality AND fact.recorded_to IS NULL
    AND fact.kind = 'disability' AND fact.value = 'child'
    AND (fact.valid_to IS NULL OR fact.valid_to > of_age.day)
"""
_TWO_HOUSEHOLDS = """
SELECT one.person_id, NULL::uuid AS other_id, 'household' AS kind,
    coalesce(here.code, '') AS says, coalesce(there.code, '') AS against
FROM household_member one
JOIN household_member other ON other.municipality_id = one.municipality_id AND other.person_id = one.person_id
    AND other.household_id > one.household_id
    AND daterange(other.valid_from, other.valid_to) && daterange(one.valid_from, one.valid_to)
JOIN household here ON here.id = one.household_id
JOIN household there ON there.id = other.household_id
WHERE one.municipality_id = :municipality AND one.recorded_to IS NULL AND other.recorded_to IS NULL
"""
_MUTUAL_GUARDIANS = """
SELECT one.person_id, one.other_id, one.kind, one.valid_from::text AS says, other.valid_from::text AS against
FROM relation one
JOIN relation other ON other.municipality_id = one.municipality_id AND other.kind = 'ward'
    AND other.person_id = one.other_id AND other.other_id = one.person_id AND other.id > one.id
    AND daterange(other.valid_from, other.valid_to) && daterange(one.valid_from, one.valid_to)
WHERE one.municipality_id = :municipality AND one.kind = 'ward'
    AND one.recorded_to IS NULL AND other.recorded_to IS NULL
"""
_GUARDIAN_MINOR = """
SELECT relation.person_id, relation.other_id, 'guardian' AS kind,
    relation.valid_from::text AS says, person.born::text AS against
FROM relation JOIN person ON person.id = relation.person_id
WHERE relation.municipality_id = :municipality AND relation.recorded_to IS NULL AND relation.kind = 'ward'
    AND relation.valid_from < person.born + interval '18 years'
"""
_RELATED_TO_DEAD = """
SELECT relation.other_id AS person_id, relation.person_id AS other_id, relation.kind,
    coalesce(relation.valid_to::text, '') AS says, least(one.died, other.died)::text AS against
FROM relation JOIN person one ON one.id = relation.person_id JOIN person other ON other.id = relation.other_id
WHERE relation.municipality_id = :municipality AND relation.recorded_to IS NULL
    AND relation.kind IN ('spouse', 'ward')
    AND coalesce(relation.valid_to, 'infinity') > least(one.died, other.died)
UNION ALL
SELECT member.person_id, NULL, 'household', coalesce(member.valid_to::text, ''), person.died::text
FROM household_member member JOIN person ON person.id = member.person_id
WHERE member.municipality_id = :municipality AND member.recorded_to IS NULL
    AND coalesce(member.valid_to, 'infinity') > person.died
"""
_PARENT_YOUNGER = """
SELECT parent.id AS person_id, child.id AS other_id, 'parent' AS kind,
    parent.born::text AS says, child.born::text AS against
FROM relation
JOIN person parent ON parent.id = relation.person_id
JOIN person child ON child.id = relation.other_id AND child.born <= parent.born
WHERE relation.municipality_id = :municipality AND relation.recorded_to IS NULL AND relation.kind = 'child'
"""
_NO_BIRTH_DATE = """
SELECT person.id AS person_id, NULL::uuid AS other_id, 'born' AS kind, '' AS says, '' AS against
FROM person
WHERE person.municipality_id = :municipality AND person.born IS NULL AND person.erased_at IS NULL
    AND person.merged_into IS NULL
"""


@dataclass(frozen=True, slots=True)
class Check:
    """A kind of contradiction: its marked English title, what to do about it, and the query that finds it."""

    title: str
    advice: str
    sql: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One contradiction: about whom, with whom, in what; `says` and `against` are the two that do not fit."""

    person_id: UUID
    other_id: UUID | None
    kind: str
    says: str
    against: str


CHECKS: Mapping[str, Check] = {
    "facts_differ": Check(
        mark("Two facts of one kind with different values on the same days"),
        mark("Ask both sources and take one of the facts back."),
        _FACTS_DIFFER,
    ),
    "fact_after_death": Check(
        mark("A fact that begins after the day of death"),
        mark("Check the day of death, or take the fact back."),
        _FACT_AFTER_DEATH,
    ),
    "child_of_age": Check(
        mark("Disability of a child that lasts beyond the 18th birthday"),
        mark("Ask for the decision about the group."),
        _CHILD_OF_AGE,
    ),
    "two_households": Check(
        mark("Member of two households on the same days"),
        mark("Find out where the person lives and end the other."),
        _TWO_HOUSEHOLDS,
    ),
    "mutual_guardians": Check(
        mark("Two persons who are guardians of each other"),
        mark("Check the decisions of the Orphan's and Custody Court."),
        _MUTUAL_GUARDIANS,
    ),
    "guardian_minor": Check(
        mark("A guardian younger than 18"),
        mark("Check the decision and both persons."),
        _GUARDIAN_MINOR,
    ),
    "related_to_dead": Check(
        mark("A marriage, guardianship or household that outlasts a death"),
        mark("End it on the day of death."),
        _RELATED_TO_DEAD,
    ),
    "parent_younger": Check(
        mark("A parent who is not older than the child"),
        mark("The two may have been taken for each other."),
        _PARENT_YOUNGER,
    ),
    "no_birth_date": Check(
        mark("A person without a birth date"),
        mark("Rules about age cannot decide: enter the date."),
        _NO_BIRTH_DATE,
    ),
}
"""By code, in the order of the page."""


async def counts(tx: Transaction) -> dict[str, int]:
    """How many contradictions of each kind there are."""
    found = {}
    for code in CHECKS:
        found[code] = await tx.session.scalar(select(func.count()).select_from(_query(tx, code))) or 0
    return found


async def findings(tx: Transaction, code: str, page: int = 1) -> list[Finding]:
    """A page of contradictions, from 1. It shows who somebody is, so that the reading is logged.

    Raises:
        CheckUnknown
    """
    if code not in CHECKS:
        raise CheckUnknown(code)
    query = _query(tx, code)
    order = (query.c.person_id, query.c.kind, query.c.says, query.c.against, query.c.other_id)
    rows = await tx.session.execute(select(query).order_by(*order).limit(PAGE).offset((page - 1) * PAGE))
    found = [Finding(*row) for row in rows]
    shown = [str(one.person_id) for one in found]
    await audit.record(tx, "person.quality", ("quality", code), after={"shown": shown})
    return found


def _query(tx: Transaction, code: str) -> Subquery:
    columns = (column("person_id", Uuid), column("other_id", Uuid), *(column(name, String) for name in _TEXTS))
    return text(CHECKS[code].sql).bindparams(municipality=tx.municipality_id).columns(*columns).subquery("found")


_TEXTS = ("kind", "says", "against")

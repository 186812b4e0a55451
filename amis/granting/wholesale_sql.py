"""What a rule changes for everybody, as one SQL statement: simulating reads it and publishing writes it.

It gives each person what `granting.outcome.entitled` gives, through the compiler of conditions (`rules.compile`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from amis.granting.effective import CHOICE, OnCeasing, overridden, refused
from amis.granting.holder_sieve import HolderSieve
from amis.granting.holder_sql import HolderSql
from amis.granting.outcome import Rule, Version, in_force, version_at
from amis.granting.suspending import Order, sparing
from rules.condition import Has
from rules.period import Days, Period, union
from rules.sql import Sql
from rules.sqldays import EMPTY
from rules.tables import Tables
from rules.vocabulary import Vocabulary

_TABLES = Tables("known_person", "known_fact", "known_membership", "known_relation")
_SOME = Tables("some_person", "some_fact", "some_membership", "known_relation")
_REGISTER = """
known_person AS NOT MATERIALIZED (
    SELECT id, born, died FROM person WHERE municipality_id = %(own)s AND merged_into IS NULL
), known_fact AS NOT MATERIALIZED (
    SELECT id, person_id, kind, value, num, daterange(valid_from, valid_to) AS valid
    FROM fact WHERE municipality_id = %(own)s AND recorded_to IS NULL AND NOT shadowed
), known_membership AS NOT MATERIALIZED (
    SELECT membership.person_id, person_group.code AS grp,
        daterange(membership.valid_from, membership.valid_to) AS valid
    FROM membership JOIN person_group ON person_group.id = membership.group_id
    WHERE membership.municipality_id = %(own)s AND membership.recorded_to IS NULL
), known_relation AS NOT MATERIALIZED (
    SELECT person_id, kind, other_id, valid FROM relation_seen WHERE municipality_id = %(own)s
)"""
_EVERYBODY = """, mine AS NOT MATERIALIZED (
    SELECT * FROM entitlement WHERE municipality_id = %(own)s AND rule_id = %(rule)s
)"""
_SOME_OF_THEM = """, some_person AS NOT MATERIALIZED (
    SELECT person.id, born, died FROM regranted JOIN person ON person.id = regranted.id
    WHERE municipality_id = %(own)s AND merged_into IS NULL
), some_fact AS NOT MATERIALIZED (
    SELECT fact.id, person_id, kind, value, num, daterange(valid_from, valid_to) AS valid
    FROM regranted JOIN fact ON fact.person_id = regranted.id
    WHERE municipality_id = %(own)s AND recorded_to IS NULL AND NOT shadowed
), some_membership AS NOT MATERIALIZED (
    SELECT known_membership.* FROM regranted JOIN known_membership ON known_membership.person_id = regranted.id
), mine AS NOT MATERIALIZED (
    SELECT entitlement.* FROM regranted JOIN entitlement ON entitlement.person_id = regranted.id
    WHERE municipality_id = %(own)s AND rule_id = %(rule)s
)"""
# The fence (OFFSET 0) keeps the days from being worked out a second time to tell whether there are any.
_OF_VERSION = """SELECT * FROM (
    SELECT p.id, p.born, p.died, {days} AS days, {number} AS version FROM {source}{where} OFFSET 0
) c WHERE NOT isempty(days)"""
_GIVEN = """SELECT id, born, died, range_agg(days) AS days, max(version) AS version
FROM ({parts}) part GROUP BY id, born, died"""
_KEPT = """
SELECT p.id, p.born, p.died, coalesce(g.days, '{{}}') AS days, g.version,
    coalesce((e.kept + coalesce((
        SELECT range_agg(x) FROM unnest(e.periods) x WHERE x @> %(today)s::date AND NOT upper_inf(x)
    ), '{{}}') - coalesce(g.days, '{{}}')) * ({life}) - ({refused}), '{{}}') AS kept
FROM given g FULL JOIN mine e ON e.person_id = g.id JOIN {person} p ON p.id = coalesce(g.id, e.person_id)"""
_NONE_KEPT = "SELECT id, born, died, days, version, '{}'::datemultirange AS kept FROM given"
_MODES = """coalesce((
    SELECT ARRAY[substr(f.value, {length})] FROM known_fact f
    WHERE f.person_id = o.id AND f.kind = {kind} AND starts_with(f.value, {prefix}) ORDER BY f.id DESC LIMIT 1
), '{{}}')"""
_CHANGED = """
SELECT coalesce(n.id, e.person_id) AS person_id, e.id AS row_id, n.version, n.kept, n.suspended, n.waived, n.modes,
    coalesce(e.periods, '{}') AS before, coalesce(n.periods, '{}') AS after,
    coalesce(n.periods, '{}') - coalesce(e.periods, '{}') AS gained,
    coalesce(e.periods, '{}') - coalesce(n.periods, '{}') AS lost,
    (e.periods, e.kept, e.suspended, e.waived, e.modes)
        IS DISTINCT FROM (n.periods, n.kept, n.suspended, n.waived, n.modes) AS told
FROM now n FULL JOIN mine e ON e.person_id = n.id
WHERE (e.periods, e.rule_version, e.kept, e.suspended, e.waived, e.modes)
    IS DISTINCT FROM (n.periods, n.version, n.kept, n.suspended, n.waived, n.modes)"""


@dataclass(frozen=True, slots=True)
class Special:
    """Whether anybody at all has an override of the concession, or a chosen mode: otherwise nobody is asked for one."""

    overridden: bool
    chosen: bool


@dataclass(frozen=True, slots=True)
class Changes:
    """The beginning of a statement, up to the table `changed`, with its parameters.

    `changed` has a row for each entitlement that is to be added, written or removed (`row_id` and `after` tell which);
    `told` = days, or how they may be used, are different. `now` has all that are granted.
    """

    text: str
    values: dict[str, object] = field(default_factory=dict)


def changes(
    rule: Rule,
    vocabulary: Vocabulary,
    orders: Sequence[Order],
    special: Special,
    own: int,
    today: date,
    *,
    some: bool = False,
) -> Changes:
    """What the rule changes for the persons of a municipality (`own`) on a local day.

    With `some` only those whose ids stand in the temporary table `regranted` are looked at.
    """
    sql, holders = Sql(_TABLES, vocabulary), _SOME if some else _TABLES
    parts = {
        "given": _given(sql, rule, special, holders),
        "outcome": _outcome(sql, rule, today, holders),
        "now": _now(sql, rule, orders, special),
        "changed": _CHANGED,
    }
    # `changed` is read several times, and everything before it only on the way there
    fenced = ", ".join(f"{name} AS {'MATERIALIZED ' * (name == 'changed')}({text})" for name, text in parts.items())
    values = sql.values | {"own": own, "rule": rule.id, "today": today}
    read = _REGISTER + (_SOME_OF_THEM if some else _EVERYBODY)
    return Changes(f"WITH {read}, {fenced}", values)


def _given(sql: Sql, rule: Rule, special: Special, holders: Tables) -> str:
    governing = [(version, days) for version, days in in_force(rule.versions) if days]
    parts = [_of_version(sql, rule, special, version, days, holders) for version, days in governing]
    if not parts:
        return f"SELECT NULL::uuid AS id, {EMPTY} AS days, 0 AS version WHERE false"  # no value in it
    if len(parts) == 1:
        return parts[0]
    return _GIVEN.format(parts=" UNION ALL ".join(parts))


def _of_version(sql: Sql, rule: Rule, special: Special, version: Version, days: Days, holders: Tables) -> str:
    condition = overridden(version.condition, rule.concession_code) if special.overridden else version.condition
    holder = HolderSql(sql, "p", holders)
    holds = f"({holder.true(condition, 'p')}) * {_living(holder, days)}"
    needed = HolderSieve(holder, _hull(days)).needed(condition, "p")
    where = f" WHERE {needed}" if needed else ""
    number = sql.bind(version.number, "int")
    return _OF_VERSION.format(days=holds, number=number, source=holder.source(holders.person), where=where)


def _living(holder: HolderSql, days: Days) -> str:
    """Those of the days that the person lives; a single period is cut as a range, which is quicker."""
    spans = list(days)
    if len(spans) > 1:
        return f"{holder.life('p')} * {holder.bind(str(days), 'datemultirange')}"
    return f"datemultirange({holder.lifetime('p')} * {holder.bind(str(spans[0]), 'daterange')})"


def _hull(days: Days) -> Period:
    spans = list(days)
    return Period(spans[0].start, spans[-1].end)


def _outcome(sql: Sql, rule: Rule, today: date, holders: Tables) -> str:
    version = version_at(rule.versions, today)
    if version is None or version.on_ceasing != OnCeasing.UNTIL_EXPIRY:
        return _NONE_KEPT
    refusal = sql.true(refused(rule.concession_code), "p")
    kept = _KEPT.format(life=sql.life("p"), refused=refusal, person=holders.person)
    # kept days beside none of the condition are those of today's version
    number = sql.bind(version.number, "int")
    return (
        f"SELECT id, born, died, days + kept AS days, coalesce(version, {number}) AS version, kept FROM ({kept}) k"  # noqa: S608
        " WHERE NOT isempty(days + kept)"
    )


def _now(sql: Sql, rule: Rule, orders: Sequence[Order], special: Special) -> str:
    holder = HolderSql(sql, "o")
    columns = {
        "suspended": _suspended(holder, rule, orders),
        "waived": _waived(holder, rule),
        "modes": _modes(sql, rule) if special.chosen else "'{}'::text[]",
    }
    made = ", ".join(f"{text} AS {name}" for name, text in columns.items())
    source = holder.source("outcome")
    return f"SELECT o.id, o.days AS periods, o.version, o.kept, {made} FROM {source}"  # noqa: S608  # values bound


def _suspended(sql: Sql, rule: Rule, orders: Sequence[Order]) -> str:
    """`suspending.suspended`: the days of the orders without those on which a person certainly is spared."""
    covering = [order for order in orders if order.covers(rule.concession_code, rule.grantor_id)]
    if not covering:
        return EMPTY
    stopped = " + ".join(_stopped(sql, order) for order in covering)
    # most orders are of the past: whoever has none of their days is not asked for exceptions
    ordered = sql.bind(str(union(Days.of(order.period) for order in covering)), "datemultirange")
    return f"CASE WHEN o.days && {ordered} THEN ({stopped}) * o.days ELSE {EMPTY} END"


def _stopped(sql: Sql, order: Order) -> str:
    days, spared = sql.bind(str(Days.of(order.period)), "datemultirange"), sparing(order)
    return days if spared is None else f"({days} - {sql.true(spared, 'o')})"


def _waived(sql: Sql, rule: Rule) -> str:
    lifted = [
        f"({sql.has(Has(waiver.kind), 'o')} * {sql.bind(str(waiver.days), 'datemultirange')})"
        for waiver in rule.waivers
    ]
    return f"({' + '.join(lifted)}) * o.days" if lifted else EMPTY


def _modes(sql: Sql, rule: Rule) -> str:
    prefix = f"{rule.concession_code}:"
    return _MODES.format(
        length=sql.bind(len(prefix) + 1, "int"), kind=sql.bind(CHOICE, "text"), prefix=sql.bind(prefix, "text")
    )

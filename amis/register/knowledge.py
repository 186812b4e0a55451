"""What the rules need of a person and of those who are related to them, in a few queries however many they are."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from amis.kernel.db import Transaction
from amis.register.errors import PersonUnknown
from amis.register.kinship import Link, believed, links_of
from amis.register.models import Fact, Membership, Person, PersonGroup
from rules.evaluate import FactPeriod, PersonFacts
from rules.period import Days, Period
from rules.person import RelatedPerson

DEPTH = 2
"""Relations away from the person up to which `person_facts` looks unless it is told how far."""


async def person_facts(
    tx: Transaction, person_id: UUID, as_recorded: datetime | None = None, *, depth: int = DEPTH
) -> PersonFacts:
    """What the rules need of a person, as believed now or at the instant `as_recorded`; no name, no code.

    Relatives are known up to `depth` relations away: as long as the longest path of `rules.reads.Reads.via`. The
    reference of each fact is its id, `who` of a relative that person's id. Birth and death are as known today.

    Raises:
        PersonUnknown
    """
    person = await tx.session.get(Person, person_id)
    if person is None or person.municipality_id != tx.municipality_id:
        raise PersonUnknown
    links = await _links(tx, person_id, as_recorded, depth)
    known = _Known(person, links)
    await known.read(tx, as_recorded)
    return known.of(person_id, depth)


async def _links(tx: Transaction, person_id: UUID, as_recorded: datetime | None, depth: int) -> dict[UUID, list[Link]]:
    """The relations of everybody closer than `depth`; one query for each step."""
    found: dict[UUID, list[Link]] = {}
    edge = {person_id}
    for _ in range(depth):
        step = await links_of(tx, edge, as_recorded) if edge else []
        found |= {each: [] for each in edge}
        for link in step:
            found[link.person_id].append(link)
        edge = {link.other_id for link in step} - found.keys()
    return found


class _Known:
    """Everybody within reach, put together into what is known of one; a person met twice is put together once."""

    def __init__(self, person: Person, links: dict[UUID, list[Link]]) -> None:
        self.links = links
        self.persons = {person.id: person}
        self.facts: dict[UUID, list[FactPeriod]] = defaultdict(list)
        self.groups: dict[UUID, dict[str, Days]] = defaultdict(dict)
        self.made: dict[tuple[UUID, int], PersonFacts] = {}

    async def read(self, tx: Transaction, as_recorded: datetime | None) -> None:
        """Reads the facts and groups of all, and the birth and death of the relatives."""
        relatives = {link.other_id for found in self.links.values() for link in found} - self.persons.keys()
        if relatives:
            own = Person.municipality_id == tx.municipality_id
            for person in await tx.session.scalars(select(Person).where(own, Person.id.in_(relatives))):
                self.persons[person.id] = person
        await self._read_facts(tx, self.persons.keys(), as_recorded)
        await self._read_groups(tx, self.persons.keys(), as_recorded)

    async def _read_facts(self, tx: Transaction, ids: Collection[UUID], as_recorded: datetime | None) -> None:
        for fact in await tx.session.scalars(
            select(Fact)
            .where(
                Fact.municipality_id == tx.municipality_id,
                Fact.person_id.in_(ids),
                believed(Fact, as_recorded),
                Fact.shadowed.is_(False),
            )
            .order_by(Fact.kind, Fact.valid_from, Fact.id)
        ):
            period = Period(fact.valid_from, fact.valid_to)
            self.facts[fact.person_id].append(FactPeriod(fact.kind, fact.value, period, str(fact.id), fact.num))

    async def _read_groups(self, tx: Transaction, ids: Collection[UUID], as_recorded: datetime | None) -> None:
        rows = await tx.session.execute(
            select(Membership.person_id, PersonGroup.code, Membership.valid_from, Membership.valid_to)
            .join(PersonGroup, PersonGroup.id == Membership.group_id)
            .where(
                Membership.municipality_id == tx.municipality_id,
                Membership.person_id.in_(ids),
                believed(Membership, as_recorded),
            )
        )
        for person_id, code, start, end in rows:
            days = self.groups[person_id]
            days[code] = days.get(code, Days()) | Days.of(Period(start, end))

    def of(self, person_id: UUID, depth: int) -> PersonFacts:
        """The person with relatives up to `depth` away."""
        key = person_id, depth
        if key not in self.made:
            person, links = self.persons[person_id], self.links.get(person_id, []) if depth else []
            self.made[key] = PersonFacts(
                person.born,
                # whoever stands for somebody else lives on no day of their own
                person.died if person.merged_into is None else date.min,
                tuple(self.facts[person_id]),
                self.groups[person_id],
                tuple(self._relative(link, depth - 1) for link in links),
            )
        return self.made[key]

    def _relative(self, link: Link, depth: int) -> RelatedPerson:
        period = Period(link.valid_from, link.valid_to)
        return RelatedPerson(link.kind, period, self.of(link.other_id, depth), str(link.other_id))

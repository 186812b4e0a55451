"""Two persons who turn out to be one: what they have goes along, and comes back when they are parted."""

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import text

from amis.kernel.actor import Actor
from amis.kernel.db import Transaction, transaction
from amis.register import service, store
from amis.register.carrying import Carriage
from amis.register.errors import PersonErased
from amis.register.kinship import links_of
from amis.register.models import PersonMerge
from amis.register.service import FactChange, GroupDraft, Pair, PersonDraft, Said
from tests.register.persons import JANUARY, JUNE, MARCH, persons

KEPT, MERGED = "321234-56789", "321234-56790"


async def two(tx: Transaction) -> tuple[UUID, UUID]:
    return await service.enrol(tx, PersonDraft(KEPT)), await service.enrol(tx, PersonDraft(MERGED))


async def merged(tx: Transaction, kept: UUID, other: UUID) -> PersonMerge:
    """Merges them, and carries what the register has."""
    await service.state(tx, kept, Said("sopa", "M", "merge", KEPT, other=MERGED))
    edge = await service.merge(tx, Pair(kept, other), ("sopa", "M"))
    assert edge is not None
    edge.moved = edge.moved | await service.bring(tx, Carriage(edge.from_id, edge.to_id))
    await tx.session.flush()
    return edge


async def parted(tx: Transaction, edge: PersonMerge, owned: dict[tuple[str, str], bytes] | None = None) -> None:
    """Parts them again; `owned` is what the ledger knows of records."""
    await service.part(tx, edge)
    carriage = Carriage(edge.from_id, edge.to_id, {name: list(rows) for name, rows in edge.moved.items()})
    await service.take_back(tx, carriage, owned or {}, await store.also_known_as(tx, edge.to_id))


async def seen(tx: Transaction, *people: UUID) -> list[object]:
    """Facts, groups and relations of each."""
    found: list[object] = []
    for person_id in people:
        known = await store.person_facts(tx, person_id)
        found.append((known.facts, dict(known.groups), known.born, await links_of(tx, {person_id})))
    return found


async def test_relations_groups_and_facts_of_both_are_the_one_persons_and_come_back(town: Actor) -> None:
    async with transaction(town) as tx:
        (kept, other), (child, spouse) = await two(tx), await persons(tx, 2)
        await service.define_group(tx, GroupDraft("helped", "atbalstāmie", "the helped"))
        await service.join_group(tx, other, "helped", MARCH)
        await service.relate(tx, child, "parent", other, JANUARY, None, "test")
        await service.relate(tx, spouse, "spouse", other, JANUARY, JUNE, "test")
        await service.relate(tx, kept, "spouse", other, JUNE, None, "test")
        home = await service.open_household(tx, "H")
        for one in (other, child):
            await service.join_household(tx, one, home, MARCH, None, "test")
        await service.record(tx, other, FactChange("needy", "yes", MARCH, JUNE, "clerk", "F", 1))
        before = await seen(tx, kept, other, child, spouse)
        edge = await merged(tx, kept, other)
        kinds = {(link.kind, link.other_id) for link in await links_of(tx, {kept})}
        assert kinds == {("child", child), ("spouse", spouse), ("household", child)}
        known = await store.person_facts(tx, kept)
        assert ([fact.kind for fact in known.facts], list(known.groups)) == (["needy"], ["helped"])
        assert await service.unrelate(tx, spouse, "spouse", kept, MARCH, "test")
        assert await service.relate(tx, spouse, "spouse", kept, MARCH, JUNE, "test")
        await parted(tx, edge)
        facts_and_groups = [each[:2] for each in await seen(tx, kept, other)]  # type: ignore[index]
        assert facts_and_groups == [each[:2] for each in before[:2]]  # type: ignore[index]
        assert {(link.kind, link.other_id) for link in await links_of(tx, {other})} >= {
            ("child", child),
            ("spouse", kept),
            ("household", child),
        }


async def test_a_record_goes_to_whom_its_code_belongs_whoever_brought_it(town: Actor) -> None:
    async with transaction(town) as tx:
        kept, other = await two(tx)
        await service.record(tx, other, FactChange("needy", "yes", MARCH, JUNE, "sopa", "R1", 1))
        edge = await merged(tx, kept, other)
        await service.record(tx, kept, FactChange("needy", "yes", JANUARY, MARCH, "sopa", "R2", 1))
        codes = {("sopa", "R1"): store.index_of(tx, KEPT), ("sopa", "R2"): store.index_of(tx, MERGED)}
        await parted(tx, edge, codes)
        assert await service.records_of(tx, kept) == {("sopa", "R1")}
        assert await service.records_of(tx, other) == {("sopa", "R2")}


async def test_a_birth_date_learned_by_a_merge_is_forgotten_when_they_are_parted(town: Actor) -> None:
    born = date(1980, 5, 17)
    async with transaction(town) as tx:
        kept = await service.enrol(tx, PersonDraft(KEPT))
        other = await service.enrol(tx, PersonDraft(MERGED, born=born))
        edge = await merged(tx, kept, other)
        assert (await store.get_person(tx, kept)).born == born
        await parted(tx, edge)
        assert [(await store.get_person(tx, one)).born for one in (kept, other)] == [None, born]


async def test_who_is_erased_is_merged_with_nobody_and_takes_along_all_who_were(
    town: Actor,
) -> None:
    async with transaction(town) as tx:
        kept, other = await two(tx)
        (gone,) = await persons(tx, 1)
        await service.erase(tx, gone)
        with pytest.raises(PersonErased):
            await service.merge(tx, Pair(kept, gone), ("sopa", "X"))
        await merged(tx, kept, other)
        await service.erase(tx, kept)
        keys = await tx.session.scalars(
            text("SELECT subject_key FROM person WHERE id = ANY(:both)"), {"both": [kept, other]}
        )
        assert list(keys) == [None, None]
        assert await store.find_by_code(tx, MERGED) is None

"""Two codes that turn out to be one person's, or not: everything that hangs on it follows in one transaction."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from amis.granting.merging import carry_applications, regrant_each
from amis.granting.service import Cause
from amis.intake import ledger, moving
from amis.intake.residence import MARK
from amis.issuing.merging import carry_tokens
from amis.issuing.service import close_all
from amis.kernel.db import Transaction
from amis.register import service as register
from amis.register import store as people
from amis.register.carrying import Carriage, joined
from amis.register.models import PersonMerge
from amis.register.service import Pair, Record


async def settle_pairs(tx: Transaction, pairs: Collection[Pair], record: Record, cause: Cause) -> None:
    """Lets each pair be one person or two, as records now say; rights follow.

    Who was one person through a pair that is none any more may still be so through another one.

    Raises:
        PersonErased
    """
    touched: set[UUID] = set()
    again: set[UUID] = set()
    for pair in pairs:
        edge = await register.edge_of(tx, pair)
        if edge is not None and not await register.is_one(tx, pair):
            again |= await people.also_known_as(tx, await people.standing_for(tx, pair.kept))
            touched |= await _part(tx, edge)
    for pair in [*pairs, *await register.pairs_of(tx, again)]:
        if await register.is_one(tx, pair):
            touched |= await _merge(tx, pair, record)
    await _settle(tx, touched, cause)


async def _merge(tx: Transaction, pair: Pair, record: Record) -> set[UUID]:
    edge = await register.merge(tx, pair, record)
    if edge is None:
        return set()
    carriage = Carriage(edge.from_id, edge.to_id)
    moved = await register.bring(tx, carriage)
    moved |= await carry_applications(tx, carriage) | await carry_tokens(tx, carriage)
    edge.moved = edge.moved | moved
    await ledger.hand_over(tx, [_told(record) for record in moved["fact"]], edge.to_id)
    return {edge.from_id, edge.to_id}


async def _part(tx: Transaction, edge: PersonMerge) -> set[UUID]:
    edges = await register.part(tx, edge)
    carriage = Carriage(edge.from_id, edge.to_id, joined([_lists(one.moved) for one in edges]))
    owned = await _owned(tx, await register.records_of(tx, edge.from_id))
    theirs = await register.take_back(tx, carriage, owned, await people.also_known_as(tx, edge.to_id))
    await carry_applications(tx, carriage)
    await carry_tokens(tx, carriage)
    await ledger.hand_over(tx, [_told(record) for record in theirs], edge.to_id)
    return {edge.from_id, edge.to_id}


def _lists(moved: Mapping[str, Any]) -> dict[str, list[Any]]:
    return {name: list(rows) for name, rows in moved.items()}


async def _owned(tx: Transaction, records: Collection[Record]) -> dict[Record, bytes]:
    """Under which code each record was stated last, for those that came by a notice."""
    told = {record: _told(record) for record in records}
    known = await ledger.codes_of(tx, set(told.values()))
    return {record: known[told[record]] for record in records if told[record] in known}


def _told(record: Sequence[str]) -> Record:
    """The record of the notice that a record of facts follows from."""
    return record[0], record[1].removesuffix(MARK)


async def _settle(tx: Transaction, persons: Collection[UUID], cause: Cause) -> None:
    """What follows for each from what they now have."""
    died = []
    for person_id in sorted(persons):
        person = await people.get_person(tx, person_id)
        if person.merged_into is None:
            await register.settle_code(tx, person_id)
            await register.settle_homes(tx, person_id)
            await register.settle_death(tx, person_id)
            died += [person_id] if person.died is not None else []
            await moving.settle_residence(tx, person_id, cause)
    await register.reckon(tx, sorted(persons))
    await regrant_each(tx, persons, cause)
    for person_id in died:
        await close_all(tx, person_id, "deceased")

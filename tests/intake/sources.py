"""Two sources of the town that send by every way, and what the register holds of what they said."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count as counting
from typing import Any
from uuid import UUID

from sqlalchemy import select

from amis.granting import store as rights
from amis.intake.authority import rank_sources
from amis.intake.batch_models import Batch
from amis.intake.batches import Delivery, receive
from amis.intake.models import LedgerRow, Sender
from amis.intake.raw_files import Incoming
from amis.intake.senders import add_key, define_sender
from amis.kernel.db import Transaction, transaction
from amis.kernel.ids import new_id
from amis.register import service as register
from amis.register import store as people
from amis.register.models import Fact
from amis.register.service import PersonDraft
from rules.period import Days as Periods
from sync.message import BATCHED, STRUCTURED
from sync.order import LedgerEntry
from sync.rows import to_line
from sync.sopa import sopa_mapping
from tests.intake.believed import RIGHT, Days, Told, each
from tests.intake.files import Files
from tests.intake.wire import TOWN, Wire, new_key

BINARY = "application/json"
RANKED = "repressed"
"""The kind of fact in which both sources have a say."""
_numbers = counting(1)


@dataclass
class Sources:
    """The sending ends, each with a key of its own, by source."""

    files: Files
    wires: Mapping[str, Wire]
    senders: Mapping[str, UUID]

    async def by_event(self, source: str, told: Sequence[Told], mode: str = BATCHED) -> list[str]:
        """Sends them in one message, BATCHED, or one of them, STRUCTURED or BINARY; the verdicts."""
        events = [_event(one) for one in told]
        data, attributes = json.dumps(events[0]["data"]).encode(), {}
        if mode == BINARY:
            attributes = {f"ce-{name}": value for name, value in events[0].items() if name != "data"}
        bodies = {BINARY: data, STRUCTURED: json.dumps(events[0]).encode(), BATCHED: json.dumps(events).encode()}
        answer = await self.wires[source].post(bodies[mode], mode, headers=attributes)
        assert answer.status_code == 200, answer.text
        return [line["verdict"] for line in answer.json()["verdicts"]]

    async def by_file(
        self, source: str, rows: Sequence[Mapping[str, Any] | bytes], as_of: int | None = None
    ) -> Counter[str]:
        """Has a file taken in: a snapshot where `as_of` says so; the counts of its batch."""
        incoming = Incoming(self.files.folder, new_id())
        incoming.write(b"".join(row if isinstance(row, bytes) else to_line(row) for row in rows))
        kind = "delta" if as_of is None else "snapshot"
        async with transaction(TOWN) as tx:
            sender = await tx.session.get_one(Sender, self.senders[source])
            batch = await receive(tx, sender, incoming.finish(), Delivery(kind, "ndjson", "upload", as_of))
        await self.files.work()
        async with transaction(TOWN) as tx:
            done = await tx.session.get_one(Batch, batch.id)
        assert (done.state, done.total_rows) == ("done", len(rows)), done.error_detail
        verdicts = "applied", "unchanged", "stale", "conflict", "rejected", "withdrawn"
        return +Counter({name: getattr(done, name) for name in verdicts})

    async def ranked(self, sources: Sequence[str]) -> None:
        """Ranks these for what both of them state."""
        async with transaction(TOWN) as tx:
            await rank_sources(tx, RANKED, sources)


def _event(told: Told) -> dict[str, Any]:
    event = {"specversion": "1.0", "id": f"x-{next(_numbers)}", "source": told.source, "type": told.type}
    return event | {"data": dict(told.data)}


async def two_sources(files: Files, wire: Wire) -> Sources:
    """Two new ones."""
    wires, senders = {}, {}
    async with transaction(TOWN) as tx:
        for _ in range(2):
            source, key = f"source/{next(_numbers)}", new_key()
            sender = await define_sender(tx, source, sopa_mapping(source))
            await add_key(tx, sender.id, key)
            wires[source], senders[source] = Wire(wire.client, key), sender.id
    return Sources(files, wires, senders)


async def enrolled(codes: Sequence[str]) -> None:
    """Persons with these codes, of whom nothing is known."""
    async with transaction(TOWN) as tx:
        for code in codes:
            await register.enrol(tx, PersonDraft(code))


@dataclass(frozen=True)
class Held:
    """What the register holds, in the words of `Believed`."""

    entries: Any
    codes: Any
    facts: Any
    rights: Any
    died: Any
    residence: Any


async def held(sources: Sequence[str], codes: Mapping[str, int]) -> Held:
    """Of these sources, and of the persons with these codes, who are numbered."""
    async with transaction(TOWN) as tx:
        found = {code: await people.find_by_code(tx, code) for code in codes}
        numbers: dict[UUID, int] = {}
        for code, person_id in found.items():
            assert person_id is not None
            numbers[person_id] = min(numbers.get(person_id, codes[code]), codes[code])
        groups = {frozenset(code for code, one in found.items() if one == person_id) for person_id in numbers}
        rows = await tx.session.scalars(select(LedgerRow).where(LedgerRow.source.in_(sources)))
        entries = {(row.source, row.record_id): (row.version, row.op, row.absent_as_of) for row in rows}
        facts = list(await tx.session.scalars(select(Fact).where(_of(sources), Fact.recorded_to.is_(None))))
        persons = {number: await people.get_person(tx, person_id) for person_id, number in numbers.items()}
        died = {number: person.died for number, person in persons.items() if person.died is not None}
        granted = {number: await _granted(tx, person_id) for person_id, number in numbers.items()}
    stated = sorted((*_fact(one), numbers[one.person_id]) for one in facts if one.kind != "residence")
    stays = [(numbers[one.person_id], one.value, one.valid_from, one.valid_to) for one in facts]
    homes = sorted(stay for stay, one in zip(stays, facts, strict=True) if one.kind == "residence")
    return Held(entries, groups, stated, granted, died, homes)


def _of(sources: Sequence[str]) -> Any:
    return Fact.source.in_(sources)


def _fact(one: Fact) -> tuple[Any, ...]:
    days = one.valid_from, one.valid_to
    return one.source, one.record_id, one.version, one.kind, one.value, *days, one.shadowed


async def _granted(tx: Transaction, person_id: UUID) -> dict[str, Days]:
    granted = {one.rule.code: one.periods for one in await rights.entitlements_of(tx, person_id)}
    return {rule: _each_day(periods) for rule, periods in granted.items() if rule in RIGHT.values()}


def _each_day(periods: Periods) -> Days:
    return frozenset().union(*(each(*pair) for pair in zip(periods.edges[::2], periods.edges[1::2], strict=True)))


def spelled(entries: Mapping[Any, LedgerEntry]) -> dict[Any, tuple[int, str, int | None]]:
    """The entries as `Held` has them."""
    return {record: (one.version, one.op.value, one.absent_as_of) for record, one in entries.items()}

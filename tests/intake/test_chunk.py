"""Rows taken many at once leave what the same rows leave that come as events, one by one."""

import asyncio
import json
import random
from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from amis.granting.models import Entitlement, EntitlementLog
from amis.intake import chunk_refused, service
from amis.intake.arrival import Message, open_refused
from amis.intake.authority import authority_of
from amis.intake.chunk import AGAIN, Lot, Row, absences, apply_chunk, withdraw_absent
from amis.intake.models import Arrival, LedgerRow, Quarantined, Sender
from amis.kernel.db import Transaction, transaction
from amis.kernel.ids import new_id
from amis.kernel.models import AuditEntry
from amis.kernel.settings import Settings
from amis.register import service as register
from amis.register import store as people
from amis.register.models import Fact, Person, PersonCode
from amis.register.service import PersonDraft
from rules.period import EMPTY, Days
from sync.mapping import mapping_from_json
from sync.message import BATCHED, read_event
from sync.personal_code import draw_with_birth_date
from sync.rows import FACT
from sync.verdict import RowCode, RowError, Verdict
from tests.intake.wire import SOURCE, TOWN, new_code

CODES = [new_code(), new_code(), new_code(), draw_with_birth_date(random.Random(5), date(1980, 5, 17))]
BIRTHS = ["1980-05-17", "1980-05-17", "1951-01-31", None, None]
NAMES = ["Anna", "Līga Marta", "12345", None]
some = settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@st.composite
def rows(draw: st.DrawFn) -> dict[str, Any]:
    """A row about one of a few persons in one of a few records, good or bad; bad ones are rare."""
    rare = draw(st.integers(0, 9))
    named = {"given_name": draw(st.sampled_from(NAMES)), "birth_date": draw(st.sampled_from(BIRTHS))}
    person = {"code": draw(st.sampled_from(CODES))} | {name: value for name, value in named.items() if value}
    statuses = ["TRUCIGA", "INV1", "PENSIJA", "NEZINAMA" if rare == 0 else "TRUCIGA"]
    return {
        "record_id": draw(st.sampled_from(["A", "B", "C", "D"])),
        "version": draw(st.integers(1, 4)) if rare != 1 else 0,
        "op": draw(st.sampled_from(["upsert", "upsert", "withdraw"])),
        "person": person,
        "status": draw(st.sampled_from(statuses)),
        "valid_from": draw(st.sampled_from(["2026-03-01", "2026-04-01"])),
        "valid_to": draw(st.sampled_from(["2026-05-31", None])),
    } | ({"decision": {"number": "7", "date": "2026-02-01", "authority": "SLP"}} if rare > 7 else {})


def as_event(data: dict[str, Any], number: int) -> dict[str, Any]:
    return {"specversion": "1.0", "id": f"e-{number}", "source": SOURCE, "type": FACT, "data": data}


def as_row(data: dict[str, Any], number: int) -> Row:
    return Row(number, read_event(as_event(data, number)), json.dumps(data).encode())


async def sender_of(tx: Transaction) -> Sender:
    return (await tx.session.scalars(select(Sender).where(Sender.source == SOURCE))).one()


async def lot(tx: Transaction, **more: Any) -> Lot:
    """A batch of the town's social system, with the row that the foreign keys want."""
    sender, batch_id = await sender_of(tx), new_id()
    kind = "delta" if more.get("as_of") is None else "snapshot"
    await tx.session.execute(
        text("""INSERT INTO batch (id, municipality_id, sender_id, actor, kind, via, as_of, format, sha256, size, state,
            received_at, queued_at, raw_key, raw_until) VALUES (:id, :own, :sender, 'test', :kind, 'api', :as_of,
            'ndjson', decode(repeat('00', 32), 'hex'), 0, 'received', :at, :at, '', :at)"""),
        {"id": batch_id, "own": tx.municipality_id, "sender": sender.id, "kind": kind, "as_of": more.get("as_of")}
        | {"at": tx.at},
    )
    mapping = mapping_from_json(sender.mapping)
    fixed = Lot(sender.id, SOURCE, mapping, await authority_of(tx, mapping), batch_id, None, None, None, tx.at)
    return replace(fixed, **more)


async def by_events(tx: Transaction, given: list[dict[str, Any]]) -> Counter[Verdict]:
    sender = await sender_of(tx)
    key_id = await tx.session.scalar(text("SELECT id FROM sender_key"))
    events = [as_event(data, number) for number, data in enumerate(given)]
    message = Message(sender.id, key_id, "m", BATCHED, json.dumps(events).encode())
    lines = await service.take(tx, message, [read_event(event) for event in events])
    return Counter(line.verdict for line in lines)


async def by_chunks(tx: Transaction, given: list[dict[str, Any]], sizes: list[int], **more: Any) -> Counter[Verdict]:
    batch, counts, start = await lot(tx, **more), Counter[Verdict](), 0
    numbered = [as_row(data, number) for number, data in enumerate(given)]
    while start < len(given):
        size = sizes.pop() if sizes else len(given)
        counts += await apply_chunk(tx, batch, numbered[start : start + size])
        start += size
    tx.session.expire_all()
    return counts


@dataclass
class Left:
    """What stands afterwards, without ids and times."""

    ledger: Any
    facts: Any
    persons: Any
    rights: Any
    folded: Any
    arrivals: Any
    refused: Any
    leaves: Any


async def left(tx: Transaction) -> Left:
    codes = await tx.session.scalars(select(PersonCode).order_by(PersonCode.code_index))
    who: dict[UUID | None, Any] = defaultdict(list)
    for code in codes:
        who[code.person_id].append(code.code_index.hex())
    names = {person_id: tuple(found) for person_id, found in who.items()}

    async def all_of(model: Any) -> Any:
        return await tx.session.scalars(select(model).execution_options(populate_existing=True))

    entries = {
        one.record_id: (one.version, one.op, one.digest, names.get(one.person_id), one.absent_as_of, one.code_index)
        for one in await all_of(LedgerRow)
    }
    facts = sorted(
        repr((one.record_id, one.version, one.closed_version, one.kind, one.value, one.valid_from, one.valid_to))
        + repr((names[one.person_id], one.decision, one.shadowed, one.recorded_to is None))
        for one in await all_of(Fact)
    )
    persons = sorted((names[one.id], str(one.born), people.name_of(one)) for one in await all_of(Person))
    rights = {(names[one.person_id], one.rule_id): one.periods for one in await all_of(Entitlement)}
    folded: dict[Any, Days] = defaultdict(lambda: EMPTY)
    for one in sorted(await all_of(EntitlementLog), key=lambda one: one.id):
        key = names[one.person_id], one.rule_id
        assert not folded[key] & one.gained
        assert one.lost <= folded[key]
        folded[key] = (folded[key] | one.gained) - one.lost
    arrivals = [
        (one.record_id, one.version, one.type, one.verdict, one.error_code, one.error_pointer)
        for one in sorted(await all_of(Arrival), key=lambda one: (one.row_no or 0, one.id))
        if one.verdict not in ("unchanged", "stale")
    ]
    refused = Counter([_data(open_refused(one)) for one in await all_of(Quarantined)])
    leaves = Counter([one.action for one in await all_of(AuditEntry) if one.action.startswith("fact.")])
    held = {key: days for key, days in folded.items() if days}
    return Left(entries, facts, persons, rights, held, arrivals, refused, leaves)


def _data(content: bytes) -> str:
    read = json.loads(content)
    return json.dumps(read.get("data", read), sort_keys=True)


@some
@given(st.lists(rows(), min_size=1, max_size=12), st.lists(st.integers(1, 5)), st.sampled_from([None, 1, 2]))
async def test_events_and_chunks_of_any_size_end_alike(
    database: Settings, given: list[dict[str, Any]], sizes: list[int], floor: int | None
) -> None:
    async with transaction(TOWN) as tx:
        whole = await tx.session.begin_nested()
        (await sender_of(tx)).snapshot_as_of = floor
        await register.enrol(tx, PersonDraft(CODES[1]))
        outcomes = []
        for at_once in (False, True):
            attempt = await tx.session.begin_nested()
            counts = await (by_chunks(tx, given, list(sizes), floor=floor) if at_once else by_events(tx, given))
            assert counts.total() == len(given)
            outcomes.append((counts, await left(tx)))
            await attempt.rollback()
            tx.session.expunge_all()
        await whole.rollback()
    assert outcomes[0] == outcomes[1]
    assert outcomes[0][1].rights == outcomes[0][1].folded


def stated(record: str, version: int, code: str, **more: Any) -> dict[str, Any]:
    """A needy person of the town."""
    person = {"code": code, "birth_date": "1980-05-17"}
    usual = {"record_id": record, "version": version, "op": "upsert", "person": person, "status": "TRUCIGA"}
    return usual | {"valid_from": "2026-03-01", "valid_to": "2026-05-31"} | more


async def names_of(tx: Transaction, batch: Lot, records: list[str]) -> None:
    """What the importer's first pass remembers of a snapshot."""
    await tx.session.execute(
        text("INSERT INTO batch_record SELECT :batch, :own, unnest(CAST(:names AS text[]))"),
        {"batch": batch.batch_id, "own": tx.municipality_id, "names": records},
    )


async def snapshot(tx: Transaction, as_of: int, given: list[dict[str, Any]]) -> tuple[Counter[Verdict], int]:
    """A snapshot of the whole, as the importer takes it: its rows, the floor, what it does not name in steps of one."""
    batch = await lot(tx, as_of=as_of)
    await names_of(tx, batch, [data["record_id"] for data in given])
    counts = await apply_chunk(tx, batch, [as_row(data, number) for number, data in enumerate(given, 1)])
    (await sender_of(tx)).snapshot_as_of = as_of
    gone = (await absences(tx, batch)).count
    for _ in range(gone):
        assert await withdraw_absent(tx, batch, 1) == 1
    assert await withdraw_absent(tx, batch, 10) == 0
    tx.session.expire_all()
    return counts, gone


async def standing(tx: Transaction) -> dict[str, tuple[int, str, int | None]]:
    return {
        one.record_id: (one.version, one.op, one.absent_as_of) for one in await tx.session.scalars(select(LedgerRow))
    }


async def test_what_a_snapshot_does_not_name_is_withdrawn_unless_it_is_newer(database: Settings) -> None:
    codes = [new_code() for _ in range(4)]
    first = [stated(record, number, codes[number]) for number, record in enumerate("ABC", 1)]
    async with transaction(TOWN) as tx:
        assert await by_chunks(tx, first, []) == {Verdict.APPLIED: 3}
    async with transaction(TOWN) as tx:
        assert await snapshot(tx, 2, [first[0]]) == ({Verdict.UNCHANGED: 1}, 1)
        assert await standing(tx) == {"A": (1, "upsert", None), "B": (2, "withdraw", 2), "C": (3, "upsert", None)}
        closed = (await tx.session.scalars(select(Fact).where(Fact.record_id == "B"))).one()
        gone = (await tx.session.scalars(select(Arrival).where(Arrival.row_no.is_(None)))).one()
        assert len((await left(tx)).rights) == 2
    assert closed.closed_version == closed.version == 2
    assert (gone.record_id, gone.verdict, gone.event_id) == ("B", "applied", None)


async def test_what_a_later_snapshot_names_again_stands_again_under_its_version(database: Settings) -> None:
    codes = [new_code() for _ in range(2)]
    rows = [stated(record, 1, code) for record, code in zip("AB", codes, strict=True)]
    for as_of, named, counts in ((1, rows, (2, 0)), (2, rows[:1], (0, 1)), (5, rows, (1, 0))):
        async with transaction(TOWN) as tx:
            told, gone = await snapshot(tx, as_of, named)
            assert (told[Verdict.APPLIED], gone) == counts
    async with transaction(TOWN) as tx:
        assert await standing(tx) == {"A": (1, "upsert", None), "B": (1, "upsert", None)}
        assert await by_events(tx, [rows[1], stated("B", 4, codes[1])]) == {Verdict.UNCHANGED: 1, Verdict.APPLIED: 1}
    async with transaction(TOWN) as tx:
        assert await by_events(tx, [stated("B", 6, codes[1], op="withdraw")]) == {Verdict.APPLIED: 1}
        ended = await left(tx)
    assert len(ended.rights) == 1
    assert ended.rights == ended.folded


async def test_absences_are_counted_and_sampled_and_other_records_are_not_asked(database: Settings) -> None:
    codes = [new_code() for _ in range(3)]
    died = {"record_id": "D", "version": 1, "op": "upsert", "person": {"code": codes[0]}, "died_on": "2026-04-01"}
    async with transaction(TOWN) as tx:
        await by_chunks(tx, [stated(record, 1, code) for record, code in zip("ABC", codes, strict=True)], [])
        sender, key_id = await sender_of(tx), await tx.session.scalar(text("SELECT id FROM sender_key"))
        event = as_event(died, 1) | {"type": "person.died.v1"}
        message = Message(sender.id, key_id, "m", BATCHED, json.dumps([event]).encode())
        assert [line.verdict for line in await service.take(tx, message, [read_event(event)])] == [Verdict.APPLIED]
        batch = await lot(tx, as_of=1)
        await names_of(tx, batch, ["B"])
        gone = await absences(tx, batch)
    assert (gone.count, gone.standing, gone.sample) == (2, 3, ("A", "C"))


async def test_provenance_leads_to_batch_row_and_sender(database: Settings) -> None:
    code, machine = new_code(), new_id()
    async with transaction(TOWN) as tx:
        batch = await lot(tx, key_id=machine)
        await apply_chunk(tx, batch, [as_row(stated("A", 1, code), 41)])
        fact = (await tx.session.scalars(select(Fact))).one()
        arrival = (await tx.session.scalars(select(Arrival))).one()
        log = (await tx.session.scalars(select(EntitlementLog))).one()
    event = f"{batch.batch_id}:41"
    assert fact.provenance == {
        "event": event,
        "type": FACT,
        "key": str(machine),
        "arrival": str(arrival.id),
        "batch": str(batch.batch_id),
        "row": 41,
    }
    assert (arrival.event_id, arrival.batch_id, arrival.row_no) == (event, batch.batch_id, 41)
    assert (arrival.sender_id, arrival.received_at) == (batch.sender_id, batch.received_at)
    assert (log.cause, log.cause_ref) == ("notice", f"{SOURCE} {event}")


async def test_a_bad_row_is_kept_and_stops_no_good_one(database: Settings) -> None:
    broken = Row(2, RowError(RowCode.SCHEMA_UNSUPPORTED, "", "x:2"), b"{not json")
    async with transaction(TOWN) as tx:
        batch = await lot(tx)
        good = [as_row(stated(record, 1, new_code()), number) for number, record in ((1, "A"), (3, "B"))]
        assert await apply_chunk(tx, batch, [good[0], broken, good[1]]) == {Verdict.APPLIED: 2, Verdict.REJECTED: 1}
        [kept] = await tx.session.scalars(select(Quarantined))
        arrival = await tx.session.get(Arrival, kept.arrival_id)
    assert open_refused(kept) == b"{not json"
    assert (kept.content_type, kept.batch_id, kept.row_no) == ("application/x-amis-row", batch.batch_id, 2)
    assert arrival is not None
    assert (arrival.verdict, arrival.error_code, arrival.record_id) == ("rejected", "schema.unsupported", None)


async def test_only_the_first_refused_rows_of_a_batch_are_kept_singly(
    database: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunk_refused, "MOST", 3)
    bad = [as_row(stated(f"R{number}", 1, new_code(), status="NEZINAMA"), number) for number in range(1, 6)]
    async with transaction(TOWN) as tx:
        batch = await lot(tx)
        for chunk in (bad[:2], bad[2:]):
            await apply_chunk(tx, batch, chunk)
        kept = [one.row_no for one in await tx.session.scalars(select(Quarantined).order_by(Quarantined.row_no))]
        refused = (await tx.session.scalars(select(Arrival))).all()
    assert kept == [1, 2, 3]
    assert len(refused) == 5


@pytest.mark.parametrize(("records", "people_met"), [("AB", 1), ("AA", 2)])
async def test_who_comes_in_between_makes_the_chunk_begin_anew(
    database: Settings, records: str, people_met: int
) -> None:
    """Two chunks at once about one new person, and about one record of two persons."""
    codes = [new_code() for _ in range(people_met)] * 2
    met, again = asyncio.Barrier(2), []

    async def taken(record: str, code: str) -> Counter[Verdict]:
        while True:
            try:
                async with transaction(TOWN) as tx:
                    counts = await apply_chunk(tx, await lot(tx), [as_row(stated(record, 1, code), 1)])
                    with suppress(TimeoutError, asyncio.BrokenBarrierError):
                        await asyncio.wait_for(met.wait(), 0.2)
            except AGAIN as error:
                again.append(error)
            else:
                return counts

    counts = await asyncio.gather(taken(records[0], codes[0]), taken(records[1], codes[1]))
    verdicts = Counter[Verdict]() + counts[0] + counts[1]
    async with transaction(TOWN) as tx:
        persons = (await tx.session.scalars(select(Person))).all()
        assert set(await standing(tx)) == set(records)
    assert again
    assert len(persons) == 1
    assert verdicts == ({Verdict.APPLIED: 2} if records == "AB" else {Verdict.APPLIED: 1, Verdict.CONFLICT: 1})

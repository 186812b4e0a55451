"""Batches on their way through the worker: every row has its verdict, bad files and doubtful snapshots stop in time."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from psycopg import AsyncConnection

from amis.intake import batch_lease, reading_ahead
from amis.intake.batch_lease import LeaseLost
from amis.intake.batch_store import newest
from amis.intake.batch_work import taken_up
from amis.intake.batches import STUCK, Delivery, cancel, lock, receive
from amis.intake.checking import is_mass_change
from amis.intake.errors import BatchDecided
from amis.intake.importing import import_next
from amis.intake.raw_files import Incoming
from amis.intake.reading_ahead import Ahead
from amis.intake.senders import define_sender
from amis.intake.store import senders
from amis.kernel import clock
from amis.kernel.db import transaction
from amis.kernel.ids import new_id
from sync.rows import RawRow
from sync.sopa import sopa_mapping
from tests.intake.files import Files, audited, counted, ledger, ndjson, row, zipped
from tests.intake.wire import READER, STALE, TOWN, Wire, new_code, of_person, rights


def people(count: int) -> list[dict[str, Any]]:
    """So many rows, each of a record and a person of its own."""
    return [row(f"S-{number:03}", number, new_code()) for number in range(1, count + 1)]


async def test_every_row_has_a_verdict_and_bad_ones_stop_no_good_one(files: Files) -> None:
    code, other = new_code(), new_code()
    batch = await files.deliver(
        row("S-1", 2, code),
        b"this is no JSON",
        row("S-1", 1, code),
        row("S-1", 2, code),
        row("S-1", 2, code, status="REPR"),
        row("S-2", 1, other, status="XYZ"),
        row("S-3", 1, other, valid_to="2026-02-01"),
        row("S-4", 1, other),
    )
    assert batch["counts"] == counted(applied=2, stale=1, unchanged=1, conflict=1, rejected=3)
    assert (batch["total_rows"], batch["next_row"]) == (8, 8)
    told = [(line["row"], line["verdict"], line["code"]) for line in await files.rows(batch)]
    assert told == [
        (1, "applied", None),
        (2, "rejected", "schema.unsupported"),
        (5, "conflict", "version.conflict"),
        (6, "rejected", "status.unknown"),
        (7, "rejected", "valid.reversed"),
        (8, "applied", None),
    ]
    assert await ledger() == {"S-1": (2, "upsert", None), "S-4": (1, "upsert", None)}


UNREADABLE: list[tuple[bytes, dict[str, str], str, str]] = [
    (ndjson(row("S-1", 1, "32345678901"), "{Bērziņa".encode("cp1257")), {}, "encoding.invalid", "line 2: "),
    (ndjson(row("S-1", 1, "32345678901"), b"x" * 70_000), {}, "line.too_long", "line 2: "),
    (b"record_id,version,income\nS-1,1,312\n", {"content-type": "text/csv"}, "columns.mismatch", "line 1: "),
    (
        zipped(ndjson(*[row(f"S-{n}", 1, "32345678901") for n in range(99)]))[0][:-9],
        {},
        "gzip.truncated",
        "after byte ",
    ),
    (ndjson(row("S-1", 1, "32345678901")), {"content-encoding": "gzip"}, "gzip.invalid", "before byte "),
]


async def test_an_unreadable_file_is_refused_whole_and_kept(files: Files) -> None:
    for content, headers, code, place in UNREADABLE:
        packed = {"content-encoding": "gzip"} if code.startswith("gzip") else {}
        batch = await files.deliver_file(content, headers=headers | packed)
        assert (batch["state"], batch["error"]["code"], batch["counts"]) == ("refused", code, counted())
        assert batch["error"]["detail"].startswith(place)
        assert (files.folder / f"{batch['id']}.sealed").stat().st_size > len(content)
    assert await ledger() == {}


async def test_a_file_that_was_changed_on_disk_is_not_taken(files: Files) -> None:
    answer = await files.post(ndjson(*people(1)))
    sealed = files.folder / f"{answer.json()['id']}.sealed"
    sealed.write_bytes(sealed.read_bytes()[:-1] + b"\0")
    await files.work()
    batch = await files.told(answer.headers["location"])
    assert (batch["state"], batch["error"]["code"]) == ("refused", "file.damaged")


async def test_a_snapshot_withdraws_what_it_does_not_name_and_nothing_newer(files: Files, wire: Wire) -> None:
    first, second, third, late = (new_code() for _ in range(4))
    rows = [row("S-1", 1, first), row("S-2", 2, second), row("S-3", 9, third)]
    await files.deliver(*rows)
    bad = row("S-2", 2, second, status="XYZ")
    taken = await files.deliver(rows[0], bad, kind="snapshot", as_of=5)
    # a record that is named keeps its right, also where its row is bad
    assert taken["counts"] == counted(unchanged=1, rejected=1)
    taken = await files.deliver(rows[0], kind="snapshot", as_of=6)
    assert taken["counts"] == counted(unchanged=1, withdrawn=1)
    assert await ledger() == {"S-1": (1, "upsert", None), "S-2": (2, "withdraw", 6), "S-3": (9, "upsert", None)}
    assert [bool(await rights(code)) for code in (first, second, third)] == [True, False, True]
    # what was sent before the snapshot and comes after it changes nothing, by whichever way
    assert await wire.send(of_person(late, "S-4", 4)) == [STALE]
    assert (await files.deliver(row("S-2", 6, second)))["counts"] == counted(stale=1)
    again = await files.deliver(*rows, kind="snapshot", as_of=6)
    assert (again["state"], again["counts"]) == ("done", counted(stale=3))
    assert (await files.deliver(*rows[:2], kind="snapshot", as_of=7))["counts"] == counted(unchanged=1, applied=1)
    assert await rights(second) != {}


@pytest.mark.parametrize(
    ("withdrawn", "standing", "held"), [(50, 60, False), (51, 60, True), (100, 5_000, False), (101, 5_000, True)]
)
def test_a_mass_change_is_more_than_fifty_and_more_than_a_fiftieth(withdrawn: int, standing: int, held: bool) -> None:
    assert is_mass_change(withdrawn, standing) is held


async def test_a_snapshot_that_withdraws_too_much_is_held_and_changes_nothing(files: Files) -> None:
    rows = people(54)
    await files.deliver(*rows)
    before = await ledger()
    held = await files.deliver(*rows[:3], row("S-900", 60, new_code()), kind="snapshot", as_of=60)
    assert (held["state"], held["counts"], held["next_row"]) == ("held", counted(), 0)
    sample = held["diff"].pop("sample")
    assert sample[:2] == ["S-004", "S-005"]
    assert held["diff"].pop("losses") == [{"fact": "needy", "value": "yes", "records": 51, "persons": 51}]
    assert held["diff"] == {"withdrawn": 51, "standing": 54, "rows": 4, "unnamed": 0}
    assert await ledger() == before
    # others are not stopped by it
    assert (await files.deliver(row("S-001", 70, rows[0]["person"]["code"])))["counts"] == counted(applied=1)
    assert await audited(held["id"]) == ["notice_batch.receive", "notice_batch.hold"]


async def test_batches_of_one_sender_are_taken_in_their_order_by_one_worker_at_a_time(
    files: Files, worker_connection: AsyncConnection
) -> None:
    ids = [(await files.post(ndjson(row("S-1", 1, new_code())))).json()["id"] for _ in range(2)]
    first = await batch_lease.claim(worker_connection)
    assert first is not None
    assert str(first.id) == ids[0]
    assert await batch_lease.claim(worker_connection) is None
    work = await taken_up(worker_connection, first, files.folder)
    with clock.moved(clock.now() + timedelta(minutes=2)):
        # its worker is dead, or was away for too long: another has the batch now
        second = await batch_lease.claim(worker_connection)
        assert second is not None
        assert (second.id, second.attempts) == (first.id, 2)
        with pytest.raises(LeaseLost):
            await work.renew()
        with pytest.raises(LeaseLost):
            async with work.transaction():
                raise AssertionError("the lease of another")
    await files.work()
    assert (await files.told(f"/sync/v1/batches/{ids[1]}"))["state"] == "received"
    with clock.moved(clock.now() + timedelta(minutes=4)):
        await files.work()
    assert [(await files.told(f"/sync/v1/batches/{one}"))["state"] for one in ids] == ["done", "done"]


async def test_the_batch_of_a_dead_worker_is_taken_over_at_once(
    files: Files, worker_connection: AsyncConnection, connect_worker: Callable[[], Awaitable[AsyncConnection]]
) -> None:
    await files.post(ndjson(row("S-1", 1, new_code())))
    dying = await connect_worker()
    first = await batch_lease.claim(dying)
    assert first is not None
    assert await batch_lease.claim(worker_connection) is None
    await dying.close()
    second = None
    while second is None:
        # the server ends a connection in its own time
        second = await batch_lease.claim(worker_connection)
    assert (second.id, second.attempts) == (first.id, 2)
    assert second.lease != first.lease


async def test_a_worker_that_reads_for_long_goes_on_holding_its_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = threading.Event()

    async def renew() -> None:
        heard.set()

    def rows() -> Iterator[RawRow]:
        assert heard.wait(10)
        yield RawRow(1, b"{}")

    monkeypatch.setattr(reading_ahead, "_SILENCE", 0.01)
    ahead = Ahead(rows(), len, 5, renew)
    assert [await ahead.take(), await ahead.take()] == [(1, 1), (0, 0)]
    await ahead.close()


async def test_workers_that_look_at_once_never_get_the_same_batch(
    files: Files, connect_worker: Callable[[], Awaitable[AsyncConnection]]
) -> None:
    async with transaction(TOWN) as tx:
        for number in range(6):
            sender = await define_sender(tx, "Another", sopa_mapping(f"other/{number}"))
            for _ in range(2):
                incoming = Incoming(files.folder, new_id())
                await receive(tx, sender, incoming.finish(), Delivery("delta", "ndjson", "upload"))
    workers = [await connect_worker() for _ in range(4)]
    taken = [one for _ in range(4) for one in await asyncio.gather(*(batch_lease.claim(worker) for worker in workers))]
    for worker in workers:
        await worker.close()
    # one of each sender, each given out once
    assert len({one.id for one in taken if one}) == sum(one is not None for one in taken) == 6


async def test_a_batch_that_fails_is_taken_up_again_later(files: Files) -> None:
    answer = await files.post(ndjson(*people(1)))
    sealed = files.folder / f"{answer.json()['id']}.sealed"
    sealed.chmod(0)
    sealed.rename(sealed.with_suffix(".away"))
    sealed.mkdir()
    assert await import_next(files.worker, files.folder)
    assert (await files.told(answer.headers["location"]))["state"] == "checking"
    assert not await import_next(files.worker, files.folder)
    sealed.rmdir()
    sealed.with_suffix(".away").rename(sealed)
    with clock.moved(clock.now() + timedelta(seconds=3)):
        await files.work()
    assert (await files.told(answer.headers["location"]))["counts"] == counted(applied=1)


async def test_a_suspended_sender_waits(files: Files) -> None:
    answer = await files.post(ndjson(*people(1)))
    batch = answer.headers["location"]

    async def becomes(state: str) -> None:
        async with transaction(TOWN) as tx:
            (await senders(tx))[0].state = state
        await files.work()

    await becomes("suspended")
    assert (await files.post(ndjson(*people(1)))).json()["code"] == "machine_sends_nothing"
    async with transaction(TOWN) as tx:
        assert (await newest(tx))[0].state == "received"
    await becomes("active")
    assert (await files.told(batch))["state"] == "done"


async def test_what_was_not_begun_can_be_cancelled(files: Files) -> None:
    answer = await files.post(ndjson(*people(1)))
    async with transaction(READER) as tx:
        batch = await cancel(tx, answer.json()["id"], "the wrong file")
    await files.work()
    assert (await files.told(answer.headers["location"]))["state"] == "cancelled"
    assert await audited(batch.id) == ["notice_batch.receive", "notice_batch.cancel"]
    with pytest.raises(BatchDecided):
        async with transaction(READER) as tx:
            await cancel(tx, batch.id, "once more")


async def test_only_a_batch_that_is_stuck_can_be_given_up_half_way(files: Files) -> None:
    answer = await files.post(ndjson(*people(1)))

    async def give_up(attempts: int) -> str:
        async with transaction(READER) as tx:
            batch = await lock(tx, answer.json()["id"])
            batch.state, batch.attempts = "applying", attempts
            await tx.session.flush()
            return (await cancel(tx, batch.id, "its file is damaged")).state

    with pytest.raises(BatchDecided):
        await give_up(STUCK - 1)
    assert await give_up(STUCK) == "cancelled"
    assert (await files.deliver(row("S-1", 1, new_code())))["state"] == "done"

"""Heartbeats, the health of a sender, and the canary by the real door."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg import AsyncConnection
from sqlalchemy import text

from amis.intake import canary, overview, senders, store
from amis.intake.api import router
from amis.intake.freshness import STAGES, Watch, forget, freshness
from amis.intake.heartbeat import Health, health
from amis.intake.jobs import freshness_jobs
from amis.kernel import clock
from amis.kernel.actor import system
from amis.kernel.db import transaction
from amis.kernel.keys import keystore
from amis.kernel.settings import Settings
from amis.validating.publisher import Publisher
from tests.browser import serving
from tests.concessions.doors import application
from tests.intake.wire import APPLIED, READER, STALE, TOWN, UNCHANGED, Wire, counted, event
from tests.outbound.sink import sink

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
THE_STATE = system("test", 1)


@pytest.mark.parametrize(
    ("every", "ago", "how"),
    [
        (None, None, Health.OK),
        (None, timedelta(days=300), Health.OK),
        (HOUR, None, Health.SILENT),
        (HOUR, HOUR, Health.OK),
        (HOUR, HOUR + timedelta(seconds=1), Health.LATE),
        (HOUR, 3 * HOUR, Health.LATE),
        (HOUR, 3 * HOUR + timedelta(seconds=1), Health.SILENT),
    ],
)
def test_a_source_is_late_and_then_silent_where_something_was_expected(
    every: timedelta | None, ago: timedelta | None, how: Health
) -> None:
    assert health(NOON, every, None if ago is None else NOON - ago) is how


def beat(sequence: int, **more: Any) -> dict[str, Any]:
    return event("source.heartbeat.v1", record_id=..., version=..., op=..., sequence=sequence, **more)


async def test_the_newest_heartbeat_says_how_much_is_pending_and_late_ones_do_not_count(wire: Wire) -> None:
    assert await wire.send(beat(7, pending=40), beat(6, pending=50), beat(7, pending=40)) == [APPLIED, STALE, UNCHANGED]
    async with transaction(TOWN) as tx:
        [seen] = await overview.sender_health(tx)
    assert (seen.pending, seen.heartbeat_at == seen.heard_at, seen.health) == (40, True, Health.OK)
    assert await counted("notice") == 0


async def test_a_source_that_counts_anew_after_a_silence_is_believed(wire: Wire) -> None:
    assert await wire.send(beat(900)) == [APPLIED]
    assert await wire.send(beat(1)) == [STALE]
    with clock.moved(clock.now() + timedelta(minutes=6)):
        assert await wire.send(beat(1, pending=3)) == [APPLIED]


async def test_a_sender_of_whom_a_heartbeat_is_expected_shows_as_silent(wire: Wire) -> None:
    await wire.send(beat(1))
    async with transaction(TOWN) as tx:
        await tx.session.execute(text("UPDATE sender SET expect_every = '10 minutes'"))
    for later, how in ((9, Health.OK), (11, Health.LATE), (31, Health.SILENT)):
        with clock.moved(clock.now() + timedelta(minutes=later)):
            async with transaction(TOWN) as tx:
                [seen] = await overview.sender_health(tx)
        assert seen.health is how


@pytest.fixture
async def door(database: Settings) -> AsyncIterator[Settings]:
    """The intake behind a server; settings that name it."""
    async with serving(application(READER, router)) as address:
        yield database.model_copy(update={"public_url": address})


async def fresh() -> Any:
    async with transaction(TOWN) as tx:
        return await freshness(tx)


async def test_a_canary_comes_in_by_the_door_and_is_followed_until_it_is_numbered(
    door: Settings, worker_connection: AsyncConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(canary, "FOLLOWED", timedelta(seconds=0.5))
    assert await fresh() is None
    await canary.fly(door, worker_connection)
    first = await fresh()
    assert (first.number, first.error, first.live) == (1, None, None)
    assert [stage.last is None for stage in first.stages] == [False, False, True, True]
    publisher = Publisher(keystore(), door.public_url)
    while await publisher.look(worker_connection, clock.now()) is not None:
        pass
    await canary._follow(worker_connection, 1)
    then = await fresh()
    assert (then.number, then.live, then.holding) == (1, 0, 0)
    assert [stage.last is None for stage in then.stages] == [False, False, False, True]
    await canary.fly(door, worker_connection)
    async with transaction(THE_STATE) as tx:
        [sender] = await store.senders(tx)
        assert (sender.source, sender.heartbeat_at is not None, sender.pending) == ("canary", True, 0)
        assert await tx.session.scalar(text("SELECT status FROM canary_entry")) == 0
        assert await tx.session.scalar(text("SELECT count(*) FROM status_change WHERE seq IS NULL")) == 1
    # nobody and nothing is counted, and the towns see nothing of it
    for table in ("person", "fact", "token", "notice", "notice_arrival", "quarantine"):
        assert await counted(table) == 0


async def test_the_list_of_the_canary_never_gets_a_token(door: Settings, worker_connection: AsyncConnection) -> None:
    async with transaction(THE_STATE) as tx:
        await canary.turn(tx, 1)
        await canary.turn(tx, 2)
        rows = await tx.session.execute(
            text("SELECT cohort FROM status_list JOIN canary_entry ON status_list.id = status_list")
        )
        assert rows.scalars().all() == ["canary"]
        assert await tx.session.scalar(text("SELECT count(*) FROM canary_entry")) == 1


async def test_a_canary_that_does_not_get_in_says_why(
    door: Settings, database: Settings, worker_connection: AsyncConnection
) -> None:
    away = database.model_copy(update={"canary_url": "http://127.0.0.1:1"})
    await canary.fly(away, worker_connection)
    assert (await fresh()).error.startswith("ConnectError")
    async with sink() as elsewhere:
        elsewhere.answers = [200]
        await canary.fly(database.model_copy(update={"canary_url": f"{elsewhere.url}?"}), worker_connection)
    assert (await fresh()).error == "the answer is not of this service"
    async with transaction(THE_STATE) as tx:
        [key] = [key for key in await store.sealed_keys(tx) if key.source == "canary"]
        assert senders.key_text(key).startswith("whsec_")
        await tx.session.execute(text("UPDATE sender SET heartbeat_seq = 1000, heartbeat_at = :at"), {"at": tx.at})
    await canary.fly(door, worker_connection)
    assert (await fresh()).error == "verdict stale"
    async with transaction(THE_STATE) as tx:
        await tx.session.execute(text("UPDATE sender SET state = 'suspended'"))
    await canary.fly(door, worker_connection)
    assert (await fresh()).number == 3


async def test_the_hour_is_summed_up_by_stage_and_a_week_is_kept(
    database: Settings, worker_connection: AsyncConnection
) -> None:
    insert = """
        INSERT INTO freshness (sent_at, received_at, applied_at, sequenced_at, acked_at)
        SELECT sent, sent + d, sent + d, sent + 2 * d, CASE WHEN mod(n, 2) = 0 THEN sent + 3 * d END
        FROM (SELECT %s - n * interval '1 minute', n * interval '1 second', n FROM generate_series(0, %s) AS n)
            AS each (sent, d, n)
        ORDER BY n DESC
    """
    now = clock.now()
    await worker_connection.execute(insert, (now - timedelta(minutes=1), 50))
    await worker_connection.execute(insert, (now - timedelta(days=8), 3))
    await forget(worker_connection)
    await worker_connection.execute(insert, (now, 0))
    seen = await fresh()
    assert [stage.name for stage in seen.stages] == list(STAGES)
    assert [stage.count for stage in seen.stages] == [52, 52, 52, 27]
    assert [stage.p50.total_seconds() for stage in seen.stages] == [24, 24, 48, 72]
    assert [stage.p99.total_seconds() for stage in seen.stages] == [50, 50, 100, 150]
    assert [stage.last for stage in seen.stages] == [timedelta(0)] * 4


async def test_the_state_alone_has_a_canary(database: Settings, worker_connection: AsyncConnection) -> None:
    names = [job.name for job in freshness_jobs(database)]
    assert names == ["intake.freshness", "intake.canaries", "intake.canary"]
    off = database.model_copy(update={"canary": False})
    assert [job.name for job in freshness_jobs(off)] == names[:2]
    await Watch().look(worker_connection)

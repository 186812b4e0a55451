"""Partitions before they are needed, and replay keys forgotten."""

from datetime import datetime, timedelta

from psycopg import AsyncConnection

from amis.kernel import clock
from amis.validating.jobs import forget_notes, forget_presentations, forget_versions, make_partitions
from tests.validating.carried import Carried, Press
from tests.validating.town import Town


async def partitions(db: AsyncConnection) -> list[tuple[str, bool, bool, bool]]:
    found = await db.execute(
        "SELECT part.relname, part.relrowsecurity, part.relforcerowsecurity,"
        " EXISTS (SELECT FROM aclexplode(part.relacl) AS given WHERE given.grantee <> part.relowner)"
        " FROM pg_inherits JOIN pg_class AS part ON part.oid = inhrelid WHERE inhparent = 'use'::regclass"
        " ORDER BY 1"
    )
    return await found.fetchall()  # type: ignore[return-value]  # rows of these four columns


async def test_partitions_are_made_three_months_ahead(
    worker_connection: AsyncConnection, owner_connection: AsyncConnection
) -> None:
    with clock.moved(datetime.fromisoformat("2031-11-15T12:00:00+00:00")):
        await make_partitions(worker_connection)
        await make_partitions(worker_connection)
    made = [name for name, *_ in await partitions(owner_connection) if name >= "use_2031"]
    assert made == ["use_2031_11", "use_2031_12", "use_2032_01", "use_2032_02", "use_default"]


async def test_every_partition_is_guarded_and_granted_to_nobody(owner_connection: AsyncConnection) -> None:
    found = await partitions(owner_connection)
    assert len(found) >= 5
    assert {row[1:] for row in found} == {(True, True, False)}


async def test_dead_replay_keys_are_forgotten(
    worker_connection: AsyncConnection, owner_connection: AsyncConnection
) -> None:
    now = clock.now()
    for key, at in ((b"old", now - timedelta(days=8, minutes=1)), (b"new", now)):
        await owner_connection.execute("INSERT INTO seen VALUES (%s, %s)", (key, at))
    await forget_presentations(worker_connection)
    assert await (await owner_connection.execute("SELECT replay_key FROM seen")).fetchall() == [(b"new",)]


async def test_a_terminal_that_was_away_for_two_days_still_follows_and_after_a_week_takes_the_whole(
    town: Town, worker_connection: AsyncConnection
) -> None:
    await town.add_terminal()
    press, holder = Press(worker_connection), await town.add_holder()
    await press.run()
    away, gone = Carried(town.provider), Carried(town.provider)
    for carried in (away, gone):
        await carried.follow(press.at)
    for hours, follower in ((48, away), (168, gone)):
        await town.db.execute(
            "UPDATE token SET status = CASE status WHEN 0 THEN 3 ELSE 0 END, rights_changed = status = 0 WHERE id = %s",
            (holder.token,),
        )
        await press.run(timedelta(hours=hours))
        with clock.moved(press.at):
            await forget_versions(worker_connection)
        follower.deltas = 0
        await follower.follow(press.at)
        assert follower.holding.seq == press.publisher.now.seq
        assert follower.holding.status(1, holder.index) == (3 if follower is away else 0)
    assert (away.deltas, gone.deltas) == (1, 0)
    found = await town.db.execute("SELECT count(DISTINCT (kind, name)), count(*) FROM bundle_part")
    assert await found.fetchone() == (4, 4)


async def test_of_the_published_notes_of_a_token_the_last_one_stays(
    town: Town, worker_connection: AsyncConnection
) -> None:
    await town.add_terminal()
    press, holder, other = Press(worker_connection), await town.add_holder(), await town.add_holder()
    await press.run()
    changed = "UPDATE token SET status = 3 - status, rights_changed = status = 0 WHERE id = %s"
    for token in (holder.token, holder.token, other.token, holder.token):
        await town.db.execute(changed, (token,))
        await press.run()
    await forget_notes(worker_connection)
    assert len(await _noted(town)) == 4
    with clock.moved(clock.now() + timedelta(days=4)):
        await forget_notes(worker_connection)
    assert await _noted(town) == [(other.token, 3), (holder.token, 3)]


async def _noted(town: Town) -> list[tuple[object, ...]]:
    return await (await town.db.execute("SELECT token_id, status FROM status_change ORDER BY id")).fetchall()

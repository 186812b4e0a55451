"""Partitions before they are needed, and replay keys forgotten."""

from datetime import datetime, timedelta

from psycopg import AsyncConnection

from amis.kernel import clock
from amis.validating.jobs import forget_presentations, make_partitions


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
    for key, at in ((b"old", now - timedelta(minutes=11)), (b"new", now)):
        await owner_connection.execute("INSERT INTO seen VALUES (%s, %s)", (key, at))
    await forget_presentations(worker_connection)
    assert await (await owner_connection.execute("SELECT replay_key FROM seen")).fetchall() == [(b"new",)]

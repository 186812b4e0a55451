"""What the worker forgets of its own doing."""

from psycopg import AsyncConnection

from amis.kernel.jobs import forget_done


async def test_what_was_done_long_ago_is_forgotten_and_what_is_open_is_not(
    owner_connection: AsyncConnection, worker_connection: AsyncConnection
) -> None:
    await owner_connection.execute("INSERT INTO municipality VALUES (2, 'JLG', 'a', 'a')")
    ago = ["31 days", "29 days", None]
    await owner_connection.execute(
        "INSERT INTO outbox (municipality_id, topic, key, payload, created_at, due_at, done_at)"
        " SELECT 2, 'x', 'x', '{}', '2020-01-01', '2020-01-01', now() - ago FROM unnest(%s::interval[]) AS ago",
        (ago,),
    )
    await owner_connection.execute(
        "INSERT INTO job_run (job, slot, started_at, ended_at)"
        " SELECT 'x', now() - coalesce(ago, '90 days'), '2020-01-01', now() - ago FROM unnest(%s::interval[]) AS ago",
        (ago,),
    )
    await forget_done(worker_connection)
    for statement in (
        "SELECT done_at IS NULL FROM outbox ORDER BY 1",
        "SELECT ended_at IS NULL FROM job_run ORDER BY 1",
    ):
        assert await (await owner_connection.execute(statement)).fetchall() == [(False,), (True,)]

"""`amis seed lv`."""

from psycopg import AsyncConnection

from tests.cli.conftest import Amis

CONTENT = (
    "SELECT (SELECT count(*) FROM municipality), (SELECT count(*) FROM concession), (SELECT count(*) FROM grant_rule),"
    " (SELECT count(*) FROM rule_version), (SELECT count(*) FROM audit)"
)


async def content(connection: AsyncConnection) -> tuple[int, ...]:
    row = await (await connection.execute(CONTENT)).fetchone()
    assert row is not None
    return row


async def test_a_second_run_changes_nothing(amis: Amis, owner_connection: AsyncConnection) -> None:
    first = await amis("seed", "lv")
    assert first.exit_code == 0, first.output
    loaded = await content(owner_connection)
    assert loaded[1:4] == (7, 7, 7)
    assert first.stdout.splitlines()[1:] == [
        "municipality 1: 4 concessions, 4 rules",
        "municipality 2: 3 concessions, 3 rules",
    ]
    second = await amis("seed", "lv")
    assert second.stdout.splitlines() == [
        "0 municipalities",
        "municipality 1: 0 concessions, 0 rules",
        "municipality 2: 0 concessions, 0 rules",
    ]
    assert await content(owner_connection) == loaded


async def test_a_database_that_is_away_is_told_in_a_line(amis: Amis, database_away: None) -> None:
    result = await amis("seed", "lv")
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert "connection failed" in result.stderr

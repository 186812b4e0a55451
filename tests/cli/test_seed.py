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
    assert loaded[:4] == (5, 42, 41, 44)
    none = "0 suspension orders, 0 retired"
    assert first.stdout.splitlines() == [
        "5 municipalities",
        f"LV: 12 concessions, 12 rules, {none}",
        "JLG: 5 concessions, 5 rules, 1 suspension orders, 0 retired",
        "RIX: 14 concessions, 13 rules, 1 suspension orders, 0 retired",
        f"DGP: 9 concessions, 9 rules, {none}",
        "VNT: 2 concessions, 2 rules, 0 suspension orders, 2 retired",
    ]
    second = await amis("seed", "lv")
    nothing = f"0 concessions, 0 rules, {none}"
    assert second.stdout.splitlines() == [
        "0 municipalities",
        *(f"{code}: {nothing}" for code in ("LV", "JLG", "RIX", "DGP", "VNT")),
    ]
    assert await content(owner_connection) == loaded


async def test_a_database_that_is_away_is_told_in_a_line(amis: Amis, database_away: None) -> None:
    result = await amis("seed", "lv")
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert "connection failed" in result.stderr

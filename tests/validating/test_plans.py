"""The hot calls find their rows by index, however the tables looked when the plan was made."""

import asyncio

from amis.kernel import clock
from amis.kernel.settings import Settings
from amis.validating.lane import lanes
from tests.validating.conftest import FREE, body_of, serving
from tests.validating.test_lane import post
from tests.validating.town import Town, card_credential_of

READ = ("token", "entitlement", "tap_key", "quota_counter", "last_tap", "machine_token", "concession_terms")
COUNTS = "SELECT relname, seq_scan, coalesce(idx_scan, 0) FROM pg_stat_user_tables WHERE relname = ANY(%s)"


async def scans(town: Town) -> dict[str, tuple[int, int]]:
    """Scans of whole tables, and scans by index, since the database was made."""
    return {
        name: (whole, found) for name, whole, found in await (await town.db.execute(COUNTS, (list(READ),))).fetchall()
    }


async def test_no_table_is_read_whole(town: Town, database: Settings) -> None:
    holder = await town.add_holder(await town.add_concession("NEEDY", FREE, {"n": 50, "per": "day"}))
    terminal, card = await town.add_terminal(), await town.add_card()
    shown = [card.shown(None, tier=1), card.shown(card_credential_of(card, clock.now())), *[holder.number] * 5]
    before = await scans(town)
    assert database.database_url is not None
    async with lanes(database.database_url) as lane, serving(lane) as client:
        await lane.ready()
        for token in shown:
            assert (await post(client, terminal, body_of(terminal, token))).status_code == 200
    # a backend hands in its statistics when it ends, a moment after its client has gone
    async with asyncio.timeout(10):
        while (after := await scans(town))["token"][1] < before["token"][1] + len(shown):  # noqa: ASYNC110  # no event tells
            await asyncio.sleep(0.05)
    assert all(after[name][1] > before[name][1] for name in READ)
    assert {name: after[name][0] for name in READ} == {name: before[name][0] for name in READ}


READ_BY_INDEX = (
    "SELECT coalesce(sum(idx_tup_read), 0), coalesce(sum(idx_scan), 0) FROM pg_stat_user_indexes WHERE relname = %s"
)


async def read_by_index(town: Town, table: str) -> tuple[int, int]:
    """Entries that index scans of a table have read, and how many scans there were."""
    row = await (await town.db.execute(READ_BY_INDEX, (table,))).fetchone()
    assert row is not None
    return int(row[0]), int(row[1])


async def test_a_plan_made_on_empty_tables_stays_good_when_they_fill(town: Town, database: Settings) -> None:
    holder = await town.add_holder(await town.add_concession("NEEDY", FREE))
    terminal = await town.add_terminal()
    assert database.database_url is not None
    async with lanes(database.database_url) as lane, serving(lane) as client:
        await lane.ready()
        await post(client, terminal, body_of(terminal, holder.number))
        await town.db.execute(
            "INSERT INTO tap_key (terminal_id, pairing, seq, body_sha256, answer, at, recorded_at)"
            " SELECT %s, 1, 1000 + n, '', '', now(), now() FROM generate_series(1, 2000) AS n",
            (terminal.id,),
        )
        _, scans_before = await read_by_index(town, "tap_key")
        for _ in range(5):
            await post(client, terminal, body_of(terminal, holder.number))
    async with asyncio.timeout(10):
        while (after := await read_by_index(town, "tap_key"))[1] < scans_before + 5:  # noqa: ASYNC110  # no event tells
            await asyncio.sleep(0.05)
    assert after[0] < 50

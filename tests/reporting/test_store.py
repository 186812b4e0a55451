"""What a report reads, and of whom."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from psycopg import AsyncConnection

from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.reporting import store
from amis.reporting.errors import ReportTooSlow
from amis.reporting.rollup import roll_up
from amis.reporting.scope import Scope
from tests.reporting.ledger import JELGAVA, OF_RIGA, OF_STATE, READER, RIGA, Ledger

DAY = date(2026, 5, 31)
YEAR = Scope(date(2026, 1, 1), date(2026, 12, 1))


async def lines_of(actor: Actor, scope: Scope = YEAR) -> list[store.Line]:
    async with transaction(actor) as tx:
        return await store.lines(tx, scope)


async def test_summed_and_new_uses_make_one_line(ledger: Ledger, worker_connection: AsyncConnection) -> None:
    await ledger.use(DAY, "0.85", "0.4250")
    await roll_up(worker_connection)
    await ledger.use(DAY, "1.00", "0.0001")
    [line] = await lines_of(READER)
    assert (line.month, line.provider, line.concession, line.funder) == (
        date(2026, 5, 1),
        "JLG-BUS",
        "JLG-NEEDY20",
        "JLG",
    )
    assert (line.uses, line.gross, line.payable, line.discount) == (
        2,
        Decimal("1.8500"),
        Decimal("0.4251"),
        Decimal("1.4249"),
    )


@pytest.mark.parametrize("rolled", [False, True])
async def test_everybody_reads_their_holders_and_what_they_grant(
    ledger: Ledger, worker_connection: AsyncConnection, *, rolled: bool
) -> None:
    await ledger.use(DAY)
    await ledger.use_of_state(DAY)
    await ledger.use_of_state(DAY, municipality=RIGA)
    if rolled:
        await roll_up(worker_connection)
    assert [(line.concession, line.uses) for line in await lines_of(READER)] == [("JLG-NEEDY20", 1), ("LV-ORPHAN", 1)]
    assert [(line.concession, line.uses) for line in await lines_of(OF_RIGA)] == [("LV-ORPHAN", 1)]
    assert [(line.concession, line.uses) for line in await lines_of(OF_STATE)] == [("LV-ORPHAN", 2)]


async def test_a_concession_whose_name_is_not_readable_here_is_still_counted(ledger: Ledger) -> None:
    await ledger.use(DAY, municipality=RIGA)
    [line] = await lines_of(OF_RIGA)
    assert (line.concession, line.grantor, line.uses) == (None, "JLG", 1)


async def test_months_are_limits_that_count(ledger: Ledger) -> None:
    for day in (date(2026, 4, 30), date(2026, 5, 1), date(2026, 5, 31), date(2026, 6, 1)):
        await ledger.use(day)
    may = date(2026, 5, 1)
    assert [line.uses for line in await lines_of(READER, Scope(may, may))] == [2]


async def test_provider_concession_and_funder_narrow_the_report(ledger: Ledger) -> None:
    await ledger.use(DAY)
    await ledger.use(DAY, provider=ledger.pool)
    await ledger.use_of_state(DAY)
    assert len(await lines_of(READER)) == 3
    for limit, left in (
        ({"provider": "JLG-POOL"}, ("JLG-POOL", "JLG-NEEDY20")),
        ({"concession": ledger.orphan}, ("JLG-BUS", "LV-ORPHAN")),
        ({"funder": "LV"}, ("JLG-BUS", "LV-ORPHAN")),
    ):
        [line] = await lines_of(READER, replace(YEAR, **limit))
        assert (line.provider, line.concession) == left
    assert await lines_of(READER, replace(YEAR, provider="NOBODY")) == []


async def test_a_use_that_was_taken_back_leaves_no_line(ledger: Ledger) -> None:
    await ledger.take_back(await ledger.use(DAY), DAY)
    assert await lines_of(READER) == []


async def test_a_report_that_takes_too_long_is_stopped(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "TIME_OUT", 50)
    async with ledger.db.transaction():
        await ledger.db.execute("LOCK TABLE use_month IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(ReportTooSlow):
            await lines_of(READER)


async def test_the_sums_can_be_written_by_the_worker_only(ledger: Ledger) -> None:
    cursor = await ledger.db.execute(
        "SELECT has_table_privilege('amis_app', table_name, privilege) FROM"
        " unnest(ARRAY['use_month', 'use_month_mark']) AS table_name,"
        " unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS privilege"
    )
    assert {held for (held,) in await cursor.fetchall()} == {False}


async def test_filters_offer_providers_and_funders(ledger: Ledger) -> None:
    async with transaction(READER) as tx:
        assert tx.municipality_id == JELGAVA
        assert await store.providers(tx) == [("JLG-BUS", "Jelgavas autobuss"), ("JLG-POOL", "Peldbaseins")]
        assert await store.funders(tx) == ["JLG", "LV"]

"""Observed use: uses for each day of a holder, and the simulations that take them up."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from psycopg import AsyncConnection

from amis.granting import service
from amis.granting.service import RuleDraft
from amis.kernel import clock
from amis.kernel.db import transaction
from amis.reporting.observed import Observed, looked_back_on, observed
from amis.reporting.observed_pages import pages
from amis.reporting.rollup import roll_up
from tests.concessions.doors import application, client
from tests.reporting.ledger import READER
from tests.town import CLERK, Site, needy, riga

JUNE = date(2026, 6, 2)


async def ridden(site: Site) -> None:
    """A needy person has the right all spring and rides on four days of April; the uses are summed up."""
    with clock.moved(riga("2026-03-01 08:00")):
        await site.states(needy("R1", 1, date(2026, 3, 1), date(2026, 5, 31)))
        _, shown = await site.issue()
    for step in range(4):
        with clock.moved(riga("2026-04-10 09:00") + timedelta(days=step)):
            assert (await site.tap(shown)).accepted
    assert site.settings.database_worker_url is not None
    async with await AsyncConnection.connect(site.settings.database_worker_url, autocommit=True) as connection:
        await roll_up(connection)


async def test_uses_are_divided_by_the_days_on_which_holders_could_use_the_right(site: Site) -> None:
    await ridden(site)
    async with transaction(READER) as tx:
        found = {one.code: one for one in await observed(tx, JUNE)}
        early = await observed(tx, date(2026, 3, 31))
    one = found["JLG-NEEDY20"]
    assert (one.holder_days, one.uses, one.gross) == (92, 4, Decimal("3.4000"))
    assert (one.uses_per_day, one.price) == (Decimal("0.0435"), Decimal("0.85"))
    assert early == []


async def test_the_page_offers_to_simulate_what_is_not_published_with_what_was_observed(site: Site) -> None:
    await ridden(site)
    draft = RuleDraft("JLG-NEEDY20", "JLG-NEEDY20", {"has": {"fact": "needy"}}, "5. punkts", date(2026, 7, 1))
    with clock.moved(riga("2026-06-02 09:00")):
        async with transaction(CLERK) as tx:
            key = await service.draft_rule(tx, draft)
        address = f"/rules/{key.rule_id}/versions/{key.version}/simulation?uses=0.0435&amp;gross=0.85"
        page = await client(application(READER, pages)).get("/reports/observed")
        assert f'href="{address}"' in page.text
        for text in ("01/03/2026", "31/05/2026", "4.35", "EUR 0.85"):
            assert text in page.text
    empty = await client(application(replace(READER, municipality_id=3), pages)).get("/reports/observed?lang=lv")
    assert "Šajos mēnešos nevienam nav bijis atvieglojuma" in empty.text


def test_without_days_or_uses_nothing_is_divided() -> None:
    blank = Observed(UUID(int=1), "X", "X", "X", 0, 0, Decimal(0), Decimal(0))
    assert (blank.uses_per_day, blank.price) == (Decimal(0), None)


def test_only_whole_months_are_looked_back_on() -> None:
    assert looked_back_on(date(2026, 1, 31)) == (date(2025, 10, 1), date(2026, 1, 1))

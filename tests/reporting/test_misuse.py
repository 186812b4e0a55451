"""Taps with somebody else's token."""

from dataclasses import replace
from datetime import date

from amis.issuing import service as issuing
from amis.kernel import clock
from amis.kernel.db import transaction
from amis.reporting.misuse import misuse
from amis.reporting.misuse_pages import pages
from tests.concessions.doors import application, client
from tests.reporting.ledger import READER
from tests.town import CLERK, Site, needy, riga

YEAR = date(2026, 1, 1), date(2026, 12, 31)


async def test_a_token_is_misused_from_the_moment_in_which_it_was_reported(site: Site) -> None:
    with clock.moved(riga("2026-04-10 09:00")):
        await site.states(needy("R1", 1, *YEAR))
        token, shown = await site.issue()
        assert (await site.tap(shown)).accepted
        async with transaction(CLERK) as tx:
            await issuing.block(tx, token, "holder_request")
        assert not (await site.tap(shown)).accepted
        async with transaction(CLERK) as tx:
            assert await misuse(tx) == []
            await issuing.unblock(tx, token, "holder_request")
            await issuing.block(tx, token, "stolen")
    with clock.moved(riga("2026-04-11 09:00")):
        assert (await site.tap(shown)).reason == "TOKEN_BLOCKED"
        async with transaction(CLERK) as tx:
            (newest,) = await misuse(tx)
        shown_page = (await client(application(READER, pages)).get("/reports/misuse")).text
        other = await client(application(replace(READER, municipality_id=3), pages)).get("/reports/misuse?lang=lv")
    assert (newest.why, newest.verdict, newest.token_id) == ("stolen", "DENY", token)
    assert newest.at.astimezone(clock.RIGA).date() == date(2026, 4, 11)
    assert "Reported as stolen" in shown_page
    assert "Ļaunprātīga izmantošana nav konstatēta" in other.text

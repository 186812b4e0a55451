"""The pages of recovery, the report beside them and observed use in Chromium, without JavaScript and by axe-core."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from playwright.async_api import Browser
from starlette.types import Receive, Scope, Send

from amis.kernel import clock
from amis.kernel.db import transaction
from amis.reporting import recovery_store
from amis.reporting.observed_pages import pages as observed_pages
from amis.reporting.pages import pages as report_pages
from amis.reporting.recovery_pages import pages
from amis.staff.caller import SESSION
from amis.staff.store import FoundSession
from tests.browser import LANGUAGES, axe, serving
from tests.concessions.doors import application
from tests.reporting.ledger import READER
from tests.town import Site, needy, riga

DECIDER = replace(READER, permissions=frozenset({"report.read", "recovery.read", "recovery.write", "person.read"}))
PURPOSES: dict[str, str] = {}
LATER = "2026-04-25 09:00"


@pytest.fixture
async def case(site: Site) -> str:
    """The address of a case with two uses; refunds and a closed month beside it."""
    spring = date(2026, 3, 1), date(2026, 5, 31)
    with clock.moved(riga("2026-04-01 08:00")):
        await site.states(needy("R1", 1, *spring))
        _, shown = await site.issue()
    for day in (9, 12):
        with clock.moved(riga(f"2026-04-{day:02d} 09:00")):
            assert (await site.tap(shown)).accepted
    with clock.moved(riga(LATER)):
        await site.states(needy("R1", 2, spring[0], date(2026, 4, 8)))
        async with transaction(DECIDER) as tx:
            [found] = await recovery_store.cases(tx, "open")
    PURPOSES[str(await site.person())] = "check"
    return f"/recovery/{found.id}"


@pytest.fixture
async def address(case: str) -> AsyncIterator[str]:
    app = application(DECIDER, observed_pages, report_pages, pages)
    session = FoundSession(
        UUID(int=1), "open", UUID(int=2), 2, "Jelgava", DECIDER.label, "reader@example.lv", ("supervisor",), PURPOSES
    )

    async def signed_in(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, SESSION: session}, receive, send)

    async with serving(signed_in) as running:
        yield running


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_case_is_decided_without_javascript_and_the_pages_are_accessible(
    chromium: Browser, address: str, case: str, language: str
) -> None:
    plain = await (await chromium.new_context(locale=language, java_script_enabled=False)).new_page()
    looking = await (await chromium.new_context(locale=language)).new_page()
    button, found = f"form[action='{case}'] button", {}
    with clock.moved(riga(LATER)):
        await plain.goto(address + case)
        async with plain.expect_navigation():
            await plain.click(button)
        assert await plain.locator(".govuk-error-summary").count() == 1
        await looking.goto(address + case)
        found["open"] = await axe(looking)
        await plain.check("#decision")
        async with plain.expect_navigation():
            await plain.click(button)
        assert "notice=saved" in plain.url
        reports = "/reports?from=2026-04&to=2026-04"
        for path in (case, "/recovery", "/recovery?state=decided", reports, "/reports/observed"):
            await looking.goto(address + path)
            found[path] = await axe(looking)
        await plain.goto(address + reports)
        corrected = await plain.locator("caption").all_inner_texts()
        await plain.goto(address + "/recovery")
        async with plain.expect_navigation():
            await plain.click("form[action='/recovery/months'] button")
        assert "notice=saved" in plain.url
    wanted = {"lv": "Labojumi šajos mēnešos", "en": "Corrections in these months"}[language]
    assert wanted in corrected
    assert {name: faults for name, faults in found.items() if faults} == {}

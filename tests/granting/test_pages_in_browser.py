"""The pages of rules and facts in a real browser without JavaScript; what axe-core finds on each."""

from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import UUID

import pytest
from fastapi import FastAPI
from playwright.async_api import Browser, Page
from starlette.types import Receive, Scope, Send

from amis.granting import store
from amis.granting.pages import pages
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.staff.caller import SESSION
from amis.staff.guard import current_actor
from amis.staff.store import FoundSession
from amis.web import assets
from amis.web.faults import answer_faults
from amis.web.headers import SecurityHeaders
from tests.browser import LANGUAGES, axe, serving
from tests.granting.town import CLERK, Somebody, days

Make = Callable[..., Awaitable[Somebody]]
PURPOSES: dict[str, str] = {}
SESSION_OF_CLERK = FoundSession(
    UUID(int=1), "open", UUID(int=2), 2, "Jelgava", CLERK.label, "clerk@example.lv", ("clerk",), PURPOSES
)


@pytest.fixture
async def address(town: Actor) -> AsyncIterator[str]:
    """The pages with a clerk signed in who has stated purposes."""
    app = FastAPI()
    app.include_router(pages)
    app.router.routes.extend(assets.routes())
    app.dependency_overrides[current_actor] = lambda: town
    answer_faults(app)

    async def signed_in(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, SESSION: SESSION_OF_CLERK}, receive, send)

    async with serving(SecurityHeaders(signed_in, secure=False)) as running:
        yield running


async def _press(page: Page, selector: str) -> None:
    async with page.expect_navigation():
        await page.click(selector)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_rules_and_facts_are_accessible_and_work_without_javascript(
    chromium: Browser, address: str, somebody: Make, language: str
) -> None:
    anna = await somebody()
    PURPOSES[str(anna.id)] = "correction"
    page = await (await chromium.new_context(locale=language, java_script_enabled=False)).new_page()
    looking = await (await chromium.new_context(locale=language)).new_page()
    async with transaction(CLERK) as tx:
        rule = (await store.list_rules(tx))[0]
    form = f"{address}/persons/{anna.id}/facts"
    await page.goto(form)
    await page.select_option("#fact", "needy:yes")
    await page.fill("#valid_from", "01.03.2026")
    await page.fill("#valid_to", "28.02.2026")
    await page.fill("#reason", "Lēmums uz papīra")
    await _press(page, f"form[action='/persons/{anna.id}/facts'] button")
    assert await page.locator(".govuk-error-summary").count() == 1
    assert await page.input_value("#reason") == "Lēmums uz papīra"
    await page.fill("#valid_to", "31.05.2026")
    await _press(page, f"form[action='/persons/{anna.id}/facts'] button")
    assert await anna.granted() == {"JLG-NEEDY20": days("{[2026-03-01,2026-06-01)}")}
    found = {}
    for url in (f"{address}/rules", f"{address}/rules/{rule.id}", form):
        await looking.goto(url)
        found[url] = await axe(looking)
    await _press(looking, f"form[action='/persons/{anna.id}/facts'] button")
    found["errors"] = await axe(looking)
    assert {name: faults for name, faults in found.items() if faults} == {}

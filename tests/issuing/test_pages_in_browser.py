"""The pages in a real browser: nothing that hinders people, in both languages, full and empty."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from playwright.async_api import Browser

from amis.issuing import service
from amis.kernel.actor import Actor
from tests.browser import LANGUAGES, axe, serving
from tests.issuing.doors import house
from tests.issuing.town import CLERK, acting, enrolled, entitled, issued

LONG = "Žanete-Margarita fon Šķēršķēle-Pļaviņkrūmiņsone"


@pytest.fixture
async def people(town: Actor) -> dict[str, UUID]:
    """Somebody with tokens and a long name, somebody without anything, and a blocked token."""
    rich, poor, third = await entitled(name=LONG), await enrolled("320202-10001"), await entitled("320303-10001")
    first = await issued(rich)
    new = await acting(lambda tx: service.replace(tx, first.id, "lost"))
    held = await issued(third)
    await acting(lambda tx: service.block(tx, held.id, "misuse"))
    return {"rich": rich, "poor": poor, "token": new.id, "ended": first.id, "held": held.id}


@pytest.fixture
async def address(people: dict[str, UUID]) -> AsyncIterator[str]:
    """The house, served to a clerk who has stated a purpose."""
    async with serving(house(CLERK, people["rich"], people["poor"])) as served:
        yield served


async def test_no_page_has_a_violation_of_wcag_in_either_language(
    chromium: Browser, address: str, people: dict[str, UUID]
) -> None:
    paths = ["/tokens", *(f"/persons/{people[who]}" for who in ("rich", "poor"))]
    paths += [f"/tokens/{people[which]}" for which in ("token", "ended", "held")]
    page = await chromium.new_page()
    found = {}
    for language in LANGUAGES:
        for path in paths:
            await page.goto(f"{address}{path}?lang={language}")
            found[path, language] = await axe(page)
    await page.close()
    assert {where: faults for where, faults in found.items() if faults} == {}


async def test_a_clerk_blocks_and_lifts_without_a_script(
    chromium: Browser, address: str, people: dict[str, UUID]
) -> None:
    context = await chromium.new_context(java_script_enabled=False, locale="en-GB")
    page = await context.new_page()
    await page.goto(f"{address}/tokens/{people['token']}")
    await page.get_by_label("Reason").first.select_option("office")
    await page.get_by_role("button", name="Block", exact=True).click()
    assert await page.get_by_text("The token is blocked.").is_visible()
    await page.get_by_label("Reason").select_option("cleared")
    await page.get_by_role("button", name="Unblock").click()
    assert await page.get_by_text("The token is active again.").is_visible()
    await context.close()

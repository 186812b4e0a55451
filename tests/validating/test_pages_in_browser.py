"""The pages in a real browser: what axe-core finds, and taps that appear by themselves."""

import pytest
from playwright.async_api import Browser

from amis.web.headers import SecurityHeaders
from tests.browser import LANGUAGES, axe, serving
from tests.validating.conftest import FREE
from tests.validating.test_api import Tap
from tests.validating.test_pages import site
from tests.validating.town import Town


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_pages_are_accessible(town: Town, tap: Tap, chromium: Browser, language: str) -> None:
    holder = await town.add_holder(await town.add_concession("NEEDY", FREE, {"n": 1, "per": "day"}))
    terminal = await town.add_terminal()
    for token in (holder.number, holder.number):
        await tap(terminal, token)
    context = await chromium.new_context(locale=language)
    page = await context.new_page()
    async with serving(SecurityHeaders(site(2), secure=False)) as address:
        await page.goto(address + "/taps")
        found = await axe(page)
        await context.close()
    assert found == []


async def test_a_tap_appears_without_reloading(town: Town, tap: Tap, chromium: Browser) -> None:
    holder = await town.add_holder(await town.add_concession("NEEDY", FREE))
    terminal = await town.add_terminal()
    context = await chromium.new_context(locale="en")
    page = await context.new_page()
    async with serving(SecurityHeaders(site(2), secure=False)) as address:
        await page.goto(address + "/taps")
        assert await page.get_by_text("No taps yet").count() == 1
        await tap(terminal, holder.number)
        await page.get_by_text("Jelgavas autobusu parks, BUS-1").wait_for(timeout=10_000)
        await context.close()

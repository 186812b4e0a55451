"""The components in a real browser: accessible, quiet, and at home on a narrow screen."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page

from tests.browser import axe

PAGES = ["/?notice=saved&", "/forms?", "/forms?wrong=1&", "/problem/403?"]


@pytest.fixture
async def page(chromium: Browser) -> AsyncIterator[Page]:
    page = await chromium.new_page(viewport={"width": 1280, "height": 900})
    yield page
    await page.close()


@pytest.mark.parametrize("language", ["lv", "en"])
@pytest.mark.parametrize("path", PAGES)
async def test_axe_finds_nothing_and_nothing_overflows(page: Page, demo: str, path: str, language: str) -> None:
    faults: list[str] = []
    page.on("console", lambda line: faults.append(line.text) if "Content Security Policy" in line.text else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    for width in (1280, 375):
        await page.set_viewport_size({"width": width, "height": 900})
        await page.goto(f"{demo}{path}lang={language}")
        assert await axe(page) == []
        assert await page.evaluate("document.documentElement.scrollWidth") == width
    assert faults == []


async def test_the_scripts_run_under_the_policy(page: Page, demo: str) -> None:
    await page.goto(f"{demo}/forms?lang=lv")
    await page.wait_for_selector("body.govuk-frontend-supported")
    assert await page.evaluate("typeof htmx") == "object"
    await page.get_by_role("button", name="Rādīt paroli").click()
    assert await page.get_attribute("#password", "type") == "text"


async def test_the_typeface_has_latvian_letters(page: Page, demo: str) -> None:
    await page.goto(demo)
    await page.evaluate("document.fonts.ready")
    assert await page.evaluate("document.fonts.check('700 20px \"Noto Sans\"', 'Ķēžņģļš')")


async def test_without_javascript_the_menu_and_the_numbers_are_there(chromium: Browser, demo: str) -> None:
    context = await chromium.new_context(java_script_enabled=False, viewport={"width": 375, "height": 900})
    page = await context.new_page()
    await page.goto(f"{demo}/?lang=lv")
    assert await page.get_by_role("link", name="Personas").first.is_visible()
    assert await page.get_by_role("cell", name="500,00 EUR").first.is_visible()
    await context.close()

"""The holder's page in a real browser: a code becomes a picture that a reader takes, with and without a connection."""

from collections.abc import AsyncIterator
from io import BytesIO

import pytest
import zxingcpp
from PIL import Image
from playwright.async_api import Browser, BrowserContext, Page

from amis.issuing import service as issuing
from amis.kernel.db import transaction
from tests.browser import axe
from tests.holder.conftest import Holder
from tests.town import CLERK


@pytest.fixture
async def context(chromium: Browser) -> AsyncIterator[BrowserContext]:
    """A phone of ordinary size."""
    opened = await chromium.new_context(viewport={"width": 375, "height": 720}, locale="lv-LV")
    yield opened
    await opened.close()


async def enrolled(context: BrowserContext, holder: Holder) -> Page:
    """The page with the code on it, after the form was filled in."""
    page = await context.new_page()
    await page.goto(f"{holder.site.url}/my/")
    await page.get_by_label("Piekļuves kods").fill((await holder.code()).lower())
    await page.get_by_role("button", name="Turpināt").click()
    await page.locator("svg.symbol").wait_for()
    return page


async def scanned(page: Page) -> str:
    """What a camera reads off the screen."""
    await page.locator("svg.symbol").wait_for()
    (found,) = zxingcpp.read_barcodes(Image.open(BytesIO(await page.locator("svg.symbol").screenshot())))
    return str(found.text)


async def test_the_code_on_the_screen_is_accepted_once_and_another_one_follows(
    context: BrowserContext, holder: Holder
) -> None:
    page = await enrolled(context, holder)
    await page.clock.install()
    await page.reload()
    first = await scanned(page)
    await page.clock.fast_forward(15_000)
    second = await changed(page, first)
    answers = [await holder.site.tap(text) for text in (first, first, second)]
    assert [(one.verdict, one.reason) for one in answers] == [("ACCEPT", "OK"), ("DENY", "REPLAY"), ("ACCEPT", "OK")]


async def changed(page: Page, before: str) -> str:
    """The code on the screen once it is another one."""
    for _ in range(50):
        if (text := await scanned(page)) != before:
            return text
        await page.wait_for_timeout(20)
    raise AssertionError("the code stays the same")


async def test_every_view_is_fit_for_everybody_in_both_languages(context: BrowserContext, holder: Holder) -> None:
    page = await context.new_page()
    await page.goto(f"{holder.site.url}/my/#00000-00000")
    await page.get_by_role("button", name="Turpināt").click()
    await page.get_by_text("Šis piekļuves kods neder.").wait_for()
    found = {"enrol": await seen(page)}
    await page.get_by_label("Piekļuves kods").fill(await holder.code())
    await page.get_by_role("button", name="Turpināt").click()
    await holder.site.tap(await scanned(page))
    for language, words in (("lv", ("Tiesības", "Lietojumi", "Kāpēc", "Tālrunis", "Kods")), ("en", EN)):
        for word in words:
            await page.get_by_role("navigation").get_by_role("link", name=word, exact=True).click()
            await page.get_by_role("status").wait_for(state="detached")
            await page.wait_for_selector("main h1")
            found[f"{language} {word}"] = await seen(page)
        await page.get_by_role("button", name="English" if language == "lv" else "Latviešu").click()
    assert {name: problems for name, problems in found.items() if problems} == {}


EN = "Rights", "Uses", "Why", "Phone", "Code"


async def seen(page: Page) -> list[str]:
    """What is wrong with the page as it stands, on the narrowest phone."""
    await page.set_viewport_size({"width": 320, "height": 568})
    wide = await page.evaluate("document.documentElement.scrollWidth > 320")
    # both languages stand in the same elements: axe looks once
    faults = await axe(page) if await page.locator("html[lang=lv]").count() else []
    return faults + (["wider than the screen"] if wide else [])


async def test_without_a_connection_the_code_works_and_the_last_answers_are_shown(
    context: BrowserContext, holder: Holder
) -> None:
    page = await enrolled(context, holder)
    await page.evaluate("navigator.serviceWorker.ready")
    await page.goto(f"{holder.site.url}/my/#have")
    await page.get_by_text("Atlikums šomēnes: 20 no 20").wait_for()
    await context.set_offline(True)
    await page.reload()
    await page.get_by_text("Nav interneta savienojuma. Redzamās ziņas ir no").wait_for()
    await page.get_by_role("link", name="Kods").click()
    assert (await holder.site.tap(await scanned(page))).verdict == "ACCEPT"
    await context.set_offline(False)
    await a_blocked_phone_shows_nothing(page, holder)
    await page.get_by_role("link", name="Tālrunis").click()
    await page.get_by_role("button", name="Vairs nelietot").click()
    await page.get_by_role("button", name="Jā, dzēst kodu").click()
    await page.get_by_text("Kods no šī tālruņa ir dzēsts.").wait_for()
    assert await page.get_by_label("Piekļuves kods").is_visible()


async def a_blocked_phone_shows_nothing(page: Page, holder: Holder) -> None:
    """Blocks the token, looks at the phone, and takes the block back."""
    token = await holder.token()
    async with transaction(CLERK) as tx:
        await issuing.block(tx, token, "misuse")
    await page.get_by_role("link", name="Tiesības").click()
    await page.get_by_text("Jūsu kods ir bloķēts").wait_for()
    assert not await page.get_by_text("Atlikums").count()
    async with transaction(CLERK) as tx:
        await issuing.unblock(tx, token, "cleared")

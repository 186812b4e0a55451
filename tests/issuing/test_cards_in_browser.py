"""The pages of cards in a real browser: nothing that hinders people; the camera; a clerk without a script."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from uuid import UUID

import pytest
from PIL import Image
from playwright.async_api import Browser

from amis.issuing import photo_store, service
from amis.kernel.actor import Actor
from amis.register import service as register
from cards.artwork_photo import passport
from tests.browser import LANGUAGES, axe, serving
from tests.issuing.cards_town import desk, encoded, in_use, product
from tests.issuing.doors import house
from tests.issuing.test_request_pages import DESK_CLERK
from tests.issuing.town import CODES, acting, enrolled, entitled


@dataclass(frozen=True, slots=True)
class People:
    """Whose pages are looked at, and the pages of the cards."""

    anna: UUID
    juris: UUID
    paths: list[str]


@pytest.fixture
async def people(town: Actor) -> People:
    """Anna has a card in use, a lost one and an application; Juris a card to hand over; both have a likeness."""
    await product()
    await desk()
    anna, juris = await entitled(), await entitled(CODES[0], "Juris Ozols")
    await enrolled(CODES[1])
    await acting(lambda tx: register.relate(tx, juris, "ward", anna, date(2026, 1, 1), None, "clerk", "Lēmums"))
    written = BytesIO()
    Image.new("RGB", (700, 900), "teal").save(written, "JPEG")
    await acting(lambda tx: service.take_photo(tx, anna, passport(written.getvalue()), "upload"))
    old = await in_use(anna)
    line = await acting(lambda tx: service.report_lost(tx, old.id, "lost"))
    assert line is not None
    ready = await encoded(juris)
    paths = [f"/card-requests/{line.request.id}", f"/tokens/{old.id}", f"/tokens/{ready.id}", "/card-requests"]
    paths += ["/card-requests?state=refused", *(f"/persons/{anna}{end}" for end in ("/card-request", "/photo", ""))]
    return People(anna, juris, paths)


@pytest.fixture
async def address(people: People) -> AsyncIterator[str]:
    """The house, served to a clerk who has stated a purpose."""
    async with serving(house(DESK_CLERK, people.anna, people.juris)) as served:
        yield served


async def test_no_page_of_cards_has_a_violation_of_wcag_in_either_language(
    chromium: Browser, address: str, people: People
) -> None:
    page = await chromium.new_page()
    found = {}
    for language in LANGUAGES:
        for path in people.paths:
            await page.goto(f"{address}{path}{'&' if '?' in path else '?'}lang={language}")
            found[path, language] = await axe(page)
    await page.close()
    assert {where: faults for where, faults in found.items() if faults} == {}


async def test_the_camera_takes_a_photo_in_place_of_a_file(chromium: Browser, address: str, people: People) -> None:
    page = await chromium.new_page(locale="en-GB")
    await page.goto(f"{address}/persons/{people.juris}/photo")
    await page.get_by_role("button", name="Start the camera").click()
    await page.get_by_role("button", name="Take the picture").click()
    await page.get_by_text("The picture is taken").wait_for()
    assert await axe(page) == []
    await page.get_by_role("button", name="Keep the photo").click()
    await page.get_by_text("The photo is kept.").wait_for()
    photograph = page.get_by_role("img", name="Photo of the person")
    # the page is there before its picture
    assert await photograph.evaluate("async image => { await image.decode(); return image.naturalWidth }") == 413
    await page.close()
    photo = await acting(lambda tx: photo_store.newest_photo(tx, people.juris))
    assert photo is not None
    assert (await acting(lambda tx: photo_store.get_photo(tx, photo))).source == "camera"


async def test_a_clerk_asks_approves_and_reports_without_a_script(
    chromium: Browser, address: str, people: People
) -> None:
    context = await chromium.new_context(java_script_enabled=False, locale="en-GB")
    page = await context.new_page()
    await page.goto(f"{address}/persons/{people.anna}/photo")
    assert not await page.get_by_role("button", name="Start the camera").is_visible()
    await page.goto(f"{address}{people.paths[0]}")
    await page.get_by_role("button", name="Note the payment").click()
    await page.get_by_role("button", name="Approve").click()
    await page.get_by_text("The application is approved: the card can be made.").wait_for()
    await page.goto(f"{address}{people.paths[2]}")
    await page.get_by_role("button", name="Hand over").click()
    await page.get_by_text("The card is active.").wait_for()
    await page.get_by_label("What happened").select_option("stolen")
    await page.get_by_label("Number of the police report").fill("VP-2026-7")
    await page.get_by_role("button", name="Block and apply for another card").click()
    await page.get_by_text("Stolen, and reported to the police").wait_for()
    await context.close()

"""The desk in a real browser: the keyboard alone makes a card and hands it over; nothing hinders people."""

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
from playwright.async_api import Browser, Page, expect

from amis.issuing import stock
from amis.kernel.actor import Actor
from cards.simcard.card import VirtualCard
from tests.browser import axe, serving
from tests.issuing.cards_town import approved, desk, in_use, new_uid, product
from tests.issuing.desk_side import DeskSide, bearer_of, connected, desk_service
from tests.issuing.doors import house
from tests.issuing.test_desk_pages import WORKER
from tests.issuing.town import acting, entitled, token

SHOTS = os.environ.get("AMIS_SHOTS")
"""A folder that gets a picture of each page looked at, where somebody wants to see them."""


@dataclass(slots=True)
class Place:
    """A served desk with its program connected, somebody's approved card, and a card in use."""

    address: str
    desk_id: UUID
    side: DeskSide
    card: UUID
    lost: UUID

    @property
    def page(self) -> str:
        return f"{self.address}/desk/{self.desk_id}"


@pytest.fixture
async def place(town: Actor) -> AsyncIterator[Place]:
    code = await product()
    desk_id = await desk("3. logs, Lielā iela 11")
    await acting(lambda tx: stock.receive(tx, code, 10, "pavadzīme 1"))
    lost = await in_use(await entitled("320303-10001", "Andris Liepa"))
    card = await approved(await entitled())
    async with (
        desk_service() as service,
        connected(service, await bearer_of(desk_id)) as side,
        serving(house(WORKER)) as address,
    ):
        yield Place(address, desk_id, side, card.id, lost.id)


async def look(page: Page, name: str, found: dict[str, list[str]]) -> None:
    """What axe-core finds on the page as it stands."""
    found[name] = await axe(page)
    if SHOTS:
        await page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


async def test_the_keyboard_alone_makes_a_card_and_hands_it_over(chromium: Browser, place: Place) -> None:
    context = await chromium.new_context(locale="lv", viewport={"width": 1280, "height": 900})
    page, found, chip = await context.new_page(), dict[str, list[str]](), VirtualCard(new_uid())
    await page.goto(place.page)
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Uzlieciet karti uz lasītāja")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_text("Apturēts")).to_be_visible()
    await look(page, "stopped", found)
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Uzlieciet karti uz lasītāja")).to_be_visible()
    chip.cut(after=30)
    await place.side.put(chip)
    await expect(page.get_by_text("Uzlieciet atpakaļ uz lasītāja to pašu karti")).to_be_visible()
    await look(page, "torn", found)
    await place.side.put(chip)
    await expect(page.get_by_text("Karte ir gatava izsniegšanai")).to_be_visible()
    await expect(page.locator("[data-focus]")).to_be_focused()
    await look(page, "done", found)
    await page.keyboard.press("Enter")
    await expect(page.locator(".govuk-notification-banner")).to_be_visible()
    assert (await token(place.card)).state == "active"
    assert {name: faults for name, faults in found.items() if faults} == {}
    await context.close()


async def test_no_page_has_a_violation_of_wcag_in_either_language(chromium: Browser, place: Place) -> None:
    await desk("Otrs punkts")
    page, found = await chromium.new_page(), dict[str, list[str]]()
    for language in ("lv", "en"):
        for name, path in (
            ("desks", "/desks"),
            ("choice", "/desk"),
            ("card", f"/desk/{place.desk_id}?token={place.lost}"),
        ):
            mark = "&" if "?" in path else "?"
            await page.goto(f"{place.address}{path}{mark}lang={language}")
            await look(page, f"{name}-{language}", found)
    await page.get_by_role("button", name="Find").click()
    await look(page, "mistyped", found)
    await page.close()
    assert {name: faults for name, faults in found.items() if faults} == {}


async def test_a_desk_works_without_a_script(chromium: Browser, place: Place) -> None:
    context = await chromium.new_context(java_script_enabled=False, locale="en-GB")
    page, chip = await context.new_page(), VirtualCard(new_uid())
    await page.goto(place.page)
    await expect(page.get_by_role("button", name="Make the card")).to_be_focused()
    await page.keyboard.press("Enter")
    await place.side.put(chip)
    for _ in range(40):
        await page.get_by_role("link", name="Refresh").click()
        if await page.get_by_text("The card is ready to be handed over").is_visible():
            break
    await page.get_by_role("button", name="Hand over").first.click()
    await expect(page.get_by_text("The card is active.")).to_be_visible()
    await context.close()

"""Pages of notices: who sends, what arrived, what waits."""

import re

import httpx
import pytest
from playwright.async_api import Browser

from amis.intake.pages import pages
from tests.browser import LANGUAGES, axe, serving
from tests.concessions.doors import application
from tests.intake.wire import READER, Wire, counted, event, new_code, of_person


async def filled(wire: Wire) -> str:
    """Every verdict there is, and a code that a sender put where none belongs; returns the address of a message."""
    code, stray = new_code(), new_code()
    digits = stray.replace("-", "")
    first = of_person(code, "A", 2)
    await wire.send(first)
    await wire.send(first, of_person(code, "A", 1), of_person(code, "A", 2, valid_to=None))
    alive = event("person.died.v1", person={"code": code}, died_on="2026-04-01", op="withdraw")
    await wire.send(event(status="NEZINAMA"), alive, event(**{digits: "x"}), of_person(stray, stray))
    page = (await wire.client.get("/notices")).text
    assert code not in page
    assert stray not in page
    assert digits not in page
    found = re.findall(r'href="(/notices/quarantine/[^"]+)"', page)
    assert len(found) == 2
    return str(found[-1])


async def test_an_empty_intake_says_so(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/notices")
    assert answer.status_code == 200
    for text in (
        "Sociālo lietu pārvalde",
        "sopa/jelgava",
        "never",
        "Nothing waits for a decision",
        "Nothing has arrived",
    ):
        assert text in answer.text
    assert "Nothing was refused" in (await browser.get("/notices?show=refused")).text


async def test_arrivals_are_shown_with_verdict_and_reason(wire: Wire, browser: httpx.AsyncClient) -> None:
    await filled(wire)
    every = (await browser.get("/notices")).text
    for text in (
        "Applied",
        "Repeated, nothing new",
        "Older than what is known",
        "Contradicts",
        "Rejected",
        "Not acted",
    ):
        assert text in every
    assert "The table of this sender has no such status." in every
    assert "status.unknown /data/status" in every
    refused = (await browser.get("/notices?show=refused")).text
    assert "Repeated, nothing new" not in refused
    assert "status.unknown" in refused


async def test_the_page_speaks_latvian(wire: Wire, browser: httpx.AsyncClient) -> None:
    address = await filled(wire)
    page = (await browser.get("/notices?lang=lv")).text
    for text in ("Sūtītāji", "Pēdējoreiz dzirdēts", "Ir pretrunā ar zināmo", "Šī sūtītāja tabulā tāda statusa nav."):
        assert text in page
    assert "Slēgt šo ziņu bez apstrādes?" in (await browser.get(f"{address}?lang=lv")).text


async def test_a_message_is_dismissed_with_a_reason(wire: Wire, browser: httpx.AsyncClient) -> None:
    address = await filled(wire)
    wrong = await browser.post(address, data={"reason": " "})
    assert wrong.status_code == 422
    assert "Say why, in 3 to 500 characters." in wrong.text
    answer = await browser.post(address, data={"reason": "The sender corrected it"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/notices?notice=saved")
    assert address not in (await browser.get("/notices")).text
    closed = await browser.get(address)
    assert "Dismissed" in closed.text
    assert "<textarea" not in closed.text
    assert (await browser.post(address, data={"reason": "Once more"})).status_code == 409
    assert await counted("quarantine") == 2


@pytest.mark.parametrize("language", LANGUAGES)
async def test_pages_are_accessible_and_fit_a_narrow_screen(wire: Wire, chromium: Browser, language: str) -> None:
    async with serving(application(READER, pages)) as site:
        page = await chromium.new_page(viewport={"width": 1280, "height": 900})
        await page.goto(f"{site}/notices?lang={language}")
        assert await axe(page) == []
        message = await filled(wire)
        for address in ("/notices", "/notices?show=refused", message):
            for width in (1280, 375):
                await page.set_viewport_size({"width": width, "height": 900})
                await page.goto(f"{site}{address}{'&' if '?' in address else '?'}lang={language}")
                assert await axe(page) == []
                assert await page.evaluate("document.documentElement.scrollWidth") == width
        await page.get_by_role("button").last.click()
        assert await axe(page) == []
        await page.close()

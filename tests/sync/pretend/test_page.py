"""The scoreboard's page in Chromium: in both languages, for everybody, and current without being loaded again."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
import pytest
from playwright.async_api import Browser, expect

from sync.pretend.exchange import Answer, Exchange, Message, Outcome
from sync.pretend.file_mischief import FILE_TROUBLE
from sync.pretend.mischief import EVENT_TROUBLE
from sync.pretend.page_words import WORDS
from sync.pretend.player import LATE, OUTAGE
from sync.pretend.scoreboard import Scoreboard
from sync.pretend.session import shown
from tests.browser import LANGUAGES, axe

AT = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)


@pytest.fixture
def board() -> Scoreboard:
    made = Scoreboard("sopa", AT)
    exchange = Exchange("delta-csv", Message(b"", {}, "v1", "m"), Answer(200), "bad <rows>")
    made.note(Outcome(exchange, Answer(500), 0.02), AT, False)
    made.compared([1], AT)
    return made


@pytest.mark.parametrize("language", LANGUAGES)
async def test_it_is_for_everybody_and_keeps_itself_current(
    board: Scoreboard, chromium: Browser, language: str
) -> None:
    words = WORDS[language]
    async with shown(board, 0) as address:
        page = await chromium.new_page(viewport={"width": 375, "height": 800})
        await page.goto(f"{address}/?lang={language}")
        assert await page.title() == words["title"]
        assert await page.inner_text(".verdict") == words["ill"]
        assert "bad <rows>" in await page.inner_text("main")
        assert await axe(page) == []
        assert await page.evaluate("document.documentElement.scrollWidth") <= 375
        board.different, board.drift = 0, []
        await expect(page.locator(".verdict")).to_have_text(words["well"])
        await page.get_by_role("button", name=words["pause"]).click()
        await expect(page.get_by_role("button", name=words["pause"])).to_have_attribute("aria-pressed", "true")
        await page.close()


async def test_addresses_and_languages(board: Scoreboard) -> None:
    async with shown(board, 0) as address, httpx.AsyncClient(base_url=address) as http:
        assert (await http.get("/board.json")).json() == board.to_json()
        assert (await http.get("/", headers={"accept-language": "en-GB"})).text.startswith(
            '<!doctype html><html lang="en">'
        )
        assert '<html lang="lv">' in (await http.get("/?lang=xx")).text
        assert "script-src 'self'" in (await http.get("/")).headers["content-security-policy"]
        assert [(await http.get("/nothing")).status_code, (await http.post("/")).status_code] == [404, 405]


def test_both_languages_have_the_same_words_for_every_mischief_too() -> None:
    assert WORDS["lv"].keys() == WORDS["en"].keys()
    assert {*EVENT_TROUBLE, *FILE_TROUBLE, LATE, OUTAGE} <= WORDS["lv"].keys()

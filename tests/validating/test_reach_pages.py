"""The page of how far a block has come, as a browser shows it."""

from typing import Any

import pytest
from fastapi import FastAPI
from playwright.async_api import Browser, Page
from psycopg import AsyncConnection

from amis.kernel.actor import Actor
from amis.validating.reach_pages import pages
from amis.web import assets
from amis.web.headers import SecurityHeaders
from tests.browser import LANGUAGES, axe, serving
from tests.validating.carried import Carried, Press, say
from tests.validating.town import Holder, Town


def site() -> Any:
    """The page as a clerk of Jelgava has it."""
    app = FastAPI(openapi_url=None)
    app.router.routes.extend(assets.routes())
    app.include_router(pages)
    permissions = frozenset({"token.read"})
    actor = Actor("staff", "00000000-0000-0000-0000-000000000001", "Anna", 2, "Jelgava", permissions)

    async def signed_in(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            scope["actor"] = actor
        await app(scope, receive, send)

    return SecurityHeaders(signed_in, secure=False)


@pytest.fixture
async def shown(town: Town, chromium: Browser) -> Any:
    """Opens the page of a token in a language."""
    async with serving(site()) as address:
        contexts = []

        async def open_page(holder: Holder, language: str = "en") -> Page:
            contexts.append(await chromium.new_context(locale=language))
            page = await contexts[-1].new_page()
            await page.goto(f"{address}/tokens/{holder.token}/reach")
            return page

        yield open_page
        for context in contexts:
            await context.close()


async def test_one_watches_a_block_come_to_every_terminal(
    town: Town, worker_connection: AsyncConnection, shown: Any
) -> None:
    terminal, _ = await town.add_terminal(), await town.add_terminal()
    holder, press = await town.add_holder(), Press(worker_connection)
    await press.run()
    assert await (await shown(holder)).get_by_text("Nothing to tell").count() == 1
    await town.db.execute("UPDATE token SET state = 'blocked', status = 2, reason = 'lost'")
    page = await shown(holder)
    assert await page.get_by_text("Not published yet").count() == 1
    await press.run()
    await page.reload()
    assert await page.get_by_text("0 of 2").count() == 1
    # from now on the page looks again by itself
    carried = Carried(town.provider)
    await carried.follow()
    await say(town, terminal, carried.holding.seq, carried.holding.hash)
    await town.db.execute("UPDATE machine SET state = 'revoked' WHERE id <> %s", (terminal.id,))
    await page.get_by_text("Yes, everywhere").wait_for(timeout=8_000)
    assert await page.get_by_text("1 of 1").count() == 1


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_page_is_accessible_and_in_two_languages(
    town: Town, worker_connection: AsyncConnection, shown: Any, language: str
) -> None:
    await town.add_terminal()
    holder = await town.add_holder()
    await town.db.execute("UPDATE token SET state = 'ended', status = 1, reason = 'lost'")
    await Press(worker_connection).run()
    page = await shown(holder, language)
    assert await axe(page) == []
    title = "Vai šis līdzeklis visur ir atslēgts?" if language == "lv" else "Is this token dead everywhere?"
    assert await page.get_by_role("heading", name=title).count() == 1

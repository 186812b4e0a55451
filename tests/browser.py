"""A real Chromium and a real server on a free port, for the tests of every room's pages."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]  # the package has no types
from playwright.async_api import Browser, Page, async_playwright

from tests.walks.counts import count

ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]
LANGUAGES = ("lv", "en")[: count(test=1, check=2, deep=2)]
"""In which every page is looked at: the usual run takes Latvian, whose words are longer, on the same templates."""
WCAG_22_AA = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
}


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """The browser that is installed on this machine."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        yield browser
        await browser.close()


async def axe(page: Page) -> list[str]:
    """What axe-core finds against WCAG 2.2 A and AA, one line a violation; empty when all is well."""
    found = await Axe().run(page, options=WCAG_22_AA)
    return [_line(violation) for violation in found.response["violations"]]


def _line(violation: dict[str, Any]) -> str:
    places = "; ".join(str(node["target"]) for node in violation["nodes"])
    return f"{violation['id']}: {violation['help']} at {places}"


@asynccontextmanager
async def serving(app: Any, port: int = 0) -> AsyncIterator[str]:
    """`app` behind uvicorn on `port` (0: any free one); gives its address without a slash at the end."""
    # a page left open by a failed test keeps its stream of events open too
    config = uvicorn.Config(app, port=port, log_level="warning", lifespan="auto", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    while not server.started:
        if running.done():
            running.result()
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await running

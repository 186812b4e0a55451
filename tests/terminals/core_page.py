"""A page of Chromium with the validator's modules, for tests that ask Python and JavaScript the same."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, Route

_ADDRESS = "http://localhost/"
_CORE = Path(__file__).parents[2] / "terminals" / "web" / "core"
_BRIDGE = Path(__file__).with_name("core_bridge.js")


@asynccontextmanager
async def core_page(chromium: Browser) -> AsyncIterator[Page]:
    """A page whose addresses are the files of the modules; no server is needed."""
    page = await chromium.new_page()
    await page.route(f"{_ADDRESS}**", _serve)
    await page.goto(_ADDRESS)
    yield page
    await page.close()


async def _serve(route: Route) -> None:
    path = route.request.url.removeprefix(_ADDRESS)
    if path.startswith("core/"):
        await route.fulfill(path=_CORE / path.removeprefix("core/"), content_type="text/javascript")
    elif path == "bridge.js":
        await route.fulfill(path=_BRIDGE, content_type="text/javascript")
    else:
        await route.fulfill(body="<!doctype html><title>core</title>", content_type="text/html")


async def ask(page: Page, name: str, argument: object) -> Any:
    """What a function of the bridge answers."""
    script = "async ([name, text]) => JSON.stringify(await (await import('/bridge.js'))[name](JSON.parse(text)))"
    # as text: the protocol takes objects apart member by member
    return json.loads(await page.evaluate(script, [name, json.dumps(argument)]))

"""A phone with the validator's app: Chromium with a camera before which one can hold a code."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from cards.qr import QUIET, matrix
from tests.browser import ARGUMENTS, axe

_WIDTH, _HEIGHT = 640, 480
_GREY, _WHITE, _BLACK = 110, 235, 16
_PATIENCE = 10
VERDICT = "#verdict"
KEPT = """async (kind) => {
  const { names, open } = await import('/validator/store.js')
  const db = await open()
  while (!(await names(db, 'bundle')).some((name) => name.startsWith(kind)))
    await new Promise((resolve) => setTimeout(resolve, 20))
  db.close()
}"""


def film(text: str) -> bytes:
    """A film (YUV4MPEG2, 4:2:0) on which a code is held still before a grey wall; an empty text is the wall alone."""
    picture = bytearray([_GREY]) * (_WIDTH * _HEIGHT)
    if text:
        _draw(picture, text)
    frame = b"FRAME\n" + bytes(picture) + bytes([128]) * (_WIDTH * _HEIGHT // 2)
    return f"YUV4MPEG2 W{_WIDTH} H{_HEIGHT} F10:1 Ip A1:1 C420jpeg\n".encode() + frame * 2


def _draw(picture: bytearray, text: str) -> None:
    modules = matrix(text)
    side = len(modules) + 2 * QUIET
    scale = _HEIGHT * 9 // 10 // side
    left, top = (_WIDTH - side * scale) // 2, (_HEIGHT - side * scale) // 2
    for y in range(side * scale):
        row = bytearray([_WHITE]) * (side * scale)
        at = y // scale - QUIET
        for x, dark in enumerate(modules[at] if 0 <= at < len(modules) else ()):
            if dark:
                row[(x + QUIET) * scale : (x + QUIET + 1) * scale] = bytes([_BLACK]) * scale
        start = (top + y) * _WIDTH + left
        picture[start : start + side * scale] = row


@dataclass
class Phone:
    """The app on its page; `film_file` is what its camera sees from the next time it is started."""

    page: Page
    context: BrowserContext
    film_file: Path

    async def pair(self, url: str, code: str) -> str:
        """Opens the address of the terminal's QR code and pairs; the fingerprint that is shown."""
        await self.page.goto(f"{url}/validator/#pair={code}")
        await self.page.locator("#pair-form button").click()
        await self.page.locator("#fingerprint span").first.wait_for()
        return str(await self.page.locator("#fingerprint").text_content())

    async def set_price(self, gross: str) -> None:
        """The first settings, once it is approved."""
        await self.page.locator("#price-rows input").nth(1).fill(gross)
        await self.page.locator("#lingers").select_option("0")
        await self.page.locator("#settings-form .main").click()

    def hold(self, text: str) -> None:
        """Holds a code before the camera; it sees it when it is started again."""
        self.film_file.write_bytes(film(text))

    async def look_again(self) -> None:
        """Starts the camera again."""
        await self.page.locator("#to-settings").click()
        await self.page.locator("#settings-leave").click()

    async def axe_of_verdict(self) -> list[str]:
        """What axe-core finds on the verdict that comes."""
        await self.page.locator(VERDICT).wait_for()
        return await axe(self.page)

    async def type(self, text: str) -> dict[str, Any]:
        """Types a number or pastes a text, however long; the verdict."""
        await self.submit(text)
        return await self.verdict()

    async def submit(self, text: str) -> None:
        """Types it, and does not wait."""
        await self.page.locator("#number").evaluate("(field, text) => { field.value = text }", text)
        await self.page.locator("#number-form button").click()

    async def verdict(self) -> dict[str, Any]:
        """What is shown: colour, word, line, look and the facts; then somebody goes on."""
        await self.page.locator(VERDICT).wait_for()
        shown: dict[str, Any] = await self.page.locator(VERDICT).evaluate(
            """(shown) => ({ colour: shown.dataset.colour,
              ...Object.fromEntries(['word', 'line', 'look'].map((part) =>
                [part, document.getElementById(`verdict-${part}`).textContent])),
              facts: [...shown.querySelectorAll('dt')].map((term) =>
                `${term.textContent}: ${term.nextElementSibling.textContent}`) })"""
        )
        await self.page.locator("#verdict-next").click()
        await self.page.locator(VERDICT).wait_for(state="hidden")
        return shown

    async def badge(self, said: str) -> None:
        """Waits until the line at the top says this."""
        await self.page.locator("#badge", has_text=said).wait_for()

    async def kept(self, kind: str) -> None:
        """Waits until something of the bundle whose name begins so is on the device."""
        # wait_for_function would take the promise itself for a yes
        async with asyncio.timeout(_PATIENCE):
            await self.page.evaluate(KEPT, kind)

    async def kept_app(self) -> None:
        """Waits until the app is on the device."""
        await self.page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")


@dataclass(frozen=True)
class Camera:
    """A browser, and the film that its camera shows."""

    browser: Browser
    film_file: Path


@asynccontextmanager
async def camera_in(folder: Path) -> AsyncIterator[Camera]:
    """A browser whose camera sees what a file of this folder says; which file is said when it is started."""
    film_file = folder / "film.y4m"
    arguments = [*ARGUMENTS, f"--use-file-for-fake-video-capture={film_file}"]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=arguments)
        yield Camera(browser, film_file)
        await browser.close()


@asynccontextmanager
async def phone(camera: Camera) -> AsyncIterator[Phone]:
    """A phone with an empty store, in Latvian, before a wall."""
    camera.film_file.write_bytes(film(""))
    context = await camera.browser.new_context(viewport={"width": 375, "height": 812}, locale="lv")
    page = await context.new_page()
    page.set_default_timeout(_PATIENCE * 1000)
    yield Phone(page, context, camera.film_file)
    await context.close()

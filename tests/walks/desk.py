"""A clerk at a browser: steps named by what the pages say, each page looked at with axe-core in both languages."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

from playwright.async_api import Browser, Page, ViewportSize

from amis.kernel import clock
from amis.staff import totp
from amis.web.i18n import translate
from tests.browser import axe
from tests.town import Site

SHOTS = os.environ.get("AMIS_SHOTS")
"""A folder that gets a picture of each page looked at, where somebody wants to see them."""
in_latvian = partial(translate, "lv")


@asynccontextmanager
async def desk_at(site: Site, chromium: Browser, *, scripts: bool) -> AsyncIterator["Desk"]:
    """A browser at the site, with scripts or without."""
    window: ViewportSize = {"width": 1280, "height": 800}
    context = await chromium.new_context(locale="lv", java_script_enabled=scripts, viewport=window)
    context.set_default_timeout(10_000)
    try:
        yield Desk(await context.new_page(), site, scripts)
    finally:
        await context.close()


@dataclass(slots=True)
class Desk:
    """One page of a browser in Latvian; `found` collects what axe-core objects to, by page and language."""

    page: Page
    site: Site
    scripts: bool
    found: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    async def go(self, path: str) -> None:
        """Types an address."""
        await self.page.goto(self.site.url + path)

    async def press(self, text: str) -> None:
        """Presses the button with this (English) text."""
        await self.page.get_by_role("button", name=in_latvian(text), exact=True).click()

    async def follow(self, text: str) -> None:
        """Follows the first link with this (English) text."""
        await self.page.get_by_role("link", name=in_latvian(text), exact=True).first.click()

    async def fill(self, label: str, value: str) -> None:
        """Types into the field with this (English) label."""
        await self.page.get_by_label(in_latvian(label), exact=True).fill(value)

    async def reads(self, text: str) -> None:
        """Waits until this (English) text is to be seen."""
        await self.shows(in_latvian(text))

    async def shows(self, text: str) -> None:
        """Waits until exactly these words are to be seen."""
        await self.page.get_by_text(text).filter(visible=True).first.wait_for()

    async def titled(self, text: str) -> None:
        """Waits for the page with this main heading."""
        await self.page.get_by_role("heading", level=1, name=text).wait_for()

    async def look(self, name: str, *, posted: bool = False) -> None:
        """Has axe-core, a script itself, look at the page in both languages; the answer to a form only as it stands."""
        address = self.page.url
        if not self.scripts:
            return
        await self._look(name, "lv")
        if not posted:
            await self.page.goto(_with(address, lang="en"))
            await self._look(name, "en")
            await self.page.goto(_with(address, lang="lv"))

    async def _look(self, name: str, language: str) -> None:
        assert await self.page.locator("html").get_attribute("lang") == language
        self.found[name, language] = await axe(self.page)
        if SHOTS:
            await self.page.screenshot(path=Path(SHOTS) / f"{name}-{language}.png", full_page=True)

    async def sign_in(self, email: str, password: str, totp_secret: str) -> None:
        """Signs in with the password and the code of the second device."""
        await self.fill("E-mail address", email)
        await self.fill("Password", password)
        await self.press("Continue")
        await self.look("code")
        await self.fill("Code", totp.code_at(totp_secret, clock.now()))
        await self.press("Sign in")


def _with(address: str, **query: str) -> str:
    parts = urlsplit(address)
    return parts._replace(query=urlencode(dict(parse_qsl(parts.query)) | query)).geturl()

"""A clerk at a browser: steps named by what the pages say, each page looked at with axe-core in both languages."""

import os
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

from playwright.async_api import Page

from amis.kernel import clock
from amis.staff import totp
from amis.web.i18n import translate
from tests.browser import axe
from tests.town import Site

SHOTS = os.environ.get("AMIS_SHOTS")
"""A folder that gets a picture of each page looked at, where somebody wants to see them."""
in_latvian = partial(translate, "lv")


@dataclass(slots=True)
class Desk:
    """One page of a browser in Latvian; `found` collects what axe-core objects to, by page and language."""

    page: Page
    site: Site
    name: str
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

    async def reads(self, text: str) -> bool:
        """Whether this (English) text, or what it begins, is to be seen."""
        return await self.page.get_by_text(in_latvian(text)).first.is_visible()

    async def title(self) -> str:
        """The page's main heading."""
        return await self.page.locator("h1").inner_text()

    async def look(self, name: str) -> None:
        """Has axe-core look at the page in both languages; what was posted is looked at as it stands."""
        address = self.page.url
        await self._look(name, "lv")
        if await self._asked_for_again(address):
            await self.page.goto(_with(address, lang="en"))
            await self._look(name, "en")
            await self.page.goto(_with(address, lang="lv"))

    async def _asked_for_again(self, address: str) -> bool:
        return await self.page.locator("form[method=post]").count() == 0 or urlsplit(address).path != "/persons"

    async def _look(self, name: str, language: str) -> None:
        assert await self.page.locator("html").get_attribute("lang") == language
        self.found[name, language] = await axe(self.page)
        if SHOTS:
            await self.page.screenshot(path=Path(SHOTS) / f"{self.name}-{name}-{language}.png", full_page=True)

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

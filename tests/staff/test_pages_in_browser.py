"""Signing in and stating a purpose in a real browser, without JavaScript; what axe-core finds on each page."""

from uuid import uuid4

import pytest
from fastapi import FastAPI

from amis.kernel import clock
from amis.web.headers import SecurityHeaders
from tests.browser import LANGUAGES, axe, serving
from tests.staff.conftest import Clerk


@pytest.fixture
async def address(app: FastAPI):
    async with serving(SecurityHeaders(app, secure=False)) as running:
        yield running


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_clerk_signs_in_states_a_purpose_and_signs_out_on_accessible_pages(
    chromium, address: str, clerk: Clerk, language: str
):
    context = await chromium.new_context(locale=language)
    page = await context.new_page()
    found = {}

    async def look(name: str) -> None:
        found[name] = await axe(page)

    async def enter() -> None:
        async with page.expect_navigation():
            await page.keyboard.press("Enter")

    async def click(selector: str) -> None:
        async with page.expect_navigation():
            await page.click(selector)

    person = f"/persons/{uuid4()}"
    await page.goto(address + person)
    await look("sign-in")
    await page.fill("#email", clerk.email)
    await page.fill("#password", "wrong")
    await enter()
    await look("sign-in, wrong")
    await page.fill("#password", clerk.password)
    await enter()
    await look("code")
    await page.fill("#code", "1")
    await enter()
    await look("code, wrong")
    await page.fill("#code", clerk.code(clock.now()))
    await enter()
    await look("purpose")
    await click("form[action='/purpose'] button")
    await look("purpose, wrong")
    await page.check("input[value=application]")
    await click("form[action='/purpose'] button")
    assert "application" in await page.content()
    await page.goto(address + "/account")
    await look("account")
    await page.goto(address + "/")
    await look("home")
    await click(".amis-header__sign-out button")
    assert page.url.startswith(address + "/sign-in")
    await context.close()
    assert {name: seen for name, seen in found.items() if seen} == {}

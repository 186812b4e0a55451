"""Signing in as a person does it, in tests of pages."""

from datetime import datetime

import httpx

from tests.staff.conftest import Clerk


async def sign_in(browser: httpx.AsyncClient, clerk: Clerk, at: datetime) -> httpx.Response:
    """Gives the password and then the code; returns the last answer."""
    first = await browser.post("/sign-in", data={"email": clerk.email, "password": clerk.password})
    assert first.status_code == 303, first.text
    return await browser.post("/sign-in/code", data={"code": clerk.code(at)})

"""What the tests of the validator's JavaScript share."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page

from tests.terminals.core_page import core_page


@pytest.fixture(scope="session")
async def core(chromium: Browser) -> AsyncIterator[Page]:
    """A page that answers for terminals/web/core (see `tests.terminals.core_page.ask`)."""
    async with core_page(chromium) as page:
        yield page

"""The demo behind a client, and behind a real server for the browser."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.browser import serving
from tests.web.demo import application


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """Asks the demo without a network."""
    transport = httpx.ASGITransport(application())
    async with httpx.AsyncClient(transport=transport, base_url="http://amis.test") as client:
        yield client


@pytest.fixture(scope="session")
async def demo() -> AsyncIterator[str]:
    """The address of the running demo."""
    async with serving(application()) as address:
        yield address

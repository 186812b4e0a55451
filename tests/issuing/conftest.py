"""A town with the concessions and rules of the seed, on a fixed day; seeded once and copied for each test."""

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime

import pytest
from httpx import AsyncClient

from amis.kernel import clock
from amis.kernel.actor import Actor
from amis.kernel.settings import Settings
from tests.granting.town import seed_rules
from tests.issuing.doors import client, house
from tests.issuing.town import CLERK
from tests.service import Found

NOW = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
async def seeded(found: Found) -> str:
    """The database of the town, to be copied."""
    return await found(seed_rules)


@pytest.fixture
def database_name(seeded: str, copy_of: Callable[[str], str]) -> str:
    """A fresh copy of the town."""
    return copy_of(seeded)


@pytest.fixture
def now() -> Iterator[datetime]:
    """The tenth of March 2026, half past eleven in Riga."""
    with clock.moved(NOW):
        yield NOW


@pytest.fixture
def town(database: Settings, now: datetime) -> Actor:
    """A clerk of Jelgava, where the seven rules are in force."""
    return CLERK


@pytest.fixture
async def browser(town: Actor) -> AsyncIterator[AsyncClient]:
    """A browser in which the clerk is signed in; the guard itself is tested with its room."""
    async with client(house(town)) as opened:
        yield opened

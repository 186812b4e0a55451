"""A town with the concessions and rules of the seed, its clerk, and persons in it."""

from collections.abc import Awaitable, Callable
from datetime import date

import pytest

from amis.kernel.actor import Actor
from amis.kernel.settings import Settings
from tests.granting.town import CLERK, Somebody, seed_rules, somebody_of
from tests.service import Found


@pytest.fixture(scope="session")
async def town_template(found: Found) -> str:
    """A database with the seed in it, that the tests' own are copied from."""
    return await found(seed_rules)


@pytest.fixture
def database_name(town_template: str, copy_of: Callable[[str], str]) -> str:
    """A fresh copy of the seeded database."""
    return copy_of(town_template)


@pytest.fixture
def town(database: Settings) -> Actor:
    """A clerk of Jelgava, where the seven rules are in force."""
    return CLERK


@pytest.fixture
def somebody(town: Actor) -> Callable[..., Awaitable[Somebody]]:
    """Makes persons of the town."""

    async def make(born: date | None = date(1980, 5, 17)) -> Somebody:
        return await somebody_of(town, born)

    return make

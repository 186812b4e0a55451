"""A migrated database with the grantors in it, and two towns' clerks."""

from collections.abc import Callable

import pytest

from amis.concessions.seed_lv import JELGAVA
from amis.kernel.actor import Actor, system
from amis.kernel.db import transaction
from amis.kernel.settings import Settings
from amis.register.seed_lv import seed_fact_kinds
from tests.service import Found

CLERK = Actor("staff", "clerk-1", "Clerk", JELGAVA, "Jelgava", frozenset({"person.read", "person.write"}))
OTHER_CLERK = Actor("staff", "clerk-2", "Clerk", 3, "Rīga", frozenset({"person.read", "person.write"}))


@pytest.fixture(scope="session")
async def founded(found: Found) -> str:
    """A register that knows the fact kinds of the state, to be copied."""

    async def work() -> None:
        async with transaction(system("seed", 1)) as tx:
            await seed_fact_kinds(tx)

    return await found(work)


@pytest.fixture
def database_name(founded: str, copy_of: Callable[[str], str]) -> str:
    """A fresh copy of it."""
    return copy_of(founded)


@pytest.fixture
def town(database: Settings) -> Actor:
    """A clerk of Jelgava."""
    return CLERK


@pytest.fixture
def elsewhere() -> Actor:
    """A clerk of another town."""
    return OTHER_CLERK

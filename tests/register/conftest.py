"""A migrated database with the grantors in it, and two towns' clerks."""

import pytest
from sqlalchemy import create_engine, pool

from amis.concessions.seed_lv import JELGAVA, seed_municipalities
from amis.kernel.actor import Actor, system
from amis.kernel.db import transaction
from amis.kernel.settings import Settings
from amis.register.seed_lv import seed_fact_kinds

CLERK = Actor("staff", "clerk-1", "Clerk", JELGAVA, "Jelgava", frozenset({"person.read", "person.write"}))
OTHER_CLERK = Actor("staff", "clerk-2", "Clerk", 3, "Rīga", frozenset({"person.read", "person.write"}))


@pytest.fixture
async def town(database: Settings) -> Actor:
    """A clerk of Jelgava in a register that knows the fact kinds of the state."""
    assert database.database_owner_url is not None
    engine = create_engine(database.database_owner_url, poolclass=pool.NullPool)
    with engine.begin() as owner:
        seed_municipalities(owner)
    async with transaction(system("seed", 1)) as tx:
        await seed_fact_kinds(tx)
    return CLERK


@pytest.fixture
def elsewhere() -> Actor:
    """A clerk of another town."""
    return OTHER_CLERK

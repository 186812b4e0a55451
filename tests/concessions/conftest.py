"""A migrated database with the grantors in it, and people who write concessions."""

import pytest
from sqlalchemy import create_engine, pool

from amis.concessions.seed_lv import JELGAVA, seed_municipalities
from amis.kernel.actor import Actor
from amis.kernel.settings import Settings

PERMISSIONS = frozenset({"concession.read", "concession.write"})


@pytest.fixture
def jelgava(database: Settings) -> Actor:
    """An author of concessions in Jelgava; the grantors are known."""
    assert database.database_owner_url is not None
    engine = create_engine(database.database_owner_url, poolclass=pool.NullPool)
    with engine.begin() as owner:
        seed_municipalities(owner)
    return Actor("staff", "author-1", "Author", JELGAVA, "Jelgava", PERMISSIONS)


@pytest.fixture
def state(jelgava: Actor) -> Actor:
    """The author of the state's concessions, in the same database."""
    return Actor("system", "seed", "seed", 1, "Latvija", PERMISSIONS)


@pytest.fixture
def riga(jelgava: Actor) -> Actor:
    """An author in another town, in the same database."""
    return Actor("staff", "author-2", "Author", 3, "Rīga", PERMISSIONS)

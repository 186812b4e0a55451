"""A town with the concessions and rules of the seed, on a fixed day; seeded once and copied for each test."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from httpx import AsyncClient
from sqlalchemy import create_engine, pool

from amis.concessions import seed_lv as concessions_seed
from amis.concessions.seed_lv import JELGAVA, seed_municipalities
from amis.granting import seed_lv
from amis.kernel import clock, db, keys
from amis.kernel.actor import Actor, system
from amis.kernel.db import transaction
from amis.kernel.models import STATE
from amis.kernel.postgres import Cluster, url
from amis.kernel.settings import Settings
from tests.granting.town import SEVEN
from tests.issuing.doors import client, house
from tests.issuing.town import CLERK

NOW = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
async def seeded(cluster: Cluster, template: str, make_database: Callable[..., str], keys_folder: Path) -> str:
    """The database of the town, to be copied."""
    name = make_database(template)
    engine = create_engine(url(cluster, "amis_owner", name), poolclass=pool.NullPool)
    with engine.begin() as owner:
        seed_municipalities(owner)
    engine.dispose()
    async with _opened(url(cluster, "amis_app", name), keys_folder):
        for actor in (system("seed", STATE), system("seed", JELGAVA)):
            async with transaction(actor) as tx:
                await concessions_seed.seed(tx, SEVEN)
                await seed_lv.seed(tx, SEVEN)
    return name


@asynccontextmanager
async def _opened(address: str, keys_folder: Path) -> AsyncIterator[None]:
    keys.open_keys(Settings(key_file=keys_folder / "keystore.json"))
    db.open_engine(address, pool_size=2)
    yield
    await db.close_engine()


@pytest.fixture
def database_name(seeded: str, make_database: Callable[..., str]) -> str:
    """A fresh copy of the town."""
    return make_database(seeded)


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

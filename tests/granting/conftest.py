"""A town with the concessions and rules of the seed, its clerk, and persons in it."""

from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import create_engine, pool

from amis.concessions.seed_lv import seed_municipalities
from amis.kernel import db, keys
from amis.kernel.actor import Actor
from amis.kernel.postgres import Cluster, url
from amis.kernel.settings import Settings
from tests.granting.town import CLERK, Somebody, seed_rules, somebody_of


@pytest.fixture(scope="session")
async def town_template(
    cluster: Cluster,
    template: str,
    make_database: Callable[..., str],
    keys_folder: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> str:
    """A database with the seed in it, that the tests' own are copied from."""
    name = make_database(template)
    engine = create_engine(url(cluster, "amis_owner", name), poolclass=pool.NullPool)
    with engine.begin() as owner:
        seed_municipalities(owner)
    engine.dispose()
    keys.open_keys(Settings(data_dir=tmp_path_factory.mktemp("seed"), key_file=keys_folder / "keystore.json"))
    db.open_engine(url(cluster, "amis_app", name))
    await seed_rules()
    await db.close_engine()
    return name


@pytest.fixture
def database_name(town_template: str, make_database: Callable[..., str]) -> str:
    """A fresh copy of the seeded database."""
    return make_database(town_template)


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

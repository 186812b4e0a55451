"""Fixtures of the service: a migrated database for each test that asks, keys, connections as each role."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from psycopg import AsyncConnection

from amis.kernel import clock, db, keys
from amis.kernel.postgres import Cluster, url
from amis.kernel.settings import Settings
from amis.migrations.migrate import upgrade


@pytest.fixture(autouse=True)
def clock_put_right() -> Iterator[None]:
    """A test that moves the clock puts it back."""
    yield
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=1)


@pytest.fixture(scope="session")
def keys_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One key store for the session; making one costs a second of Argon2id."""
    return tmp_path_factory.mktemp("keys")


@pytest.fixture(scope="session")
def template(cluster: Cluster, make_database: Callable[..., str]) -> str:
    """A migrated, empty database that others are copied from."""
    name = make_database()
    upgrade(url(cluster, "amis_owner", name))
    return name


@pytest.fixture
def database_name(template: str, make_database: Callable[..., str]) -> str:
    """A fresh migrated database."""
    return make_database(template)


@pytest.fixture
def configured(cluster: Cluster, database_name: str, keys_folder: Path, tmp_path: Path) -> Settings:
    """Settings of a service on that database."""
    return Settings(
        data_dir=tmp_path,
        key_file=keys_folder / "keystore.json",
        database_url=url(cluster, "amis_app", database_name),
        database_owner_url=url(cluster, "amis_owner", database_name),
        database_worker_url=url(cluster, "amis_worker", database_name),
        pool_size=4,
    )


@pytest.fixture
async def database(configured: Settings) -> AsyncIterator[Settings]:
    """The database open as this process's engine, with keys."""
    keys.open_keys(configured)
    assert configured.database_url is not None
    db.open_engine(configured.database_url, pool_size=4)
    yield configured
    await db.close_engine()


@pytest.fixture
def connect_worker(database: Settings) -> Callable[[], Awaitable[AsyncConnection]]:
    """Opens connections as the sequencer's role."""
    assert database.database_worker_url is not None
    return partial(AsyncConnection.connect, database.database_worker_url, autocommit=True)


@pytest.fixture
async def worker_connection(connect_worker: Callable[[], Awaitable[AsyncConnection]]) -> AsyncIterator[AsyncConnection]:
    """One connection as the sequencer's role."""
    async with await connect_worker() as connection:
        yield connection


@pytest.fixture
async def owner_connection(database: Settings) -> AsyncIterator[AsyncConnection]:
    """A connection as the owner, who can do what an attacker with the database could."""
    assert database.database_owner_url is not None
    connection = await AsyncConnection.connect(database.database_owner_url, autocommit=True)
    yield connection
    await connection.close()

"""Fixtures of the service: a migrated database for each test that asks, keys, connections as each role."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from psycopg import AsyncConnection
from sqlalchemy import create_engine, pool

from amis.concessions.seed_lv import seed_municipalities
from amis.kernel import clock, db, keys
from amis.kernel.postgres import Cluster, url
from amis.kernel.settings import Settings
from amis.migrations.migrate import upgrade
from cards.keys import Argon2Cost, EncryptedFileKeyStore, Passphrase

Found = Callable[[Callable[[], Awaitable[object]]], Awaitable[str]]
_CHEAP = Argon2Cost(iterations=1, memory=64, lanes=1)


@pytest.fixture(autouse=True)
def clock_put_right() -> Iterator[None]:
    """A test that moves the clock puts it back."""
    yield
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=1)


@pytest.fixture(scope="session")
def keys_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One key store for the session, behind a passphrase that costs next to nothing: each test opens it anew."""
    folder = tmp_path_factory.mktemp("keys")
    (folder / "passphrase").write_text("tests")
    EncryptedFileKeyStore.create(folder / "keystore.json", Passphrase("tests", _CHEAP))
    return folder


@pytest.fixture(scope="session")
def template(cluster: Cluster, make_database: Callable[..., str]) -> str:
    """A migrated, empty database that others are copied from."""
    name = make_database()
    upgrade(url(cluster, "amis_owner", name))
    return name


@pytest.fixture(scope="session")
def found(cluster: Cluster, template: str, make_database: Callable[..., str], keys_folder: Path) -> Found:
    """Makes a database with the grantors, in which some work was done, for the tests of a room to copy."""

    async def make(work: Callable[[], Awaitable[object]]) -> str:
        name = make_database(template)
        engine = create_engine(url(cluster, "amis_owner", name), poolclass=pool.NullPool)
        with engine.begin() as owner:
            seed_municipalities(owner)
        engine.dispose()
        keys.open_keys(Settings(key_file=keys_folder / "keystore.json"))
        db.open_engine(url(cluster, "amis_app", name), pool_size=2)
        await work()
        await db.close_engine()
        return name

    return make


@pytest.fixture
def database_name(template: str, copy_of: Callable[[str], str]) -> str:
    """A fresh migrated database."""
    return copy_of(template)


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

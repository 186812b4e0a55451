"""One PostgreSQL for the whole test session, and databases in it as cheap as 40 ms, gone with the test they served."""

import subprocess
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from shutil import disk_usage

import psycopg
import pytest
from psycopg.sql import SQL, Identifier, Literal

from amis.kernel import postgres

_FORGETFUL = "fsync = off\nfull_page_writes = off\n"
"""Nobody asks this server after a crash: what is proven of crashes is proven of servers as the service makes them."""
_MEMORY = Path("/dev/shm")
_ROOM = 4 * 2**30


def _forget(*folders: Path) -> None:
    # Hundreds of databases are hundreds of thousands of files: nobody needs to wait until they are gone.
    subprocess.Popen(["rm", "-rf", *map(str, folders)], start_new_session=True)


@pytest.fixture(scope="session")
def cluster_folder() -> Iterator[Path]:
    # Not tmp_path: that lies in a folder which only oneself may enter, so a server with its own account could not.
    folder = Path(tempfile.mkdtemp(prefix="amis-tests-"))
    folder.chmod(0o755)
    yield folder
    _forget(folder)


@pytest.fixture(scope="session")
def memory_folder(cluster_folder: Path) -> Iterator[Path]:
    """A folder in memory where there is enough of it, as copying a database is copying two thousand files."""
    if not _MEMORY.is_dir() or disk_usage(_MEMORY).free < _ROOM:
        yield cluster_folder
        return
    folder = Path(tempfile.mkdtemp(prefix="amis-tests-", dir=_MEMORY))
    folder.chmod(0o755)
    yield folder
    _forget(folder)


@pytest.fixture(scope="session")
def cluster(memory_folder: Path) -> Iterator[postgres.Cluster]:
    """A running server with the roles of AMIS and an empty database `amis`."""
    made = postgres.prepare(memory_folder / "session", shared_buffers="128MB")
    with (made.home / "conf" / "postgresql.conf").open("a") as settings:
        settings.write(_FORGETFUL)
    try:
        postgres.start(made)
        postgres.create_roles(made)
        yield made
    finally:
        postgres.stop(made, "immediate")
        _forget(made.socket, made.home, made.folder)


@pytest.fixture(scope="session")
def make_name() -> Callable[[], str]:
    """A name that no database of the session has yet."""
    numbers = count(1)
    return lambda: f"test_{next(numbers)}"


@pytest.fixture(scope="session")
def make_database(cluster: postgres.Cluster, make_name: Callable[[], str]) -> Callable[[str | None], str]:
    """Make a database that amis_owner owns, a copy of `template` if one is named; returns its name."""

    def make(template: str | None = None) -> str:
        name = make_name()
        postgres.create_database(cluster, name, template)
        return name

    return make


@pytest.fixture(scope="session")
def superuser(cluster: postgres.Cluster) -> Iterator[psycopg.Connection]:
    """A connection that may make and drop databases."""
    with psycopg.connect(postgres.url(cluster, postgres.SUPERUSER, postgres.SUPERUSER), autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def worn_out() -> list[str]:
    """The copies whose tests are over, oldest first."""
    return []


@pytest.fixture
def copy_of(
    superuser: psycopg.Connection, make_name: Callable[[], str], worn_out: list[str]
) -> Iterator[Callable[[str], str]]:
    """Copy a database that nobody is connected to, with its owner and grants, for one test.

    File by file, since a server that forgets needs no log of it. A copy is dropped two copies later: PostgreSQL
    would wait for the connections that were closed just now.
    """
    made: list[str] = []

    def copy(template: str) -> str:
        while len(worn_out) > 2:
            superuser.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(worn_out.pop(0))))
        made.append(make_name())
        statement = SQL("CREATE DATABASE {} OWNER amis_owner TEMPLATE {} STRATEGY FILE_COPY")
        superuser.execute(statement.format(Identifier(made[-1]), Identifier(template)))
        grants = SQL("(SELECT datacl FROM pg_database WHERE datname = {})").format(Literal(template))
        statement = SQL("UPDATE pg_database SET datacl = {} WHERE datname = {}")
        superuser.execute(statement.format(grants, Literal(made[-1])))
        return made[-1]

    yield copy
    worn_out += made

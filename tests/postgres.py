"""One PostgreSQL for the whole test session, and databases in it as cheap as 40 ms."""

import subprocess
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from amis.kernel import postgres


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
def cluster(cluster_folder: Path) -> Iterator[postgres.Cluster]:
    """A running server with the roles of AMIS and an empty database `amis`."""
    made = postgres.prepare(cluster_folder / "session", shared_buffers="128MB")
    try:
        postgres.start(made)
        postgres.create_roles(made)
        yield made
    finally:
        postgres.stop(made, "immediate")
        _forget(made.socket, made.home, made.folder)


@pytest.fixture(scope="session")
def make_database(cluster: postgres.Cluster) -> Callable[[str | None], str]:
    """Make a database that amis_owner owns, a copy of `template` if one is named; returns its name."""
    numbers = count(1)

    def make(template: str | None = None) -> str:
        name = f"test_{next(numbers)}"
        postgres.create_database(cluster, name, template)
        return name

    return make

"""A town whose service runs in processes of its own."""

import shutil
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest

from amis.demo.town import Town
from amis.kernel.postgres import Cluster, url
from amis.kernel.process import opened
from amis.kernel.settings import Settings
from cards.keys import Argon2Cost, EncryptedFileKeyStore, Passphrase
from tests.town import Site

_QUICK = Argon2Cost(iterations=1, memory=8, lanes=1)
"""A killed service opens its keys again; the work that guards a passphrase against guessing is not under test here."""


@pytest.fixture
async def apart(
    founded: tuple[str, Town],
    cluster: Cluster,
    make_database: Callable[..., str],
    keys_folder: Path,
    tmp_path: Path,
) -> AsyncIterator[Site]:
    """The seeded town with database and keys; the test starts and kills its service."""
    template, town = founded
    name, port = make_database(template), _free_port()
    chosen = Settings(
        data_dir=tmp_path,
        key_file=_copied_keys(keys_folder, tmp_path / "keys"),
        database_url=url(cluster, "amis_app", name),
        database_owner_url=url(cluster, "amis_owner", name),
        database_worker_url=url(cluster, "amis_worker", name),
        public_url=f"http://127.0.0.1:{port}",
        port=port,
        pool_size=4,
    )
    limits = httpx.Limits(max_connections=200, max_keepalive_connections=200)
    async with opened(chosen), httpx.AsyncClient(timeout=60, limits=limits) as http:
        yield Site(chosen.public_url, chosen, town, http, tmp_path / "terminals")


def _copied_keys(source: Path, target: Path) -> Path:
    shutil.copytree(source, target)
    secret = (target / "passphrase").read_text()
    EncryptedFileKeyStore.open(target / "keystore.json", Passphrase(secret)).relock(Passphrase(secret, _QUICK))
    return target / "keystore.json"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

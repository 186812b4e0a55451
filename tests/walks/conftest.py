"""A town whose service runs in processes of its own."""

import secrets
import shutil
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest

from amis.demo.seed import seed_lv
from amis.demo.town import Town, build_town
from amis.kernel import postgres
from amis.kernel.postgres import Cluster, url
from amis.kernel.process import opened
from amis.kernel.settings import Settings
from amis.migrations.migrate import upgrade
from cards.keys import Argon2Cost, EncryptedFileKeyStore, Passphrase
from tests.town import Site

_QUICK = Argon2Cost(iterations=1, memory=8, lanes=1)
"""A killed service opens its keys again; the work that guards a passphrase against guessing is not under test here."""


@pytest.fixture
async def apart(
    founded: tuple[str, Town],
    cluster: Cluster,
    copy_of: Callable[[str], str],
    keys_folder: Path,
    tmp_path: Path,
) -> AsyncIterator[Site]:
    """The seeded town with database and keys; the test starts and kills its service."""
    template, town = founded
    chosen = _settings(tmp_path, _copied_keys(keys_folder, tmp_path / "keys"), cluster, copy_of(template))
    async with opened(chosen), _many_connections() as http:
        yield Site(chosen.public_url, chosen, town, http, tmp_path / "terminals")


@pytest.fixture
async def fragile(cluster_folder: Path, tmp_path: Path) -> AsyncIterator[tuple[Site, Cluster]]:
    """The same on a database server of its own, which may crash: it has little to recover, and nobody else needs it."""
    cluster = postgres.prepare(cluster_folder / "fragile", shared_buffers="64MB")
    postgres.start(cluster)
    try:
        postgres.create_roles(cluster)
        upgrade(url(cluster, "amis_owner"))
        chosen = _settings(tmp_path, _new_keys(tmp_path / "keys"), cluster, postgres.DATABASE)
        async with opened(chosen), _many_connections() as http:
            await seed_lv(url(cluster, "amis_owner"))
            yield Site(chosen.public_url, chosen, await build_town(), http, tmp_path / "terminals"), cluster
    finally:
        postgres.erase(cluster)


def _settings(folder: Path, key_file: Path, cluster: Cluster, name: str) -> Settings:
    port = _free_port()
    return Settings(
        data_dir=folder,
        key_file=key_file,
        database_url=url(cluster, "amis_app", name),
        database_owner_url=url(cluster, "amis_owner", name),
        database_worker_url=url(cluster, "amis_worker", name),
        public_url=f"http://127.0.0.1:{port}",
        port=port,
        pool_size=4,
    )


def _many_connections() -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=250, max_keepalive_connections=250)
    return httpx.AsyncClient(timeout=60, limits=limits)


def _copied_keys(source: Path, target: Path) -> Path:
    shutil.copytree(source, target)
    passphrase = (target / "passphrase").read_text()
    EncryptedFileKeyStore.open(target / "keystore.json", Passphrase(passphrase)).relock(Passphrase(passphrase, _QUICK))
    return target / "keystore.json"


def _new_keys(folder: Path) -> Path:
    folder.mkdir()
    passphrase = secrets.token_urlsafe(32)
    (folder / "passphrase").write_text(passphrase)
    EncryptedFileKeyStore.create(folder / "keystore.json", Passphrase(passphrase, _QUICK))
    return folder / "keystore.json"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

"""The stage: a PostgreSQL and a town in a folder of their own, and server processes on them."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from amis.demo.seed import seed_lv
from amis.demo.town import Town, build_town
from amis.kernel import postgres
from amis.kernel.process import database_url, embedded, opened
from amis.kernel.settings import Settings
from amis.migrations.migrate import upgrade

_PATIENCE = 60


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything a measurement needs; this process's engine and keys are open too."""

    settings: Settings
    cluster: postgres.Cluster
    town: Town

    @property
    def postmaster(self) -> int:
        """The process id of PostgreSQL."""
        found = postgres.postmaster(self.cluster)
        assert found is not None
        return found

    def url(self, role: str) -> str:
        """The database for a role; `postgres` is the superuser, past row-level security."""
        return postgres.url(self.cluster, role)


@dataclass(frozen=True, slots=True)
class Server:
    """A running web process."""

    pid: int
    port: int


@asynccontextmanager
async def stage() -> AsyncIterator[Stage]:
    """A founded town, taken down with all its data afterwards."""
    folder = _folder()
    settings = Settings(data_dir=folder, database_url=None, key_file=None)
    cluster = embedded(settings)
    try:
        postgres.start(cluster)
        postgres.create_roles(cluster)
        upgrade(database_url(settings, "amis_owner"))
        async with opened(settings):
            await seed_lv(database_url(settings, "amis_owner"))
            yield Stage(settings, cluster, await build_town())
    finally:
        postgres.erase(cluster)
        shutil.rmtree(folder, ignore_errors=True)


def _folder() -> Path:
    # Not for oneself alone: a PostgreSQL with an account of its own has to get in.
    folder = Path(tempfile.mkdtemp(prefix="amis-bench-"))
    folder.chmod(0o755)
    return folder


@contextmanager
def service(on: Stage) -> Iterator[Server]:
    """`amis serve` on the stage's data, one web process."""
    port = _free_port()
    environment = {
        "AMIS_DATA_DIR": str(on.settings.data_dir),
        "AMIS_PORT": str(port),
        "AMIS_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "AMIS_LOG_LEVEL": "WARNING",
    }
    program = "from amis.cli import app; app()"
    with _process([sys.executable, "-c", program, "serve"], port, environment) as server:
        yield server


@contextmanager
def reference(on: Stage) -> Iterator[Server]:
    """The naive endpoint of `tests.bench.naive` on the same database."""
    port = _free_port()
    command = [sys.executable, "-m", "tests.bench.naive", str(port)]
    with _process(command, port, {"BENCH_DATABASE_URL": on.url("amis_owner")}) as server:
        yield server


@contextmanager
def _process(command: list[str], port: int, environment: dict[str, str]) -> Iterator[Server]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AMIS_")}
    process = subprocess.Popen(command, env=clean | environment, cwd=Path(__file__).parents[2])
    try:
        _await_ready(process, port)
        yield Server(process.pid, port)
    finally:
        process.terminate()
        process.wait(timeout=_PATIENCE)


def _await_ready(process: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(_PATIENCE * 10):
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode} before it was ready")
        try:
            if httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise RuntimeError("the server did not become ready")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])

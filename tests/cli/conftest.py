"""Commands as the shell runs them: settings from the environment, in this process or as one of their own."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from amis.cli import app
from amis.kernel.settings import Settings, settings

VARIABLES = ("data_dir", "key_file", "database_url", "database_owner_url", "database_worker_url", "pool_size")
Amis = Callable[..., Awaitable[Result]]


@pytest.fixture
def amis(configured: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Amis]:
    """Runs a command in a thread, since it brings an event loop of its own."""
    for name in VARIABLES:
        monkeypatch.setenv(f"AMIS_{name.upper()}", str(getattr(configured, name)))
    monkeypatch.setenv("COLUMNS", "200")
    settings.cache_clear()

    async def run(*words: str) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, app, list(words), prog_name="amis")

    yield run
    settings.cache_clear()


@pytest.fixture
def database_away(amis: Amis, monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings name a database that does not answer."""
    for role in ("", "OWNER_", "WORKER_"):
        monkeypatch.setenv(f"AMIS_DATABASE_{role}URL", "postgresql://amis@127.0.0.1:1/amis")
    settings.cache_clear()


def started(*words: str, log: Path, **variables: str) -> subprocess.Popen[bytes]:
    """The command as a process that writes to `log`."""
    with log.open("ab") as sink:
        command = [str(Path(sys.executable).with_name("amis")), *words]
        return subprocess.Popen(command, stdout=sink, stderr=sink, env=os.environ | variables)

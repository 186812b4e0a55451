"""The service in processes that can be killed: forked ones that come back at once, and the commands themselves."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

import httpx

from amis.kernel.settings import Settings
from tests.town import Site

ROOT = Path(__file__).parents[2]
_VARIABLES = ["data_dir", "key_file", "database_url", "database_owner_url", "database_worker_url", "public_url"]
_VARIABLES += ["port", "pool_size", "log_level"]


class Forked:
    """Serving children of one nursery."""

    def __init__(self, nursery: asyncio.subprocess.Process, children: int) -> None:
        self._nursery = nursery
        self._children = children
        self.pids: list[int] = []

    async def born(self) -> None:
        """Waits until all children are forked."""
        assert self._nursery.stdout is not None
        while len(self.pids) < self._children:
            line = await self._nursery.stdout.readline()
            assert line, "the nursery ended"
            self.pids.append(int(line))

    async def kill(self) -> None:
        """SIGKILL to every child; returns when others took their places."""
        for pid in self.pids:
            os.kill(pid, signal.SIGKILL)
        self.pids.clear()
        await self.born()


@asynccontextmanager
async def forked(site: Site, children: int = 2) -> AsyncIterator[Forked]:
    """The site's service as so many processes on one socket."""
    with socket.create_server(("127.0.0.1", _port(site)), backlog=512) as listening, _log(site, "serve") as sink:
        nursery = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.walks.nursery", str(listening.fileno()), str(children)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=sink,
            pass_fds=[listening.fileno()],
            env=environment(site.settings),
            cwd=ROOT,
        )
        service = Forked(nursery, children)
        try:
            await service.born()
            await answering(site)
            yield service
        finally:
            nursery.terminate()
            await nursery.wait()


class Command:
    """One of our commands as a process with a log file."""

    def __init__(self, site: Site, name: str) -> None:
        self._site = site
        self._name = name
        self._process = self._started()

    def _started(self) -> subprocess.Popen[bytes]:
        amis = Path(sys.executable).with_name("amis")
        with _log(self._site, self._name) as sink:
            return subprocess.Popen([amis, self._name], stdout=sink, stderr=sink, env=environment(self._site.settings))

    def kill(self) -> None:
        """SIGKILL, and the command once more."""
        self._process.kill()
        self._process.wait()
        self._process = self._started()

    def stop(self) -> None:
        """Asks it to end, as an operator does."""
        self._process.terminate()
        self._process.wait(20)


@asynccontextmanager
async def commands(site: Site, *names: str) -> AsyncIterator[list[Command]]:
    """The site's service as its operator runs it: `amis serve`, `amis worker`."""
    running = [Command(site, name) for name in names]
    try:
        await answering(site)
        yield running
    finally:
        for command in running:
            command.stop()


async def answering(site: Site) -> None:
    """Returns once the service is ready."""
    for _ in range(600):
        try:
            if (await site.http.get(f"{site.url}/readyz")).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            await asyncio.sleep(0.05)
    raise AssertionError(log_file(site, "serve").read_text()[-2000:])


def environment(settings: Settings) -> dict[str, str]:
    """The variables that give another process these settings."""
    return os.environ | {f"AMIS_{name.upper()}": str(getattr(settings, name)) for name in _VARIABLES}


def log_file(site: Site, name: str) -> Path:
    """What the command has logged so far."""
    return site.settings.data_dir / f"{name}.log"


def _log(site: Site, name: str) -> BinaryIO:
    return log_file(site, name).open("ab")


def _port(site: Site) -> int:
    return int(urlsplit(site.url).port or 0)

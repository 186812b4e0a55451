"""`amis serve` and `amis worker` as processes: they come up, and end cleanly when asked."""

import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from amis.kernel.settings import Settings
from tests.cli.conftest import Amis, started

Start = Callable[..., subprocess.Popen[bytes]]
PATIENCE = 60
ASKED = [signal.SIGTERM, signal.SIGINT]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Where the process writes."""
    return tmp_path / "process.log"


@pytest.fixture
def start(amis: Amis, log: Path) -> Iterator[Start]:
    """Starts commands that do not outlive the test."""
    processes: list[subprocess.Popen[bytes]] = []

    def begin(*words: str, **variables: str) -> subprocess.Popen[bytes]:
        processes.append(started(*words, log=log, **variables))
        return processes[-1]

    yield begin
    for process in processes:
        process.kill()
        process.wait()


def until(process: subprocess.Popen[bytes], log: Path, seen: Callable[[], bool]) -> None:
    """Waits until something is seen, as long as the process lives."""
    deadline = time.monotonic() + PATIENCE
    while not seen():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)


def answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/readyz").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("signum", ASKED)
def test_the_web_process_serves_and_ends(start: Start, log: Path, signum: signal.Signals) -> None:
    address = f"http://127.0.0.1:{(port := free_port())}"
    process = start("serve", AMIS_PORT=str(port))
    until(process, log, lambda: answers(address))
    process.send_signal(signum)
    # Once everything is closed the server lets the signal end it, which tells a shell that it was asked to.
    assert process.wait(PATIENCE) in {0, -signum, 128 + signum}
    assert "Traceback" not in log.read_text()
    assert not answers(address)


@pytest.mark.parametrize("signum", ASKED)
def test_the_worker_works_and_ends(start: Start, log: Path, configured: Settings, signum: signal.Signals) -> None:
    assert configured.database_owner_url is not None
    process = start("worker", AMIS_WORKER_METRICS_PORT=str(port := free_port()), AMIS_CANARY="false")
    with psycopg.connect(configured.database_owner_url, autocommit=True) as owner:
        until(process, log, lambda: owner.execute("SELECT job FROM job_run").fetchone() is not None)
    assert "amis_freshness_seconds" in httpx.get(f"http://127.0.0.1:{port}/metrics").text
    process.send_signal(signum)
    assert process.wait(PATIENCE) == 0
    assert "Traceback" not in log.read_text()

"""The demo's processes and ports."""

import contextlib
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from amis.demo import machine
from amis.demo.machine import StartFailed, free_port, service, start
from amis.kernel.settings import Settings

STUBBORN = """#!{python}
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("up", flush=True)
time.sleep(600)
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "var", port=1)


@pytest.fixture
def amis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands where the command `amis` would be looked for."""
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    return tmp_path / "amis"


def program(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


def test_a_port_that_is_taken_is_passed_over() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert port < free_port(port) < port + 100


def test_a_process_is_given_the_settings() -> None:
    chosen = Settings(data_dir=Path("var"), port=8123, public_url="http://localhost:8123", shared_buffers="64MB")
    assert machine.environment(chosen) == {
        "AMIS_DATA_DIR": str(Path("var").resolve()),
        "AMIS_PORT": "8123",
        "AMIS_PUBLIC_URL": "http://localhost:8123",
        "AMIS_SHARED_BUFFERS": "64MB",
    }


def test_a_process_that_does_not_end_when_asked_is_killed(
    settings: Settings, amis: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(amis, STUBBORN.format(python=Path("/proc/self/exe").resolve()))
    monkeypatch.setattr(machine, "_GRACE", 0.2)
    with ExitStack() as stack:
        process = start(stack, settings, "stubborn", [])
        while "up" not in machine.log_file(settings, "stubborn").read_text():
            assert process.poll() is None
    assert process.returncode == -9


def test_a_service_that_ends_at_once_is_told_with_its_log(settings: Settings, amis: Path) -> None:
    program(amis, "#!/bin/sh\necho 'no such database [jelgava]' >&2\nexit 3\n")
    with pytest.raises(StartFailed, match=r"no such database \[jelgava\]"), service(settings):
        pass


def test_a_signal_in_the_middle_of_a_start_leaves_no_process(
    settings: Settings, amis: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(amis, "#!/bin/sh\nexec sleep 600\n")
    started: list[subprocess.Popen[bytes]] = []

    def interrupted(*words: object, **settings: object) -> subprocess.Popen[bytes]:
        started.append(popen(*words, **settings))  # type: ignore[call-overload]  # handed on as it comes
        signal.raise_signal(signal.SIGTERM)
        return started[-1]

    popen = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", interrupted)
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt), ExitStack() as stack:
            start(stack, settings, "sleeper", [])
    finally:
        signal.signal(signal.SIGTERM, before)
    assert [process.returncode for process in started] == [-signal.SIGTERM]


def test_an_interrupt_that_is_swallowed_comes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_AGAIN", 0.01)
    before = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)}
    machine.stop_on_signals()
    try:
        with contextlib.suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)
        with pytest.raises(KeyboardInterrupt):
            time.sleep(10)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for each, handler in before.items():
            signal.signal(each, handler)

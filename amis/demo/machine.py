"""The processes of the demo on this machine: PostgreSQL, the service, its worker, the pretend social system."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

import httpx

from amis.kernel import postgres
from amis.kernel.process import database_url, embedded
from amis.kernel.settings import Settings
from amis.migrations.migrate import upgrade

_PATIENCE = 30.0
"""Seconds that the service has to answer after its start."""
_GRACE = 10.0
"""Seconds that a process has to end after it was asked to."""

_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)
_AGAIN = 1.0
"""Seconds after which an interrupt that nobody seems to have met is raised once more."""


class StartFailed(RuntimeError):
    """A process of the demo ended before it answered."""


def stop_on_signals() -> None:
    """From now on SIGINT and SIGTERM raise KeyboardInterrupt, again and again until something is being stopped."""
    for each in _STOPPING:
        signal.signal(each, _interrupt)
    sys.unraisablehook = _tell_but_interrupts


def _interrupt(_signum: int, _frame: FrameType | None) -> None:
    # Python drops an exception that comes up inside the callback of a weak reference, and with it the wish to stop.
    signal.setitimer(signal.ITIMER_REAL, _AGAIN)
    raise KeyboardInterrupt


def _tell_but_interrupts(dropped: "sys.UnraisableHookArgs") -> None:
    # An interrupt that was dropped in such a callback comes again in a second: nobody needs to read of it.
    if dropped.exc_type is not KeyboardInterrupt:
        sys.__unraisablehook__(dropped)


def _interrupt_was_met() -> None:
    signal.setitimer(signal.ITIMER_REAL, 0)


@contextmanager
def database(settings: Settings) -> Iterator[None]:
    """The embedded PostgreSQL, migrated, for the length of the block; stopped cleanly afterwards."""
    cluster = embedded(settings)
    try:
        # Inside: whoever interrupts the start leaves a server that is still coming up.
        postgres.start(cluster)
        with uninterrupted():
            postgres.create_roles(cluster, settings.database_name)
            upgrade(database_url(settings, "amis_owner"))
        yield
    finally:
        _interrupt_was_met()
        postgres.stop(cluster)


def start(stack: ExitStack, settings: Settings, name: str, command: Sequence[str]) -> subprocess.Popen[bytes]:
    """One of our commands as a process with its own log file; ended with the stack."""
    # A process that is born while an interrupt comes would be nobody's to end.
    with log_file(settings, name).open("ab") as sink, uninterrupted():
        process = subprocess.Popen(  # noqa: S603 - our own command, no shell
            [str(Path(sys.executable).with_name("amis")), *command],
            stdout=sink,
            stderr=sink,
            stdin=subprocess.DEVNULL,
            env=os.environ | environment(settings),
            # Ctrl-C is for the demo, which ends its processes in order.
            start_new_session=True,
        )
        stack.callback(_end, process)
    return process


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Holds the signals to stop back until the end of the block, for work that nobody should find half done."""
    held: list[int] = []
    with signals_to(held.append):
        yield
    for signum in held:
        signal.raise_signal(signum)


@contextmanager
def signals_to(meet: Callable[[int], object]) -> Iterator[None]:
    """For the length of the block, signals to stop are `meet`'s and interrupt nothing."""
    before = {each: signal.signal(each, lambda signum, _: meet(signum)) for each in _STOPPING}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


@contextmanager
def service(settings: Settings) -> Iterator[None]:
    """The web process and the worker, until the end of the block.

    Raises:
        StartFailed: with the end of the log.
    """
    with ExitStack() as stack:
        web = start(stack, settings, "serve", ["serve"])
        start(stack, settings, "worker", ["worker"])
        _await_answer(settings, web)
        yield


def environment(settings: Settings) -> dict[str, str]:
    """The variables that give another process these settings."""
    return {
        "AMIS_DATA_DIR": str(settings.data_dir.resolve()),
        "AMIS_PORT": str(settings.port),
        "AMIS_PUBLIC_URL": settings.public_url,
        "AMIS_SHARED_BUFFERS": settings.shared_buffers,
    }


def log_file(settings: Settings, name: str) -> Path:
    """Where a process writes its log."""
    folder = settings.data_dir / "log"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name}.log"


def free_port(wanted: int) -> int:
    """`wanted`, or the next port above it that nobody listens on."""
    for port in range(wanted, wanted + 100):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise StartFailed(f"no free port from {wanted} on")


def _await_answer(settings: Settings, web: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and web.poll() is None:
        try:
            if httpx.get(f"http://127.0.0.1:{settings.port}/readyz", timeout=2).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise StartFailed(f"the service does not answer:\n{_end_of(log_file(settings, 'serve'))}")


def _end_of(log: Path, lines: int = 20) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


def _end(process: subprocess.Popen[bytes]) -> None:
    """Asks it to end by SIGTERM; SIGKILL if it stays."""
    _interrupt_was_met()
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(_GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()

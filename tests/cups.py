"""A real CUPS with one queue, private to the test session; its printer is a TCP port on which we listen (AppSocket)."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue
from threading import Thread

import pytest

FILES = """FileDevice No
ServerRoot {folder}/root
StateDir {folder}/state
RequestRoot {folder}/spool
CacheDir {folder}/cache
TempDir {folder}/tmp
AccessLog {folder}/access
ErrorLog {folder}/error
PageLog {folder}/page
Printcap
"""
DAEMON = """Listen {folder}/cups.sock
Browsing No
WebInterface No
IdleExitTimeout 0
<Policy default>
<Limit All>
Order deny,allow
</Limit>
</Policy>
<Location />
Order allow,deny
Allow all
</Location>
"""
QUEUE = """<Printer {name}>
DeviceURI socket://127.0.0.1:{port}
State Idle
Accepting Yes
Shared No
ErrorPolicy abort-job
OpPolicy default
</Printer>
"""


class Paper:
    """A printer that keeps what comes out of it."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.sheets: SimpleQueue[bytes] = SimpleQueue()
        Thread(target=self._print, name="printer", daemon=True).start()

    def _print(self) -> None:
        while True:
            line, _ = self._socket.accept()
            with line, line.makefile("rb") as document:
                self.sheets.put(document.read())


@pytest.fixture(scope="session")
def cups_folder() -> Iterator[Path]:
    """Where its files are; its drivers run under an account of their own, which must be able to enter."""
    folder = Path(tempfile.mkdtemp(prefix="amis-cups-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def cups(cups_folder: Path) -> Iterator[Paper]:
    """The queue `cards` of a running CUPS, on the socket that CUPS_SERVER names to this process and its children."""
    paper = Paper()
    for name in ("root", "state", "spool", "cache", "tmp"):
        (cups_folder / name).mkdir()
    owner = "" if os.getuid() == 0 else f"User {os.getuid()}\nGroup {os.getgid()}\n"
    (cups_folder / "cups-files.conf").write_text(FILES.format(folder=cups_folder) + owner)
    (cups_folder / "cupsd.conf").write_text(DAEMON.format(folder=cups_folder))
    (cups_folder / "root" / "printers.conf").write_text(QUEUE.format(name="cards", port=paper.port))
    # A copy: where AppArmor confines the installed program, that one may not read our folder.
    program = shutil.copy2("/usr/sbin/cupsd", cups_folder / "cupsd")
    files = ["-c", str(cups_folder / "cupsd.conf"), "-s", str(cups_folder / "cups-files.conf")]
    before = os.environ.get("CUPS_SERVER")
    with (cups_folder / "log").open("wb") as log:
        # It ends with the tests, even where those are killed.
        command = ["setpriv", "--pdeathsig", "TERM", program, "-f", *files]
        daemon = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        os.environ["CUPS_SERVER"] = str(cups_folder / "cups.sock")
        _await_queue(daemon, cups_folder)
        yield paper
    finally:
        daemon.terminate()
        daemon.wait(10)
        os.environ.pop("CUPS_SERVER")
        if before is not None:
            os.environ["CUPS_SERVER"] = before


def _await_queue(daemon: "subprocess.Popen[bytes]", folder: Path) -> None:
    end = time.monotonic() + 10
    while subprocess.run(["lpstat", "-a", "cards"], capture_output=True).returncode != 0:
        assert daemon.poll() is None, (folder / "log").read_text() + (folder / "error").read_text()
        assert time.monotonic() < end, "CUPS does not answer"
        time.sleep(0.02)

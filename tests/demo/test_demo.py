"""`amis demo` as a reader runs it: it plays the walk, goes on with the same town, and leaves nothing behind."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from amis.demo.walk import STEPS
from amis.kernel import postgres
from amis.kernel.process import embedded
from amis.kernel.settings import Settings

PATIENCE = 120


class Town:
    """A data folder and the demos that were started in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings = Settings(data_dir=folder / "var", shared_buffers="128MB")
        self.count = 0
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """The demo with these words, on a port of its own."""
        self.count += 1
        variables = {"AMIS_DATA_DIR": str(self.settings.data_dir), "AMIS_PORT": str(free_port())}
        variables |= {"AMIS_SHARED_BUFFERS": self.settings.shared_buffers, "COLUMNS": "200"}
        command = [str(Path(sys.executable).with_name("amis")), "demo", "--persons", "20", *words]
        with (self.folder / f"{self.count}.txt").open("wb") as sink:
            started = subprocess.Popen(command, stdout=sink, stderr=sink, env=os.environ | variables)
        self.processes.append(started)
        return started

    def printed(self) -> str:
        """What the last demo has printed so far."""
        return (self.folder / f"{self.count}.txt").read_text()

    def told(self) -> str:
        """What there is to know of a demo that went wrong."""
        log = self.settings.data_dir / "log" / "serve.log"
        return self.printed() + (log.read_text()[-3000:] if log.exists() else "")

    def until(self, process: subprocess.Popen[bytes], text: str) -> None:
        """Waits until the last demo has printed this."""
        deadline = time.monotonic() + PATIENCE
        while text not in self.printed():
            assert process.poll() is None, self.told()
            assert time.monotonic() < deadline, self.told()
            time.sleep(0.05)

    def passwords(self) -> dict[str, str]:
        """The passwords in the table of the last demo."""
        return dict(re.findall(r"│ (\S+@jelgava\.example) +│ (\S+) +│", self.printed()))

    def left(self) -> list[str]:
        """The commands of processes that still work with the folder."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                about = (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes()
            except OSError:  # gone meanwhile
                continue
            if os.fsencode(self.settings.data_dir) in about:
                found.append((entry / "cmdline").read_text())
        return found


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    """A fresh folder which the database's own account can reach."""
    folder = Path(tempfile.mkdtemp(prefix="amis-demo-"))
    folder.chmod(0o755)
    made = Town(folder)
    yield made
    for process in made.processes:
        process.kill()
        process.wait()
    postgres.erase(embedded(made.settings))
    subprocess.run(["rm", "-r", str(folder)], check=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def assert_all_is_stopped(town: Town) -> None:
    assert town.left() == []
    assert not postgres.running(embedded(town.settings))


def test_the_walk_is_played_once_and_everything_stops(town: Town) -> None:
    assert town.start("--once").wait(PATIENCE) == 0, town.told()
    printed = town.printed()
    for title, _ in STEPS:
        assert re.search(rf"^ +\d+\.\d ms +{re.escape(title)}: ", printed, re.MULTILINE), title
    assert "ACCEPT OK, to pay 0.00 of 0.85 EUR, 19 left" in printed
    assert "Everything is stopped" in printed
    assert len(town.passwords()) == 4
    memory = town.settings.data_dir / "demo.json"
    assert json.loads(memory.read_text())["passwords"] == town.passwords()
    assert memory.stat().st_mode & 0o077 == 0
    assert_all_is_stopped(town)


def test_it_goes_on_with_the_same_town_alone_until_it_is_stopped(town: Town) -> None:
    before = json.loads((town.settings.data_dir / "demo.json").read_text())["passwords"]
    serving = town.start()
    town.until(serving, "Serving; people ride the bus.")
    printed = town.printed()
    assert printed.count(": 0 concessions, 0 rules") == 5
    assert "seed: 0 municipalities" in printed
    assert town.passwords() == before
    second = town.start("--once")
    assert second.wait(PATIENCE) == 1
    assert f"Another AMIS is working with this folder. Folder {town.settings.data_dir}" in town.printed()
    assert f"process {serving.pid}. Stop that one first." in town.printed()
    assert serving.poll() is None
    serving.send_signal(signal.SIGTERM)
    assert serving.wait(PATIENCE) == 0
    assert_all_is_stopped(town)


@pytest.mark.parametrize(
    ("signum", "moment"),
    [(signal.SIGTERM, "seed:"), (signal.SIGINT, "The main walk")],
    ids=["while the town is founded", "during the walk"],
)
def test_whenever_it_is_stopped_nothing_is_left(town: Town, signum: signal.Signals, moment: str) -> None:
    process = town.start()
    town.until(process, moment)
    process.send_signal(signum)
    process.wait(PATIENCE)
    assert "Traceback" not in town.printed()
    assert_all_is_stopped(town)

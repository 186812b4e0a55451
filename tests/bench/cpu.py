"""CPU time of process trees out of /proc, which holds where wall time on a busy machine does not."""

import os
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")
_PARENT, _TIMES = 1, slice(11, 15)
"""Fields of /proc/PID/stat after the name: ppid; utime, stime and those of children that have ended (proc(5))."""


def tree_seconds(root: int) -> float:
    """Seconds of CPU that the process `root` and all its descendants, ended ones too, have used."""
    children: dict[int, list[int]] = defaultdict(list)
    ticks: dict[int, int] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # ended meanwhile; its time is then in its parent's
            continue
        children[int(fields[_PARENT])].append(int(entry.name))
        ticks[int(entry.name)] = sum(map(int, fields[_TIMES]))
    return sum(ticks.get(pid, 0) for pid in _tree(root, children)) / _TICK


def _tree(root: int, children: dict[int, list[int]]) -> list[int]:
    found = [root]
    for pid in found:
        found.extend(children[pid])
    return found


def resident_megabytes(pid: int) -> float:
    """Resident memory of one process."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


@dataclass(frozen=True, slots=True)
class Spent:
    """CPU microseconds a request on the application's side and in PostgreSQL, and requests a second."""

    requests: int
    seconds: float
    app_us: float
    postgres_us: float

    @property
    def us(self) -> float:
        """CPU microseconds a request, both sides."""
        return self.app_us + self.postgres_us

    @property
    def rate(self) -> float:
        """Requests a second of wall time, the generator running on the same machine."""
        return self.requests / self.seconds


class Meter:
    """Reads the CPU time of an application and of PostgreSQL over a window."""

    def __init__(self, app: int, postgres: int) -> None:
        self._pids = app, postgres
        self._start = self._read()

    def _read(self) -> tuple[float, float]:
        app, postgres = self._pids
        return tree_seconds(app), tree_seconds(postgres)

    def spent(self, requests: int, seconds: float) -> Spent:
        """What each request of the window cost, the window ending now."""
        app, postgres = (now - then for now, then in zip(self._read(), self._start, strict=True))
        return Spent(requests, seconds, app / requests * 1e6, postgres / requests * 1e6)

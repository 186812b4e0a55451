"""The moments at which a simulator did something: replaying them brings a stopped simulator back to where it was."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from sync.simulator import Simulator


class Diary:
    """One aware ISO 8601 moment a line: the first load, then each step."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def moments(self) -> list[datetime]:
        if not self._path.exists():
            return []
        return [datetime.fromisoformat(line) for line in self._path.read_text(encoding="ascii").split()]

    def note(self, at: datetime) -> None:
        with self._path.open("a", encoding="ascii") as diary:
            diary.write(f"{at.isoformat()}\n")


def resume(diary: Diary, source: str, seed: int, persons: int, at: datetime) -> tuple[Simulator, list[dict[str, Any]]]:
    """The simulator as its diary left it, with the events of its last moment; an empty diary begins at `at`.

    A moment is noted before its events reach the outbox. Sending the last ones again closes that gap, and costs
    nothing: the receiver answers `unchanged`.
    """
    moments = diary.moments()
    if not moments:
        diary.note(at)
        moments = [at]
    simulator = Simulator(source, seed, persons, moments[0].date())
    events = [*simulator.residences(moments[0]), *simulator.initial(moments[0])]
    for moment in moments[1:]:
        events = simulator.step(moment)
    return simulator, events

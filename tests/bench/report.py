"""What was measured, as tables for the reader and as JSON for the record."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.table import Table

from amis.kernel import clock

_PACKAGES = ("amis-concessions", "fastapi", "sqlalchemy", "psycopg", "uvicorn", "uvloop", "msgspec", "cryptography")
Cell = str | int | float


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure beside what it should be, printed and never asserted: on a busy machine it says little."""

    name: str
    got: float
    goal: float
    at_most: bool = True

    @property
    def met(self) -> bool:
        """Whether the figure is on the right side of the goal."""
        return self.got <= self.goal if self.at_most else self.got >= self.goal


@dataclass(frozen=True, slots=True)
class Section:
    """One measurement: a table, its goals, and what each side does and stores."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    goals: Sequence[Goal] = ()
    notes: Sequence[str] = field(default_factory=tuple)


def show(section: Section, console: Console) -> None:
    """Prints one measurement."""
    table = Table(title=section.title, title_justify="left")
    for index, column in enumerate(section.columns):
        table.add_column(column, justify="left" if index == 0 else "right")
    for row in section.rows:
        table.add_row(*map(_cell, row))
    console.print(table)
    if section.goals:
        console.print(_goals(section.goals))
    for note in section.notes:
        console.print(f"  {note}", highlight=False)
    console.print()


def _goals(goals: Sequence[Goal]) -> Table:
    table = Table("goal", "wanted", "got", "")
    for one in goals:
        sign = "<=" if one.at_most else ">="
        table.add_row(one.name, f"{sign} {_cell(one.goal)}", _cell(one.got), "met" if one.met else "MISSED")
    return table


def _cell(value: Cell) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"
    return f"{value:,}" if isinstance(value, int) else value


def machine() -> dict[str, object]:
    """The machine and its load, and the versions of what was measured."""
    return {
        "at": clock.now().isoformat(),
        "system": platform.platform(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load": list(os.getloadavg()),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in _PACKAGES},
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def write_json(path: Path, sections: dict[str, Section], at_start: dict[str, object]) -> None:
    """Writes everything, with the load of the machine before and after."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"machine": at_start, "load_at_end": list(os.getloadavg())}
    measured = {name: asdict(section) for name, section in sections.items()}
    path.write_text(json.dumps({**content, "measured": measured}, indent=2, ensure_ascii=False))

"""The moments at which a pretend source did something: playing them again brings it back to where it was."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sync.errors import DiaryOfAnother


@dataclass(frozen=True, slots=True)
class Moment:
    """When (aware), and what was done: a word of the player's."""

    at: datetime
    what: str


class Diary:
    """A line of JSON that says how the source is played, then a moment a line: ISO 8601, a space, what was done."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def open(self, plan: Mapping[str, Any]) -> list[Moment]:
        """The moments so far, of which there are none in a new diary.

        Raises:
            DiaryOfAnother: it was played by another plan, so that playing it again would not lead where it was.
        """
        if not self._path.exists() or not self._whole():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._write(f"{_json(plan)}\n")
            return []
        first, *lines = self._whole().splitlines()
        if first != _json(plan):
            raise DiaryOfAnother(f"{self._path} says {first}")
        return [_moment(line) for line in lines]

    def _whole(self) -> str:
        """The diary without a last line that was cut off while it was written."""
        text = self._path.read_text(encoding="utf-8")
        whole = text[: text.rfind("\n") + 1]
        if whole != text:
            self._path.write_text(whole, encoding="utf-8")
        return whole

    def note(self, moment: Moment) -> None:
        """Written before anything is sent: what is done twice costs nothing, what is forgotten would be drift."""
        self._write(f"{moment.at.isoformat()} {moment.what}\n")

    def _write(self, line: str) -> None:
        with self._path.open("a", encoding="utf-8") as diary:
            diary.write(line)
            diary.flush()
            os.fsync(diary.fileno())


def _moment(line: str) -> Moment:
    at, _, what = line.partition(" ")
    return Moment(datetime.fromisoformat(at), what)


def _json(plan: Mapping[str, Any]) -> str:
    return json.dumps(plan, sort_keys=True)

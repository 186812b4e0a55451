"""Whose each personal code is: codes are many to one, people turn out to be one, and then two again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sync.pretend.record import CODE_CHANGED, MERGED, UNMERGED


@dataclass(slots=True)
class Codes:
    """A person is named by the first code that they were known by."""

    _person: dict[str, str] = field(default_factory=dict)
    _apart: dict[str, list[str]] = field(default_factory=dict)
    """Of each person who was merged into another: the codes that were theirs."""

    def person_of(self, code: str) -> str:
        """The person with this code, who is new if nobody has it."""
        return self._person.setdefault(code, code)

    def learn(self, kind: str, row: Mapping[str, Any]) -> None:
        """What an event says of codes."""
        who = self.person_of(row["person"]["code"])
        if kind == CODE_CHANGED:
            self._person[row["new_code"]] = who
        elif kind == MERGED:
            self._merge(who, self.person_of(row["merged"]["code"]))
        elif kind == UNMERGED:
            self._split(row["merged"]["code"])

    def _merge(self, kept: str, merged: str) -> None:
        self._apart[merged] = [code for code, who in self._person.items() if who == merged]
        for code in self._apart[merged]:
            self._person[code] = kept

    def _split(self, code: str) -> None:
        for merged, codes in self._apart.items():
            if code in codes:
                self._person.update(dict.fromkeys(codes, merged))
                del self._apart[merged]
                return

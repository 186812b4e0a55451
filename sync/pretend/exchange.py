"""One thing that is sent, and what must come back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sync.batch_file import BatchFile

Line = tuple[str, str]
"""The verdict on an event and the code of its error, "" where there is none."""


@dataclass(frozen=True, slots=True)
class Message:
    """A signed request with events; `headers` besides the signature, `keys` v1, v1a, both or forged."""

    body: bytes
    headers: Mapping[str, str]
    keys: str
    message_id: str
    age: timedelta = timedelta()
    """How long ago it was signed: another than none is a replay of something old."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to be sent; `content_digest` replaces the right one, `key` the usual one."""

    file: BatchFile
    key: str = ""
    content_digest: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """One row as the notification of a social registry."""

    row: Mapping[str, Any]
    message_id: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, or must.

    `lines` are the verdicts on the events of a message; `state` is the word of the answer to a letter. Of a batch,
    `state` is where it ended, `counts` how many rows met which verdict (and records `withdrawn`), `codes` the refusals
    by row, `problem` the code of a refusal as a whole.
    """

    status: int
    lines: tuple[Line, ...] = ()
    state: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    codes: tuple[tuple[int, str], ...] = ()
    problem: str = ""

    @property
    def verdicts(self) -> Counter[str]:
        """How many events or rows met which verdict."""
        return Counter(verdict for verdict, _ in self.lines) + Counter(self.counts)


@dataclass(frozen=True, slots=True)
class Exchange:
    """Something to send on a way, with or without mischief, and the answer that it must get."""

    via: str
    what: Message | Upload | Letter
    must: Answer
    mischief: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """An exchange that took place; `batch` is the receiver's name of a file."""

    exchange: Exchange
    came: Answer
    seconds: float
    batch: str = ""

    @property
    def as_it_must(self) -> bool:
        return self.came == self.exchange.must

    def difference(self) -> str:
        """In a line, what must have come back and what did."""
        return f"must {_told(self.exchange.must)}; came {_told(self.came)}"


def _told(answer: Answer) -> str:
    verdicts = ", ".join(f"{count} {verdict}" for verdict, count in sorted(answer.verdicts.items()))
    codes = {code for _, code in answer.lines} | {code for _, code in answer.codes}
    parts = (str(answer.status), answer.state, answer.problem, verdicts, *sorted(codes))
    return " ".join(part for part in parts if part)

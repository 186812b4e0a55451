"""What a day came to: how many taps, decided where and how, how fast, and whether anything was lost."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from terminals.errors import TerminalError
from terminals.simulator.stand import Done, Stand


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds from the moment at which a tap was meant to happen; None where there was none."""

    p50: float | None
    p99: float | None

    @classmethod
    def of(cls, done: Sequence[Done]) -> "Latency":
        """Of these taps, by nearest rank."""
        ranked = sorted(1000 * one.seconds for one in done)
        return cls(_rank(ranked, 0.5), _rank(ranked, 0.99))


@dataclass(frozen=True, slots=True)
class Tally:
    """A day in numbers. `reasons` by verdict and reason; `left_standing` got no answer; `unsent` lines are still here.

    `refused` lines were not taken by the service, `faults` are terminals that stopped (by id), `damaged` those whose
    journal does not verify.
    """

    terminals: int
    taps: int
    online: int
    alone: int
    left_standing: int
    reasons: dict[str, int]
    unsent: int
    refused: int
    latency_online: Latency
    latency_alone: Latency
    lines: int
    damaged: dict[str, str]
    faults: dict[str, str]

    @property
    def good(self) -> bool:
        """Whether everybody got an answer and the service knows every one of them."""
        return not (self.left_standing or self.unsent or self.refused or self.damaged or self.faults)

    def content(self) -> dict[str, Any]:
        """As JSON says it."""
        return asdict(self) | {"good": self.good}


def tally(stands: Sequence[Stand]) -> Tally:
    """Counts a day that is over; each journal is looked through, also for what earlier days left in it."""
    done = [one for stand in stands for one in stand.done]
    online, alone = [one for one in done if one.answer.online], [one for one in done if not one.answer.online]
    said = Counter(f"{one.answer.verdict} {one.answer.reason}" for one in done)
    lines, damaged = _journals(stands)
    return Tally(
        terminals=len(stands),
        taps=len(done),
        online=len(online),
        alone=len(alone),
        left_standing=sum(stand.line.qsize() for stand in stands),
        reasons=dict(said.most_common()),
        unsent=sum(stand.terminal.journal.waiting() for stand in stands),
        refused=sum(len(stand.terminal.journal.refusals()) for stand in stands),
        latency_online=Latency.of(online),
        latency_alone=Latency.of(alone),
        lines=lines,
        damaged=damaged,
        faults={stand.machine: stand.fault for stand in stands if stand.fault},
    )


def _journals(stands: Sequence[Stand]) -> tuple[int, dict[str, str]]:
    lines, damaged = 0, {}
    for stand in stands:
        try:
            lines += stand.terminal.journal.verify().pos
        except TerminalError as error:
            damaged[stand.machine] = str(error)
    return lines, damaged


def _rank(ranked: Sequence[float], part: float) -> float | None:
    return round(ranked[math.ceil(part * len(ranked)) - 1], 2) if ranked else None

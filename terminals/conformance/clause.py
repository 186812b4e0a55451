"""The clauses of the contract: what a backend must do, each with the program that tries it."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

import httpx

from terminals.conformance.backend import Backend

Trial = Callable[[Backend], Awaitable[None]]
_UNREADABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


class Broken(Exception):
    """The backend does not keep this clause; the text says what was seen instead."""


class NotTried(Exception):
    """What the trial needs was not given; the text says what that is."""


class Verdict(StrEnum):
    """How a trial ended."""

    KEPT = "kept"
    BROKEN = "broken"
    NOT_TRIED = "not tried"


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause: a number that stays, and the sentence as docs/terminals.md has it."""

    number: str
    sentence: str
    trial: Trial


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one clause; `seen` says what was seen, or what is missing."""

    clause: Clause
    verdict: Verdict
    seen: str = ""


@dataclass(slots=True)
class Part:
    """The clauses of one part of the contract, in the order in which they are tried."""

    letter: str
    clauses: list[Clause]

    def clause(self, number: int, sentence: str) -> Callable[[Trial], Trial]:
        """Marks a trial of the clause `letter``number`."""

        def keep(trial: Trial) -> Trial:
            self.clauses.append(Clause(f"{self.letter}{number}", sentence, trial))
            return trial

        return keep

    def __iter__(self) -> Iterator[Clause]:
        return iter(self.clauses)


def part(letter: str) -> Part:
    """A part without clauses yet."""
    return Part(letter, [])


async def tried(clause: Clause, backend: Backend) -> Outcome:
    """Tries one clause."""
    try:
        await clause.trial(backend)
    except Broken as broken:
        return Outcome(clause, Verdict.BROKEN, str(broken))
    except NotTried as missing:
        return Outcome(clause, Verdict.NOT_TRIED, str(missing))
    except _UNREADABLE as other:
        return Outcome(clause, Verdict.BROKEN, f"another answer than the contract has: {type(other).__name__} {other}")
    except httpx.TransportError as silent:
        return Outcome(clause, Verdict.BROKEN, f"no answer: {silent}")
    return Outcome(clause, Verdict.KEPT)


def expect(holds: bool, seen: object) -> None:
    """Raises Broken with what was seen unless the clause holds."""
    if not holds:
        raise Broken(str(seen))

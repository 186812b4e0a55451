"""A card procedure knows no reader: it yields lists of commands to send and is given the answers.

The same procedure runs in memory, over PC/SC and over a network, where each list costs one round trip.
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Step:
    """One command for the card; the list goes on only when its answer begins with `expect` (None: whatever comes)."""

    apdu: bytes
    expect: bytes | None = None


Procedure: TypeAlias = Generator[Sequence[Step], Sequence[bytes], T]
"""Yields the steps of one list, is sent the answers (data and status word) and returns its result.

Fewer answers than steps come when one did not fulfil its `expect`: that one is the last.
"""


def run(procedure: Procedure[T], transmit: Callable[[bytes], bytes]) -> T:
    """Runs `procedure` to its end over `transmit` (command -> answer); what `transmit` raises goes through."""
    try:
        steps = next(procedure)
        while True:
            steps = procedure.send(relay(steps, transmit))
    except StopIteration as end:
        result: T = end.value
        return result


def relay(steps: Sequence[Step], transmit: Callable[[bytes], bytes]) -> list[bytes]:
    """The answers to one list, up to and including the first that is not the expected one."""
    answers: list[bytes] = []
    for step in steps:
        answers.append(transmit(step.apdu))
        if step.expect is not None and not answers[-1].startswith(step.expect):
            break
    return answers


def before(step: Step, check: Callable[[bytes], None], procedure: Procedure[T]) -> Procedure[T]:
    """`procedure` with one more step at the head of its first list; `check` raises when its answer will not do."""
    try:
        steps = next(procedure)
    except StopIteration as end:
        check(head((yield [step])))
        result: T = end.value
        return result
    answers = yield [step, *steps]
    check(head(answers))
    return (yield from resumed(procedure, answers[1:]))


def head(answers: Sequence[bytes]) -> bytes:
    """The first of `answers`; nothing when a reader brought none."""
    return answers[0] if answers else b""


def resumed(procedure: Procedure[T], answers: Sequence[bytes]) -> Procedure[T]:
    """The rest of a `procedure` that has begun and waits for `answers`."""
    try:
        while True:
            answers = yield procedure.send(answers)
    except StopIteration as end:
        result: T = end.value
        return result

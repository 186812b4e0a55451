"""Fewer round trips: the last list of one procedure and the first of the next go out as one."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Generic, NamedTuple, TypeVar

from cards.desfire.procedure import Procedure, resumed
from cards.errors import AnswerTooLong

A = TypeVar("A")
B = TypeVar("B")


class Leg(NamedTuple, Generic[A]):
    """A procedure and the number of lists that it will yield."""

    procedure: Procedure[A]
    lists: int = 1


def joined(first: Leg[A], second: Procedure[B]) -> Procedure[tuple[A, B]]:
    """Both results. `second` must not depend on what `first` finds: it has begun when that is known."""
    steps = next(first.procedure)
    for _ in range(first.lists - 1):
        steps = first.procedure.send((yield steps))
    answers = yield [*steps, *next(second)]
    found = _end(first.procedure, answers[: len(steps)])
    return found, (yield from resumed(second, answers[len(steps) :]))


def ahead(first: Procedure[A], wanted: bytes, second: Procedure[B]) -> Procedure[tuple[A, Procedure[B] | None]]:
    """`first`, one list, and with it the first list of `second` where the last answer of `first` begins with `wanted`.

    Returns what `first` found and the rest of `second`, None where it did not begin.
    """
    *steps, last = next(first)
    answers = yield [*steps, replace(last, expect=wanted), *next(second)]
    found = _end(first, answers[: len(steps) + 1])
    rest = answers[len(steps) + 1 :]
    return found, resumed(second, rest) if rest else None


def through(legs: Sequence[Leg[A]]) -> Procedure[A]:
    """All of `legs` in their order; what the last one found."""
    first, *others = legs
    if not others:
        return (yield from first.procedure)
    _, found = yield from joined(first, through(others))
    return found


def _end(procedure: Procedure[A], answers: Sequence[bytes]) -> A:
    try:
        procedure.send(answers)
    except StopIteration as end:
        found: A = end.value
        return found
    raise AnswerTooLong

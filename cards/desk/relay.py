"""A card at the other end of a wire: its procedures run here, and their lists of commands are answered from there."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from typing import TypeVar

from cards.desfire.procedure import Procedure, Step
from cards.desk import allowed
from cards.desk.message import Commands, Responses
from cards.errors import ReaderError

Result = TypeVar("Result")
Exchange = Callable[[Sequence[Step]], Awaitable[Sequence[bytes]]]
"""Sends one list to the card and gives its answers, up to the first that is not the expected one."""


class LineGone(Exception):
    """The other end's connection is over, or it no longer answers."""


class Relay:
    """Lists of commands to one reader, one after the other; whoever reads the wire hands the answers to `take`."""

    def __init__(self, say: Callable[[Commands], Awaitable[None]], patience: float) -> None:
        """`say` sends a message and raises LineGone; after `patience` seconds without an answer the line is gone."""
        self._say = say
        self._patience = patience
        self._seq = 0
        self._awaited: tuple[str, int, asyncio.Future[Responses]] | None = None

    def take(self, message: Responses) -> None:
        """Hands an answer to who waits for it; a late one to an earlier list is nobody's."""
        if self._awaited and self._awaited[:2] == (message.op, message.seq) and not self._awaited[2].done():
            self._awaited[2].set_result(message)

    def break_off(self) -> None:
        """Nothing more will come."""
        if self._awaited and not self._awaited[2].done():
            self._awaited[2].set_exception(LineGone())

    async def exchange(self, op: str, steps: Sequence[Step]) -> list[bytes]:
        """The card's answers to one list of an operation.

        Raises:
            ReaderError: as the other end names it (CardGone, ReaderGone...); also for answers that do not fit the list.
            LineGone
        """
        self._seq += 1
        answer: asyncio.Future[Responses] = asyncio.get_running_loop().create_future()
        self._awaited = op, self._seq, answer
        await self._say(_commands(op, self._seq, steps))
        try:
            given = await asyncio.wait_for(answer, self._patience)
        except TimeoutError:
            raise LineGone from None
        given.raise_error()
        return _checked(given, steps)


def relayed(asked: Commands, transmit: Callable[[bytes], bytes]) -> tuple[Responses, ReaderError | None]:
    """The wire's other end: the card's answers to a list, up to the first that is not the expected one or to an error.

    Nothing of a list goes to the card that holds an instruction which is not allowed.
    """
    answers: list[bytes] = []
    try:
        for apdu in asked.cmds:
            allowed.check(apdu)
        for apdu, expect in zip(asked.cmds, asked.expect, strict=True):
            answers.append(transmit(apdu))
            if expect is not None and not answers[-1].startswith(expect):
                return Responses(asked.op, asked.seq, tuple(answers), stopped_at=len(answers) - 1), None
    except ReaderError as error:
        return Responses(asked.op, asked.seq, tuple(answers), pcsc_error=error.code), error
    return Responses(asked.op, asked.seq, tuple(answers)), None


async def drive(procedure: Procedure[Result], exchange: Exchange) -> Result:
    """Runs `procedure` to its end, one round trip a list; what `exchange` or the procedure raises goes through."""
    with closing(procedure):
        try:
            steps = next(procedure)
            while True:
                steps = procedure.send(await exchange(steps))
        except StopIteration as end:
            result: Result = end.value
            return result


def _commands(op: str, seq: int, steps: Sequence[Step]) -> Commands:
    return Commands(op, seq, tuple(step.apdu for step in steps), tuple(step.expect for step in steps))


def _checked(given: Responses, steps: Sequence[Step]) -> list[bytes]:
    """The answers, if they stop where a list may stop: a procedure relies on it."""
    answers = list(given.r)
    pairs = list(zip(answers, steps, strict=False))
    kept = [step.expect is None or answer.startswith(step.expect) for answer, step in pairs]
    if not answers or len(answers) > len(steps) or not all(kept[:-1]) or (kept[-1] and len(answers) < len(steps)):
        raise ReaderError("the answers do not fit the list")
    return answers

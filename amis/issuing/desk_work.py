"""What a desk's connection does all day: looks what waits, and does it once the right card lies on a reader.

Whatever interrupts the work (card taken away, reader unplugged, program or service killed) leaves the row of the
operation behind, and the same procedure run again goes on from what the card itself says.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any
from uuid import UUID

import structlog

from amis.issuing import desk_store, operations
from amis.issuing.card_models import CardOperation
from amis.issuing.desk_line import DeskLine
from amis.issuing.desk_store import OPEN
from amis.issuing.desk_words import END, hindrance
from amis.kernel.actor import Actor
from amis.kernel.db import Transaction, transaction
from amis.kernel.errors import AmisError
from cards.desfire.commands import writes
from cards.desfire.procedure import Procedure, Step
from cards.desk.message import Begin, Card, End
from cards.desk.relay import drive
from cards.errors import CardDelayed, CardsError, CardSwapped, ReaderError

PAUSE = 2.0
"""Seconds after which a card that failed is tried again without having been moved."""
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Task:
    """One prepared work: `finish` records its result and says what belongs to the message.

    `refused` undoes what the register holds of a card that cannot be used; it is told whether data went out to that
    card: what the desk answered afterwards proves nothing.
    """

    procedure: Procedure[Any]
    keyset: int | None
    finish: Callable[[Transaction, Any], Awaitable[str]]
    refused: Callable[[Transaction, CardsError, bool], Awaitable[None]]


Prepare = Callable[[Transaction, CardOperation, bytes], Awaitable[Task]]
"""Makes ready the work of an operation on the card with a UID; raises AmisError where it is not to be done."""


@dataclass(slots=True)
class DeskWork:
    """The work of one connection of one desk."""

    line: DeskLine
    actor: Actor
    desk_id: UUID
    prepare: Prepare
    _tried: tuple[UUID, int, float] = field(default=(UUID(int=0), 0, 0.0))

    async def advance(self, operation: CardOperation) -> None:
        """Brings one open operation forward: notes what it waits for, or does it.

        Raises:
            LineGone
        """
        if operation.stop_asked:
            await self._fail(operation, "stopped")
            return
        card = self.line.card(operation.uid)
        hindered = hindrance(self.line, operation.uid, begun=operation.begun_at is not None)
        if hindered:
            await self._wait(operation, hindered)
        elif card is not None and not self._just_tried(operation):
            self._tried = operation.id, self.line.changes, monotonic()
            await self._work(operation, card)

    def _just_tried(self, operation: CardOperation) -> bool:
        """Whether nothing moved since the last attempt: a card that fails is not asked again at once."""
        about, changes, when = self._tried
        return (about, changes) == (operation.id, self.line.changes) and monotonic() < when + PAUSE

    async def _work(self, operation: CardOperation, card: Card) -> None:
        try:
            task = await self._begin(operation, card)
        except AmisError as error:
            await self._fail(operation, error.code, error.title)
            return
        if task is None:
            return
        await self.line.say(Begin(str(operation.id), card.reader, operation.kind))
        sent: list[Step] = []
        try:
            result = await drive(task.procedure, lambda steps: self._exchange(operation, steps, sent))
        except (ReaderError, CardSwapped, CardDelayed) as error:
            await self._wait(operation, error.code)
            await self._let_go(operation, "waiting", error.code)
        except CardsError as error:
            await self._refuse(operation, task, error, written=any(map(writes, sent)))
        else:
            await self._conclude(operation, task, result)

    async def _begin(self, operation: CardOperation, card: Card) -> Task | None:
        """The prepared work, recorded before the card is written to; None when it is not wanted any more."""
        async with transaction(self.actor) as tx:
            row = await desk_store.get_operation(tx, operation.id, locked=True)
            if row.state not in OPEN or row.stop_asked:
                return None
            task = await self.prepare(tx, row, card.uid)
            await operations.begin(tx, row, card.uid, card.reader, task.keyset)
        return task

    async def _exchange(self, operation: CardOperation, steps: Sequence[Step], sent: list[Step]) -> list[bytes]:
        sent += steps
        answers = await self.line.exchange(str(operation.id), steps)
        async with transaction(self.actor) as tx:
            await operations.count(tx, operation.id, len(answers))
        return answers

    async def _conclude(self, operation: CardOperation, task: Task, result: Any) -> None:
        try:
            async with transaction(self.actor) as tx:
                row = await desk_store.get_operation(tx, operation.id, locked=True)
                detail = await task.finish(tx, result)
                await operations.finish(tx, row, "done", "done", detail)
        except AmisError as error:
            await self._fail(operation, error.code, error.title)
        else:
            await self._let_go(operation, "done", "done")

    async def _refuse(self, operation: CardOperation, task: Task, error: CardsError, *, written: bool) -> None:
        try:
            async with transaction(self.actor) as tx:
                await task.refused(tx, error, written)
        except AmisError as other:
            # the token went on meanwhile; what the card said counts more
            _log.warning("card not let go", reason=other.code, operation=str(operation.id))
        _log.warning("card refused", error_code=error.code, reason=error.detail, operation=str(operation.id))
        await self._fail(operation, error.code)

    async def _wait(self, operation: CardOperation, message: str) -> None:
        if (operation.state, operation.message) == ("waiting", message):
            return
        async with transaction(self.actor) as tx:
            row = await desk_store.get_operation(tx, operation.id, locked=True)
            if row.state in OPEN:
                await operations.wait(tx, row, message)

    async def _fail(self, operation: CardOperation, message: str, detail: str = "") -> None:
        async with transaction(self.actor) as tx:
            row = await desk_store.get_operation(tx, operation.id, locked=True)
            if row.state in OPEN:
                await operations.finish(tx, row, "failed", message, detail)
        await self._let_go(operation, "stopped" if message == "stopped" else "failed", message)

    async def _let_go(self, operation: CardOperation, outcome: str, message: str) -> None:
        await self.line.say(End(str(operation.id), outcome, END.get(message, message)))


async def nothing_to_undo(tx: Transaction, error: CardsError, written: bool) -> None:
    """For work after whose refusal the register stays as it is."""


async def news(line: DeskLine, seconds: float) -> None:
    """Returns when the desk says something new, at the latest after so many seconds."""
    try:
        await asyncio.wait_for(line.news.wait(), seconds)
    except TimeoutError:
        return
    finally:
        line.news.clear()

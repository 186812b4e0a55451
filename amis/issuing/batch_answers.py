"""The answer of a bureau: which cards it made, on which chips, and which it spoiled.

A card that comes from a bureau has a chip that is known by its UID and still has no keys: it is written at a desk. A
spoiled one stays approved and may be ordered again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from amis.issuing import store
from amis.issuing.batch_files import Answered, Fault
from amis.issuing.batch_store import batch_cards, get_batch, lock_batch
from amis.issuing.errors import AnswerFaulty, BatchAnswered, BatchNotSent, ChipTaken, StepRefused
from amis.issuing.production import produced
from amis.issuing.stock_models import BureauItem
from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.web.i18n import mark
from cards.token import State

_NOT_HERE = mark("The order has no such line")
_OTHER_NUMBER = mark("The line of the order is another card")
_ANSWERED = mark("The line was answered for already")
_MADE_ELSEWHERE = mark("The card was made, or has ended, elsewhere meanwhile")
_CHIP_TAKEN = mark("The UID is that of another card in use")


@dataclass(frozen=True, slots=True)
class Taken:
    """What an answer does: how many cards are produced and spoiled, and the rows that are wrong."""

    produced: int
    spoiled: int
    faults: tuple[Fault, ...]


class _Undone(Exception):
    """Takes back what was only tried."""


async def try_answer(tx: Transaction, batch_id: UUID, answered: Sequence[Answered]) -> Taken:
    """What an answer would do; nothing is changed.

    Raises:
        BatchUnknown, BatchNotSent, BatchAnswered
    """
    return await _take(tx, batch_id, answered, really=False)


async def take_answer(tx: Transaction, batch_id: UUID, answered: Sequence[Answered]) -> Taken:
    """Takes an answer, all of it or nothing; an order may be answered in parts.

    Raises:
        BatchUnknown, BatchNotSent, BatchAnswered, AnswerFaulty
    """
    taken = await _take(tx, batch_id, answered, really=True)
    if taken.faults:
        raise AnswerFaulty
    return taken


async def _take(tx: Transaction, batch_id: UUID, answered: Sequence[Answered], *, really: bool) -> Taken:
    batch = await lock_batch(tx, batch_id)
    if batch.state != "sent":
        raise BatchNotSent if batch.state == "open" else BatchAnswered
    faults: list[Fault] = []
    try:
        async with tx.session.begin_nested():
            for line in answered:
                if (why := await _take_line(tx, batch_id, line)) is not None:
                    faults.append(Fault(line.row, why))
            if faults or not really:
                raise _Undone
            await _close(tx, batch_id)
    except _Undone:
        pass
    made = sum(line.result == "produced" for line in answered)
    return Taken(made, len(answered) - made, tuple(faults))


async def _take_line(tx: Transaction, batch_id: UUID, line: Answered) -> str | None:
    """Why a line is not taken; None if it was."""
    item = await tx.session.get(BureauItem, (batch_id, line.line), populate_existing=True)
    if item is None:
        return _NOT_HERE
    token = await store.get_token(tx, item.token_id)
    if token.number != line.number:
        return _OTHER_NUMBER
    if item.result is not None:
        return _ANSWERED
    if line.uid is not None:
        if token.state != State.APPROVED or token.card_uid is not None:
            return _MADE_ELSEWHERE
        try:
            await produced(tx, token.id, line.uid, None)
        except ChipTaken:
            return _CHIP_TAKEN
        except StepRefused:
            return _MADE_ELSEWHERE
    item.result, item.uid, item.note = line.result, line.uid, line.note
    await tx.session.flush()
    return None


async def _close(tx: Transaction, batch_id: UUID) -> None:
    batch, cards = await get_batch(tx, batch_id), await batch_cards(tx, batch_id)
    results = {card.item.result for card in cards}
    if None not in results:
        batch.state, batch.answered_at = "answered", tx.at
    told = {"state": batch.state, "open": sum(card.item.result is None for card in cards)}
    await audit.record(tx, "batch.answer", ("bureau_batch", batch.id), after=told)

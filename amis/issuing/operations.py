"""Work on a card at a desk: asked for by a row, done by whichever process holds the desk's connection, told by the row.

The row is written before the first key of a chip changes, so whatever happens there is a trace of the card at work.
"""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import update

from amis.issuing import desk_store, store
from amis.issuing.card_models import CardOperation
from amis.issuing.desk_store import OPEN
from amis.issuing.errors import DeskBusy, DeskWorkRefused
from amis.issuing.models import Token
from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.kernel.ids import new_id
from cards.token import State


class Work(StrEnum):
    """What is done to a card."""

    PERSONALISE = "personalise"
    VERIFY = "verify"
    READ = "read"
    UPDATE = "update"
    ROTATE = "rotate"
    RETIRE = "retire"


_KINDS = frozenset(Work)
_MADE = frozenset({State.PRODUCED, State.ISSUED, State.ACTIVE, State.BLOCKED})
_ALLOWED = {
    # a card that came from the bureau is produced, and its chip is still as the factory made it
    Work.PERSONALISE: frozenset({State.APPROVED, State.PRODUCED}),
    Work.VERIFY: _MADE,
    Work.UPDATE: frozenset({State.ACTIVE}),
    Work.ROTATE: frozenset({State.ACTIVE}),
    # what may still be used is not emptied
    Work.RETIRE: frozenset({State.ENDED}),
}


async def ask(tx: Transaction, desk_id: UUID, token_id: UUID | None, kind: str) -> CardOperation:
    """Asks a desk for work on the card of a token; `read` alone takes any card and has no token.

    Raises:
        DeskUnknown, TokenUnknown, DeskWorkRefused: not in this state of the token; DeskBusy: another work goes on.
    """
    if kind not in _KINDS or (kind == Work.READ) != (token_id is None):
        raise DeskWorkRefused
    token = await store.lock_token(tx, token_id) if token_id else None
    await desk_store.get_desk(tx, desk_id, locked=True)
    if token and not allows(token, Work(kind)):
        raise DeskWorkRefused
    if await desk_store.open_operation_at(tx, desk_id) or (token and await desk_store.open_operation_of(tx, token.id)):
        raise DeskBusy
    return await _write(tx, desk_id, token, kind)


def allows(token: Token, kind: Work) -> bool:
    """Whether the token as it stands allows this work on its card."""
    if token.kind != "card" or State(token.state) not in _ALLOWED[kind]:
        return False
    return kind is Work.PERSONALISE or token.card_uid is not None


async def _write(tx: Transaction, desk_id: UUID, token: Token | None, kind: str) -> CardOperation:
    asked = CardOperation(
        id=new_id(),
        municipality_id=tx.municipality_id,
        desk_id=desk_id,
        token_id=token.id if token else None,
        kind=kind,
        # a card that work was begun on, or that is in use, is not exchanged for another on the way
        uid=token.card_uid if token else None,
        state="asked",
        asked_by=tx.actor.id,
        asked_at=tx.at,
    )
    tx.session.add(asked)
    after = {"kind": kind, "desk": str(desk_id), "token": str(token.id) if token else None}
    await audit.record(tx, "card_operation.ask", ("card_operation", asked.id), after=after)
    return asked


async def stop(tx: Transaction, operation_id: UUID) -> None:
    """Ends work that is not wanted any more: at once where nobody does it, else before the desk turns to it again.

    Raises:
        CardWorkUnknown
    """
    operation = await desk_store.get_operation(tx, operation_id, locked=True)
    view = await desk_store.view_desk(tx, operation.desk_id)
    if operation.state not in OPEN:
        return
    if view.connected(tx.at):
        operation.stop_asked = True
        await audit.record(tx, "card_operation.stop", ("card_operation", operation.id))
    else:
        await finish(tx, operation, "failed", "stopped")


async def begin(tx: Transaction, operation: CardOperation, uid: bytes, reader: str, keyset: int | None) -> None:
    """Writes down, before anything is written to it, which card is worked on and which keys it gets, if any."""
    first = operation.uid != uid or operation.begun_at is None
    operation.state, operation.message, operation.detail = "running", "checking", ""
    operation.uid, operation.reader, operation.keyset, operation.sent = uid, reader, keyset, 0
    if first:
        operation.begun_at = tx.at
        after = {"kind": operation.kind, "uid": uid.hex(), "keyset": keyset}
        await audit.record(tx, "card_operation.begin", ("card_operation", operation.id), after=after)


async def wait(tx: Transaction, operation: CardOperation, message: str) -> None:
    """Notes what the work waits for; `message` is a code of desk_words."""
    operation.state, operation.message = "waiting", message
    await tx.session.flush()


async def finish(tx: Transaction, operation: CardOperation, state: str, message: str, detail: str = "") -> None:
    """Ends work as `done` or `failed`; `message` is a code of desk_words, `detail` what belongs to it."""
    operation.state, operation.message, operation.detail = state, message, detail
    operation.ended_at = tx.at
    after = {"state": state, "message": message, "sent": operation.sent}
    await audit.record(tx, "card_operation.end", ("card_operation", operation.id), after=after)


async def count(tx: Transaction, operation_id: UUID, sent: int) -> None:
    """Adds so many commands that the card has answered; passing news, of which the trail tells only the sum."""
    told = {"sent": CardOperation.sent + sent, "message": "writing"}
    await tx.session.execute(update(CardOperation).where(CardOperation.id == operation_id).values(told))

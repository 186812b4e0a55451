"""Reads of desks: which there are, whether their program is connected, what is at work on a card there."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import aliased

from amis.issuing.card_models import CardOperation, Desk
from amis.issuing.desk_models import DeskPresence
from amis.issuing.errors import CardWorkUnknown, DeskUnknown
from amis.issuing.models import Token
from amis.issuing.stock_models import PrintJob
from amis.kernel.db import Transaction
from amis.staff.models import Machine, MachinePairing

OPEN = ("asked", "running", "waiting")
"""States of work on a card that goes on."""
SILENCE = timedelta(seconds=15)
"""A connection that was not seen for so long is gone: the process that held it was killed."""


@dataclass(frozen=True, slots=True)
class DeskView:
    """A desk, its machine with the newest pairing, and what its connection reported last."""

    desk: Desk
    machine: Machine
    pairing: MachinePairing | None
    presence: DeskPresence | None

    def connected(self, at: datetime) -> bool:
        """Whether the desk's program is connected."""
        return self.machine.state == "active" and self.presence is not None and is_live(self.presence, at)

    @property
    def awaits_approval(self) -> bool:
        """Whether a key was sent that nobody has approved yet."""
        return self.pairing is not None and self.pairing.jwk is not None and self.pairing.approved_at is None


@dataclass(frozen=True, slots=True)
class Standing:
    """What a connection asks for again and again: whether it may go on, and what waits for it."""

    state: str
    pairing: int | None
    connection: UUID | None
    operation: CardOperation | None
    prints: bool


def is_live(presence: DeskPresence, at: datetime) -> bool:
    """Whether the connection was seen of late."""
    return presence.closed_at is None and at - presence.seen_at < SILENCE


def _views(tx: Transaction) -> Select[Desk, Machine, MachinePairing, DeskPresence]:
    each = aliased(MachinePairing)
    newest = select(func.max(each.pairing)).where(each.machine_id == Desk.id).correlate(Desk).scalar_subquery()
    return (
        select(Desk, Machine, MachinePairing, DeskPresence)
        .join(Machine, Machine.id == Desk.id)
        .outerjoin(MachinePairing, (MachinePairing.machine_id == Desk.id) & (MachinePairing.pairing == newest))
        .outerjoin(DeskPresence, DeskPresence.desk_id == Desk.id)
        .where(Desk.municipality_id == tx.municipality_id)
        .execution_options(populate_existing=True)
    )


async def list_desks(tx: Transaction) -> list[DeskView]:
    """All desks of the municipality by name."""
    rows = await tx.session.execute(_views(tx).order_by(Desk.name, Desk.id))
    return [DeskView(*row) for row in rows]


async def view_desk(tx: Transaction, desk_id: UUID) -> DeskView:
    """One desk with all about it.

    Raises:
        DeskUnknown
    """
    row = (await tx.session.execute(_views(tx).where(Desk.id == desk_id))).one_or_none()
    if row is None:
        raise DeskUnknown
    return DeskView(*row)


async def get_desk(tx: Transaction, desk_id: UUID, *, locked: bool = False) -> Desk:
    """One desk, `locked` until the end of the transaction where asked.

    Raises:
        DeskUnknown
    """
    query = select(Desk).where(Desk.municipality_id == tx.municipality_id, Desk.id == desk_id)
    desk = await tx.session.scalar(query.with_for_update() if locked else query)
    if desk is None:
        raise DeskUnknown
    return desk


async def standing(tx: Transaction, desk_id: UUID) -> Standing:
    """How the desk stands now, in one question: it is asked several times a second."""
    queued = exists().where(PrintJob.desk_id == Machine.id, PrintJob.state == "queued")
    row = await tx.session.execute(
        select(Machine.state, Machine.pairing, DeskPresence.connection, CardOperation, queued)
        .select_from(Machine)
        .outerjoin(DeskPresence, DeskPresence.desk_id == Machine.id)
        .outerjoin(CardOperation, (CardOperation.desk_id == Machine.id) & CardOperation.state.in_(OPEN))
        .where(Machine.id == desk_id)
    )
    return Standing(*row.one())


def _operations(tx: Transaction) -> Select[CardOperation]:
    query = select(CardOperation).where(CardOperation.municipality_id == tx.municipality_id)
    return query.execution_options(populate_existing=True)


async def get_operation(tx: Transaction, operation_id: UUID, *, locked: bool = False) -> CardOperation:
    """One work on a card, `locked` until the end of the transaction where asked.

    Raises:
        CardWorkUnknown
    """
    query = _operations(tx).where(CardOperation.id == operation_id)
    found = await tx.session.scalar(query.with_for_update() if locked else query)
    if found is None:
        raise CardWorkUnknown
    return found


async def newest_operation(tx: Transaction, desk_id: UUID) -> CardOperation | None:
    """What was asked of the desk last."""
    query = _operations(tx).where(CardOperation.desk_id == desk_id)
    return await tx.session.scalar(query.order_by(CardOperation.asked_at.desc(), CardOperation.id.desc()).limit(1))


async def open_operation_of(tx: Transaction, token_id: UUID) -> CardOperation | None:
    """What goes on with a token's card, at whichever desk."""
    return await tx.session.scalar(
        _operations(tx).where(CardOperation.token_id == token_id, CardOperation.state.in_(OPEN))
    )


async def open_operation_at(tx: Transaction, desk_id: UUID) -> CardOperation | None:
    """What goes on at a desk."""
    return await tx.session.scalar(
        _operations(tx).where(CardOperation.desk_id == desk_id, CardOperation.state.in_(OPEN))
    )


async def token_by_chip(tx: Transaction, uid: bytes) -> Token | None:
    """The token of this municipality that has this chip, the newest where it had several."""
    query = select(Token).where(Token.municipality_id == tx.municipality_id, Token.card_uid == uid)
    return await tx.session.scalar(query.order_by(Token.requested_at.desc(), Token.id.desc()).limit(1))

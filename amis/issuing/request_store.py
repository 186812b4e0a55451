"""Reads of applications for cards: the queue, one of them, and those of a person with what came of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from sqlalchemy import ScalarSelect, Select, func, select
from sqlalchemy.orm import aliased

from amis.issuing.card_models import Desk, TokenApplication
from amis.issuing.errors import CardRequestUnknown
from amis.issuing.models import Token
from amis.kernel.db import Transaction
from amis.staff.models import Machine
from cards.token import State

RequestState = Literal["submitted", "referred", "approved", "done", "refused", "withdrawn"]
STATES: tuple[RequestState, ...] = ("submitted", "referred", "approved", "done", "refused", "withdrawn")
PAGE = 50
"""Applications on one page of the queue."""
IN_THE_MAKING = (State.REQUESTED.value, State.APPROVED.value, State.PRODUCED.value)
"""States of a card that has not left the office."""


@dataclass(frozen=True, slots=True)
class Line:
    """An application for a card and the card that came of it, if any: the newest, where one was spoiled before it."""

    request: TokenApplication
    token: Token | None


@dataclass(frozen=True, slots=True)
class Queue:
    """A page of applications, and how many there are in all."""

    lines: Sequence[Line]
    count: int


def _lines(tx: Transaction) -> Select[TokenApplication, Token]:
    query = select(TokenApplication, Token).outerjoin(Token, Token.id == newest_token())
    mine = TokenApplication.municipality_id == tx.municipality_id
    return query.where(mine).execution_options(populate_existing=True)


def newest_token() -> ScalarSelect[UUID]:
    """The id of the card made last for the TokenApplication of the query around it."""
    made = aliased(Token)
    query = select(made.id).where(made.application_id == TokenApplication.id)
    return (
        query.order_by(made.requested_at.desc(), made.id.desc()).limit(1).correlate(TokenApplication).scalar_subquery()
    )


async def queue(tx: Transaction, state: str, page: int = 1) -> Queue:
    """The applications of a state, the oldest first; pages count from 1."""
    chosen = TokenApplication.state == state
    order = TokenApplication.submitted_at, TokenApplication.id
    rows = await tx.session.execute(_lines(tx).where(chosen).order_by(*order).limit(PAGE).offset((page - 1) * PAGE))
    counted = select(func.count()).where(TokenApplication.municipality_id == tx.municipality_id, chosen)
    return Queue([Line(*row) for row in rows], await tx.session.scalar(counted) or 0)


async def get_request(tx: Transaction, request_id: UUID) -> Line:
    """One application with its card.

    Raises:
        CardRequestUnknown
    """
    row = (await tx.session.execute(_lines(tx).where(TokenApplication.id == request_id))).one_or_none()
    if row is None:
        raise CardRequestUnknown
    return Line(*row)


async def lock_request(tx: Transaction, request_id: UUID) -> TokenApplication:
    """One application, locked until the end of the transaction.

    Raises:
        CardRequestUnknown
    """
    query = select(TokenApplication).where(
        TokenApplication.municipality_id == tx.municipality_id, TokenApplication.id == request_id
    )
    row = await tx.session.scalar(query.with_for_update().execution_options(populate_existing=True))
    if row is None:
        raise CardRequestUnknown
    return row


async def requests_of(tx: Transaction, person_id: UUID) -> list[Line]:
    """Everything that was asked for a person, the newest first."""
    order = TokenApplication.submitted_at.desc(), TokenApplication.id.desc()
    rows = await tx.session.execute(_lines(tx).where(TokenApplication.person_id == person_id).order_by(*order))
    return [Line(*row) for row in rows]


async def waiting_at(tx: Transaction, desk_id: UUID) -> list[Line]:
    """The approved applications whose cards are made or handed over at a desk, or at no desk in particular.

    Those of a revoked desk are everybody's.
    Those of a campaign come last: there may be thousands, and nobody stands at the window for them.
    """
    closed = select(Machine.id).where(Machine.kind == "desk", Machine.state == "revoked")
    mine = TokenApplication.desk_id.is_(None) | (TokenApplication.desk_id == desk_id)
    desk = mine | TokenApplication.desk_id.in_(closed)
    query = _lines(tx).where(TokenApplication.state == "approved", desk, Token.state.in_(IN_THE_MAKING))
    order = TokenApplication.campaign_id.is_not(None), TokenApplication.decided_at, TokenApplication.id
    rows = await tx.session.execute(query.order_by(*order).limit(PAGE))
    return [Line(*row) for row in rows]


async def desks(tx: Transaction) -> list[Desk]:
    """The desks of the municipality, by name."""
    query = select(Desk).where(Desk.municipality_id == tx.municipality_id)
    return list(await tx.session.scalars(query.order_by(Desk.name, Desk.id)))


def state_of(text: str) -> RequestState:
    """The state that an address names; without one, those that wait for a decision."""
    return next((state for state in STATES if state == text), "submitted")

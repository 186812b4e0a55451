"""What the page of a desk shows: whether it is connected, the work at hand, the cards that wait for it."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from amis.issuing import desk_store, request_store, store
from amis.issuing.card_models import CardOperation, TokenApplication
from amis.issuing.desk_models import DeskPresence
from amis.issuing.desk_store import OPEN, DeskView
from amis.issuing.desk_words import TOTALS, said
from amis.issuing.models import Token
from amis.issuing.reasons import Delivery
from amis.kernel.db import Transaction
from amis.register import store as register
from cards.token import State

SHOWN = timedelta(minutes=10)
"""How long the outcome of a work stays on the page."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A card that is to be made, written or handed over here; `name` is masked, `owed` says that its fee is unpaid."""

    token: Token
    request: TokenApplication
    name: str
    owed: bool

    @property
    def made(self) -> bool:
        """Whether it only has to be handed over."""
        return self.token.state == State.PRODUCED and self.token.keyset is not None

    @property
    def posted(self) -> bool:
        """Whether the post brings it to its holder."""
        return self.request.delivery == Delivery.POST

    @property
    def to_make(self) -> bool:
        """Whether its chip has to be written."""
        return self.token.state == State.APPROVED or (self.token.state == State.PRODUCED and not self.made)


@dataclass(frozen=True, slots=True)
class AtWork:
    """The work at hand, or just done, in words; `token` is the one whose card it is, for a card read the one found."""

    row: CardOperation
    token: Token | None
    text: str
    total: int
    posted: bool

    @property
    def open(self) -> bool:
        """Whether it goes on."""
        return self.row.state in OPEN

    @property
    def hand_over(self) -> bool:
        """Whether the card is made and lies there to be handed over."""
        made = self.token is not None and self.token.state == State.PRODUCED and self.token.keyset is not None
        return self.row.state == "done" and made

    @property
    def give_up(self) -> bool:
        """Whether another chip may be taken instead of the one that the work began on."""
        begun = self.token is not None and self.token.card_uid is not None and self.token.keyset is None
        return begun and self.row.state in ("waiting", "failed") and self.row.kind == "personalise"


@dataclass(frozen=True, slots=True)
class DeskPage:
    """All of it."""

    view: DeskView
    connected: bool
    work: AtWork | None
    lines: list[Waiting]

    @property
    def waiting(self) -> list[Waiting]:
        """The cards that wait, without the one at hand."""
        work = self.work
        at_hand = work.token.id if work and work.token and (work.open or work.hand_over) else None
        return [line for line in self.lines if line.token.id != at_hand]

    @property
    def presence(self) -> DeskPresence | None:
        """What the connection reports, while there is one."""
        return self.view.presence if self.connected else None


async def desk_page(tx: Transaction, desk_id: UUID, known: list[Waiting] | None = None) -> DeskPage:
    """The page of one desk; where the cards that wait are `known`, they are not asked for again.

    Raises:
        DeskUnknown
    """
    view = await desk_store.view_desk(tx, desk_id)
    lines = await _waiting(tx, desk_id) if known is None else known
    return DeskPage(view, view.connected(tx.at), await _at_work(tx, view), lines)


async def _at_work(tx: Transaction, view: DeskView) -> AtWork | None:
    row = await desk_store.newest_operation(tx, view.desk.id)
    if row is None or (row.ended_at is not None and tx.at - row.ended_at > SHOWN):
        return None
    token = await _token_of(tx, row)
    if token is not None and row.kind == "personalise" and token.state not in (State.APPROVED, State.PRODUCED):
        return None
    away = row.state in OPEN and not view.connected(tx.at)
    text = said("waiting", row.kind, "desk_gone") if away else said(row.state, row.kind, row.message, row.detail)
    return AtWork(row, token, text, max(TOTALS[row.kind], row.sent), await _is_posted(tx, token))


async def _is_posted(tx: Transaction, token: Token | None) -> bool:
    if token is None or token.application_id is None:
        return False
    return (await request_store.get_request(tx, token.application_id)).request.delivery == Delivery.POST


async def _token_of(tx: Transaction, row: CardOperation) -> Token | None:
    if row.token_id is not None:
        return await store.get_token(tx, row.token_id)
    return await desk_store.token_by_chip(tx, row.uid) if row.uid and row.state == "done" else None


async def _waiting(tx: Transaction, desk_id: UUID) -> list[Waiting]:
    lines = await request_store.waiting_at(tx, desk_id)
    names = await register.summaries(tx, {line.request.person_id for line in lines})
    found = []
    for line in lines:
        if line.token is not None and line.token.state in (State.APPROVED, State.PRODUCED):
            person = names.get(line.request.person_id)
            owed = bool(line.request.fee) and line.request.paid_at is None
            found.append(Waiting(line.token, line.request, person.name if person else "", owed))
    return found

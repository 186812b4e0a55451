"""What the page of a token shows, and which steps it offers to whom."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from amis.issuing import store
from amis.issuing.models import Token
from amis.issuing.printing import rights_of
from amis.issuing.reasons import HELD
from amis.issuing.words import STEPS, why_stepped
from amis.kernel.actor import Actor
from amis.kernel.db import Transaction
from amis.kernel.models import AuditEntry
from amis.staff.store import list_accounts
from amis.web.i18n import mark
from cards import qr
from cards.token import BlockReason, Kind, State, may_unblock

HOLDER = mark("the holder")


@dataclass(frozen=True, slots=True)
class Step:
    """A line of the history; `by` is empty where the system acted, HOLDER where the phone did; `note` adds to why."""

    at: datetime
    what: str
    why: str
    by: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Code:
    """The picture of a token and what it promises."""

    picture: str
    rights: list[tuple[str, date]]


@dataclass(frozen=True, slots=True)
class Offered:
    """The steps that the page offers."""

    block: bool
    unblock: bool
    replace: bool
    end: bool
    held: bool


@dataclass(frozen=True, slots=True)
class TokenView:
    """A token with its history and what may be done; `code` is None unless it was opened for a purpose."""

    token: Token
    steps: list[Step]
    successor: UUID | None
    code: Code | None
    offered: Offered
    shows_code: bool
    on_phone: bool


async def view(tx: Transaction, token_id: UUID, purpose: str | None, language: str) -> TokenView:
    """Everything the page shows; with a `purpose` the code of an active token too, and that is logged.

    Raises:
        TokenUnknown
    """
    token = await store.get_token(tx, token_id)
    names = {str(account.id): account.name for account, _ in await list_accounts(tx)}
    steps = [_step(entry, names) for entry in await store.history(tx, token_id)]
    out = {row.profile for row in await store.credentials_out(tx, token_id)}
    shows = shows_code(token, out)
    code = await _code(tx, token, purpose, language) if purpose and shows else None
    successor = await store.successor_of(tx, token_id)
    return TokenView(token, steps, successor, code, offered(token, tx.actor), shows, "B" in out)


def shows_code(token: Token, out: Collection[str]) -> bool:
    """Whether there is a code to be seen on paper: that of a card is in its chip, that of a phone on it alone."""
    return token.state == State.ACTIVE and "S" in out


def offered(token: Token, actor: Actor) -> Offered:
    """What `actor` may do with the token as it stands; the service asks the same again."""
    active, blocked = token.state == State.ACTIVE, token.state == State.BLOCKED
    held = blocked and token.reason in HELD
    revivable = blocked and may_unblock(BlockReason(token.reason))
    issuing = actor.may("token.issue")
    return Offered(
        block=active and actor.may("token.block"),
        unblock=revivable and actor.may("token.block"),
        replace=issuing and not held and (active or blocked) and token.kind == Kind.QR,
        end=issuing and not held and token.state != State.ENDED,
        held=held,
    )


async def _code(tx: Transaction, token: Token, purpose: str, language: str) -> Code:
    shown = await store.open_credential(tx, token, purpose)
    return Code(qr.svg(shown.text), await rights_of(tx, shown, language))


def _step(entry: AuditEntry, names: dict[str, str]) -> Step:
    if entry.actor_kind == "holder":
        by = HOLDER
    else:
        by = "" if entry.actor_kind == "system" else names.get(entry.actor_id, entry.actor_id)
    note = str((entry.after or {}).get("note", ""))
    return Step(entry.at, STEPS.get(entry.action, entry.action), why_stepped(entry.action, entry.reason), by, note)

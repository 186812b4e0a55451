"""One step in the life of a token: its state, its bits in the status list and an audit leaf move together."""

from amis.issuing.errors import StepRefused
from amis.issuing.models import Token
from amis.issuing.reasons import HELD
from amis.kernel import audit
from amis.kernel.db import Transaction
from cards.errors import IllegalTransition
from cards.token import Event, State, status_value, transition


async def step(tx: Transaction, token: Token, event: Event, reason: str = "", note: str = "") -> None:
    """Takes a locked token through `event`; `note` adds to the reason in its history.

    Raises:
        StepRefused: its state takes no such step.
    """
    before = _standing(token)
    try:
        after = transition(State(token.state), event)
    except IllegalTransition as error:
        raise StepRefused from error
    token.state, token.reason = after.value, reason if after in (State.BLOCKED, State.ENDED) else ""
    if event is Event.ACTIVATE:
        token.activated_at = tx.at
    if after is State.ENDED:
        token.ended_at = tx.at
        if token.activated_at is None and token.posted_on is None:
            # it never left the office: another one may take the place that it was meant for
            token.replaces = None
    await _keep(tx, token, event.value, before, reason, note)


def is_held(token: Token) -> bool:
    """Whether a token is blocked against its holder: until that is settled there is no way to a working one."""
    return token.state == State.BLOCKED and token.reason in HELD


async def mark_rights_changed(tx: Transaction, token: Token) -> None:
    """Notes on a locked token that what its credential promises no longer holds; nothing where that is known."""
    if token.rights_changed or token.state == State.ENDED:
        return
    before = _standing(token)
    token.rights_changed = True
    await _keep(tx, token, "rights_changed", before, "")


async def mark_updated(tx: Transaction, token: Token) -> None:
    """Notes on a locked card that its chip now holds its newest credential."""
    before = _standing(token)
    token.rights_changed = False
    await _keep(tx, token, "update", before, "")


async def _keep(
    tx: Transaction, token: Token, action: str, before: dict[str, object], reason: str, note: str = ""
) -> None:
    token.status = status_value(State(token.state), rights_changed=token.rights_changed)
    after = _standing(token) | ({"note": note} if note else {})
    await audit.record(tx, f"token.{action}", ("token", token.id), before=before, after=after, reason=reason)


def _standing(token: Token) -> dict[str, object]:
    return {"state": token.state, "status": token.status}

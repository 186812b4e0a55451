"""One step in the life of a token: its state, its bits in the status list and an audit leaf move together."""

from amis.issuing.errors import StepRefused
from amis.issuing.models import Token
from amis.kernel import audit
from amis.kernel.db import Transaction
from cards.errors import IllegalTransition
from cards.token import Event, State, status_value, transition


async def step(tx: Transaction, token: Token, event: Event, reason: str = "") -> None:
    """Takes a locked token through `event`.

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
    await _keep(tx, token, event.value, before, reason)


async def mark_rights_changed(tx: Transaction, token: Token) -> None:
    """Notes on a locked token that what its credential promises no longer holds; nothing where that is known."""
    if token.rights_changed or token.state == State.ENDED:
        return
    before = _standing(token)
    token.rights_changed = True
    await _keep(tx, token, "rights_changed", before, "")


async def _keep(tx: Transaction, token: Token, action: str, before: dict[str, object], reason: str) -> None:
    token.status = status_value(State(token.state), rights_changed=token.rights_changed)
    await audit.record(tx, f"token.{action}", ("token", token.id), before=before, after=_standing(token), reason=reason)


def _standing(token: Token) -> dict[str, object]:
    return {"state": token.state, "status": token.status}

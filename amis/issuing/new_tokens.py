"""The beginning of every token: requested, with a number and a place in a status list of its own."""

from datetime import date
from uuid import UUID

from amis.issuing import places
from amis.issuing.models import Token
from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.kernel.ids import new_id
from cards.token import Kind, State, status_value


async def begin(
    tx: Transaction,
    person_id: UUID,
    kind: Kind,
    valid_to: date | None,
    replaces: UUID | None,
    application_id: UUID | None = None,
) -> Token:
    """A token of a person from today up to `valid_to`, which is the day after its last one."""
    values = {
        "id": new_id(),
        "municipality_id": tx.municipality_id,
        "person_id": person_id,
        "kind": kind.value,
        "state": State.REQUESTED.value,
        "reason": "",
        "status": status_value(State.REQUESTED),
        "valid_from": tx.day,
        "valid_to": valid_to,
        "requested_at": tx.at,
        "replaces": replaces,
        "application_id": application_id,
    }
    token = await places.place(tx, values)
    named = {"replaces": replaces, "application": application_id}
    asked = {"state": token.state} | {name: str(one) for name, one in named.items() if one is not None}
    await audit.record(tx, "token.request", ("token", token.id), after=asked)
    return token

"""Rights change without their tokens: the cards of those persons are noted, so that terminals hear of it."""

from uuid import UUID

from sqlalchemy import text

from amis.granting.service import CHANGED, CHANGED_MANY
from amis.issuing.jobs import HANDLERS as OF_ISSUING
from amis.kernel.db import Transaction
from amis.kernel.outbox import Note

_NOTE = """
INSERT INTO status_change (municipality_id, token_id, status_list, status_index, status)
SELECT token.municipality_id, token.id, token.status_list, token.status_index, token.status FROM token
WHERE token.municipality_id = :municipality AND token.card_uid IS NOT NULL AND token.state = 'active'
"""
_OF_PERSON = f"{_NOTE} AND token.person_id = :person"
_OF_MANY = f"""{_NOTE} AND token.person_id IN (
    SELECT entry.person_id FROM entitlement_log AS entry
    WHERE entry.municipality_id = :municipality AND entry.id >= :log_from AND entry.rule_id = :rule
        AND entry.cause_ref = :cause)
"""  # noqa: S608


async def follow_person(tx: Transaction, note: Note) -> None:
    """After the tokens of somebody were compared with what is granted: notes the cards."""
    await OF_ISSUING[CHANGED](tx, note)
    asked = {"municipality": tx.municipality_id, "person": UUID(note.payload["person_id"])}
    await tx.session.execute(text(_OF_PERSON), asked)


async def follow_many(tx: Transaction, note: Note) -> None:
    """The same for all whom one run over the register changed; once, however often the comparing goes on."""
    await OF_ISSUING[CHANGED_MANY](tx, note)
    if "after" in note.payload:
        return
    asked = {
        "municipality": tx.municipality_id,
        "rule": UUID(note.payload["rule_id"]),
        "cause": note.payload["cause_ref"],
        "log_from": UUID(note.payload["log_from"]),
    }
    await tx.session.execute(text(_OF_MANY), asked)

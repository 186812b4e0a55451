"""What arrived and what became of it: one row an event, and the bytes of a message of which something was refused."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from amis.intake.models import Arrival, Quarantined
from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.kernel.ids import new_id
from amis.kernel.keys import SUBJECT, keystore
from sync.notice import Heartbeat, Notice
from sync.verdict import EventVerdict, RowError


@dataclass(frozen=True, slots=True, repr=False)
class Message:
    """One signed request: who sent it, under which key, and its bytes."""

    sender_id: UUID
    key_id: UUID
    message_id: str
    content_type: str
    body: bytes


async def keep(
    tx: Transaction, message: Message, arrival_id: UUID, event: Notice | RowError, line: EventVerdict
) -> None:
    """Writes the row of one event and its audit leaf."""
    known = _known(event)
    tx.session.add(
        Arrival(
            id=arrival_id,
            municipality_id=tx.municipality_id,
            sender_id=message.sender_id,
            key_id=message.key_id,
            message_id=message.message_id,
            event_id=line.event_id,
            verdict=line.verdict.value,
            error_code=line.error.code.value if line.error else None,
            error_pointer=line.error.pointer if line.error else None,
            received_at=tx.at,
            **known,
        )
    )
    await tx.session.flush()
    after = {"event": line.event_id, "record": known["record_id"], "version": known["version"]}
    await audit.record(tx, f"notice.{line.verdict.value}", ("notice", arrival_id), after=after)


async def quarantine(tx: Transaction, message: Message) -> None:
    """Keeps the bytes of a message until somebody has looked at what was refused."""
    quarantine_id = new_id()
    place = b"quarantine|sealed|" + quarantine_id.bytes
    tx.session.add(
        Quarantined(
            id=quarantine_id,
            municipality_id=tx.municipality_id,
            sender_id=message.sender_id,
            message_id=message.message_id,
            content_type=message.content_type,
            sealed=keystore().wrap(SUBJECT, message.body, place),
            state="open",
            received_at=tx.at,
        )
    )
    await tx.session.flush()


def _known(event: Notice | RowError) -> dict[str, Any]:
    if isinstance(event, RowError):
        return {"type": None, "record_id": None, "version": None, "sent_at": None}
    named = None if isinstance(event.data, Heartbeat) else event.data
    return {
        "type": event.type,
        "record_id": named.record_id if named else None,
        "version": named.version if named else None,
        "sent_at": event.time,
    }

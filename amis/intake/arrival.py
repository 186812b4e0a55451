"""What arrived and what became of it: one row an event, and each event that was refused with its bytes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select

from amis.intake.models import Arrival, Quarantined
from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.kernel.ids import new_id
from amis.kernel.keys import SUBJECT, keystore
from sync.message import STRUCTURED, structured_events
from sync.notice import Heartbeat, Notice
from sync.verdict import EventVerdict, RowError

UNREADABLE = "application/octet-stream"
"""The content type in the quarantine of a whole message in which no events could be told apart."""


@dataclass(frozen=True, slots=True, repr=False)
class Message:
    """One request: who sent it, under which key (None: a member of staff has put it right), and its bytes.

    Content type, body and `headers` are such that sync.message reads the events in their order; of the headers only
    those of the binary mode matter.
    """

    sender_id: UUID
    key_id: UUID | None
    message_id: str
    content_type: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


async def keep(
    tx: Transaction, message: Message, arrival_id: UUID, event: Notice | RowError, line: EventVerdict
) -> None:
    """Writes the row of one event, which is its audit leaf too; a heartbeat's row goes in time, so it has another."""
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
    if isinstance(event, Notice) and isinstance(event.data, Heartbeat):
        await audit.record(tx, f"notice.{line.verdict.value}", ("notice", arrival_id), after={"event": line.event_id})


async def quarantine(tx: Transaction, message: Message, refused: Mapping[int, UUID]) -> None:
    """Keeps each refused event by itself until somebody has looked at it: place in the message -> arrival."""
    events = structured_events({**message.headers, "content-type": message.content_type}, message.body)
    for place, arrival_id in refused.items():
        _keep_sealed(tx, message, STRUCTURED, events[place], arrival_id)
    await tx.session.flush()


async def quarantine_whole(tx: Transaction, message: Message) -> None:
    """Keeps a signed message that cannot be read at all; once, however often it is sent again."""
    same = Quarantined.sender_id == message.sender_id, Quarantined.message_id == message.message_id
    own = Quarantined.municipality_id == tx.municipality_id, Quarantined.content_type == UNREADABLE
    if await tx.session.scalar(select(Quarantined.id).where(*own, *same).limit(1)) is None:
        _keep_sealed(tx, message, UNREADABLE, message.body, None)
        await tx.session.flush()


def _keep_sealed(tx: Transaction, message: Message, content_type: str, content: bytes, arrival_id: UUID | None) -> None:
    quarantine_id = new_id()
    tx.session.add(
        Quarantined(
            id=quarantine_id,
            municipality_id=tx.municipality_id,
            sender_id=message.sender_id,
            message_id=message.message_id,
            content_type=content_type,
            sealed=seal_refused(quarantine_id, content),
            state="open",
            received_at=tx.at,
            arrival_id=arrival_id,
        )
    )


def seal_refused(quarantine_id: UUID, content: bytes) -> bytes:
    """The bytes of what was refused, sealed for its row of the quarantine."""
    return keystore().wrap(SUBJECT, content, _place(quarantine_id))


def open_refused(row: Quarantined) -> bytes:
    """The bytes of what was refused, in clear."""
    return keystore().unwrap(SUBJECT, row.sealed, _place(row.id))


def _place(quarantine_id: UUID) -> bytes:
    return b"quarantine|sealed|" + quarantine_id.bytes


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

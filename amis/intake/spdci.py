"""Taking a registry's message: once, in the request's transaction, its records as events like those of any sender."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from amis.intake import store
from amis.intake.arrival import Message
from amis.intake.senders import Signed
from amis.intake.service import take
from amis.intake.spdci_heard import answered
from amis.intake.spdci_models import RegistryMessage
from amis.intake.spdci_peers import get_registry, profile_of
from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.kernel.ids import new_id
from amis.kernel.sealed import blind_index
from sync.message import BATCHED, MOST_EVENTS, read_event
from sync.spdci.ack import Ack, AckStatus
from sync.spdci.answers import Action, Answer
from sync.spdci.canonical import canonical
from sync.spdci.envelope import Envelope
from sync.spdci.errors import RequestBad
from sync.spdci.translate import Profile, Telling, events_of
from sync.verdict import EventVerdict


@dataclass(frozen=True, slots=True, repr=False)
class Told:
    """A message whose signature held, read."""

    signed: Signed
    envelope: Envelope
    answer: Answer


async def receive(tx: Transaction, told: Told, action: Action) -> Ack:
    """Takes a message; the same one again is answered as before and changes nothing.

    NACK says that it holds records of which nothing could be taken: what was refused of them waits in quarantine.

    Raises:
        sync.spdci.errors.RequestBad: its id belongs to another message, or it says too much at once.
        sync.spdci.errors.TransactionUnknown: it answers what nobody asked.
    """
    known = await _remembered(tx, told, action)
    if known is not None:
        return Ack(AckStatus(known.ack), known.received_at, str(known.correlation_id))
    registry = await get_registry(tx, told.signed.sender_id)
    if told.answer.action is not Action.NOTIFY:
        await answered(tx, registry, told.answer)
    events = _events(tx, told, await profile_of(tx, registry))
    verdicts = await _taken(tx, told, events)
    return await _noted(tx, told, verdicts)


async def _remembered(tx: Transaction, told: Told, action: Action) -> RegistryMessage | None:
    """Keeps the message's id, and waits for whoever is taking the same message now; what is known if it came before."""
    header = told.envelope.header
    digest = hashlib.sha256(canonical({"action": action.value, "message": dict(told.envelope.message)})).digest()
    key = {"municipality_id": tx.municipality_id, "sender_id": told.signed.sender_id, "message_id": header.message_id}
    values = {"action": action.value, "digest": digest, "correlation_id": new_id(), "ack": AckStatus.ACK.value}
    counts = {"records": 0, "events": 0, "refused": 0, "received_at": tx.at}
    statement = insert(RegistryMessage).values(**key, **values, **counts).on_conflict_do_nothing()
    if await tx.session.scalar(statement.returning(RegistryMessage.message_id)) is not None:
        return None
    known = await tx.session.get_one(RegistryMessage, tuple(key.values()))
    if known.digest != digest:
        raise RequestBad("rjct.message_id.duplicate")
    return known


def _events(tx: Transaction, told: Told, profile: Profile) -> list[dict[str, Any]]:
    header = told.envelope.header
    telling = Telling(header.message_id, header.message_ts, tx.at, lambda code: _pseudonym(tx, code))
    found = [
        event
        for part in told.answer.parts
        for record in part.records
        for event in events_of(telling, profile, record, part.at or header.message_ts)
    ]
    if len(found) > MOST_EVENTS:
        raise RequestBad(f"more than {MOST_EVENTS} statements about persons")
    return [{"id": f"{header.message_id}/{number}", **event} for number, event in enumerate(found, start=1)]


def _pseudonym(tx: Transaction, code: str) -> str:
    return blind_index(tx.municipality_id, "registry", code).hex()


async def _taken(tx: Transaction, told: Told, events: Sequence[Mapping[str, Any]]) -> list[EventVerdict]:
    if not events:
        (await store.get_sender(tx, told.signed.sender_id)).heard_at = tx.at
        return []
    body = json.dumps(list(events), ensure_ascii=False).encode()
    signed = told.signed
    message = Message(signed.sender_id, signed.key_id, signed.message_id, BATCHED, body)
    return await take(tx, message, [read_event(event) for event in events])


async def _noted(tx: Transaction, told: Told, verdicts: list[EventVerdict]) -> Ack:
    records = sum(len(part.records) for part in told.answer.parts)
    refused = [line for line in verdicts if line.error is not None]
    nothing = records > 0 and len(refused) == len(verdicts)
    status = AckStatus.NACK if nothing else AckStatus.ACK
    key = (tx.municipality_id, told.signed.sender_id, told.signed.message_id)
    note = await tx.session.get_one(RegistryMessage, key)
    note.ack, note.records, note.events, note.refused = status.value, records, len(verdicts), len(refused)
    await tx.session.flush()
    after = {"message": note.message_id, "ack": note.ack, "records": records, "refused": note.refused}
    await audit.record(tx, "registry.tell", ("sender", told.signed.sender_id), after=after)
    return Ack(status, tx.at, str(note.correlation_id))

"""What members of staff change about a source: its keys, its machine, what its statuses mean, when it is expected."""

import base64
import secrets
from collections.abc import Mapping as ReadOnly
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from amis.intake import senders, store
from amis.intake.errors import IntervalInvalid, MeaningUnknown, SenderDecided, SenderKeyUnknown
from amis.intake.models import Sender, SenderKey
from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.register import store as register
from amis.staff import machine_service
from sync.mapping import Mapping, Meaning, mapping_from_json, mapping_to_json

STATUS_LENGTH = range(1, 65)
_INTERVALS = range(1, 60 * 24 * 31)
"""Minutes between two signs of life that can be expected."""


def shared_key() -> str:
    """A fresh shared key in the notation of Standard Webhooks, 256 bits."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


async def keys(tx: Transaction, sender_id: UUID) -> list[SenderKey]:
    """The keys of a sender, the newest first."""
    own = SenderKey.municipality_id == tx.municipality_id, SenderKey.sender_id == sender_id
    return list(await tx.session.scalars(select(SenderKey).where(*own).order_by(SenderKey.recorded_at.desc())))


async def revoke_key(tx: Transaction, sender_id: UUID, key_id: UUID) -> None:
    """Accepts nothing more that this key signs, from the next message on.

    Raises:
        SenderKeyUnknown
    """
    key = await tx.session.get(SenderKey, key_id, with_for_update=True)
    if key is None or key.sender_id != sender_id or key.state != "active":
        raise SenderKeyUnknown
    key.state = "revoked"
    await audit.record(tx, "sender.revoke_key", ("sender", sender_id), after={"key": str(key_id)})


async def pause(tx: Transaction, sender_id: UUID) -> None:
    """Takes nothing from a sender until it is resumed.

    Raises:
        SenderUnknown, SenderDecided
    """
    await _move(tx, sender_id, "active", "suspended", "sender.pause")


async def resume(tx: Transaction, sender_id: UUID) -> None:
    """Takes notices of a sender again.

    Raises:
        SenderUnknown, SenderDecided
    """
    await _move(tx, sender_id, "suspended", "active", "sender.resume")


async def expect(tx: Transaction, sender_id: UUID, minutes: int | None) -> None:
    """Says within how many minutes something should be heard of a sender; None: nothing is expected.

    Raises:
        SenderUnknown, IntervalInvalid
    """
    if minutes is not None and minutes not in _INTERVALS:
        raise IntervalInvalid(pointer="/minutes")
    sender = await store.get_sender(tx, sender_id)
    before = {"seconds": sender.expect_every.total_seconds() if sender.expect_every else None}
    sender.expect_every = None if minutes is None else timedelta(minutes=minutes)
    await tx.session.flush()
    after = {"seconds": None if minutes is None else minutes * 60}
    await audit.record(tx, "sender.expect", ("sender", sender_id), before=before, after=after)


async def check_meanings(tx: Transaction, statuses: ReadOnly[str, Meaning]) -> None:
    """Whether each status can mean that here.

    Raises:
        MeaningUnknown
    """
    words = (await register.vocabulary(tx)).facts
    for status, meaning in statuses.items():
        kind = words.get(meaning.fact)
        fits = (
            kind
            and not kind.numeric
            and (meaning.value == "yes" if kind.values is None else meaning.value in kind.values)
        )
        if not fits or len(status) not in STATUS_LENGTH:
            raise MeaningUnknown(status, pointer="/statuses")


async def change_mapping(tx: Transaction, sender_id: UUID, mapping: Mapping) -> None:
    """Sets what the statuses of a sender mean from the next notice on; what was recorded stays as it is.

    Raises:
        SenderUnknown
        MeaningUnknown: a meaning is no kind and value of facts here, or a status is no text of 1 to 64 characters.
    """
    sender = await store.get_sender(tx, sender_id)
    await check_meanings(tx, mapping.statuses)
    before, after = (
        sender.mapping,
        mapping_to_json(replace(mapping_from_json(sender.mapping), statuses=mapping.statuses, keep=mapping.keep)),
    )
    sender.mapping = after
    await tx.session.flush()
    await audit.record(tx, "sender.change_mapping", ("sender", sender_id), before=before, after=after)


async def set_up_machine(tx: Transaction, sender_id: UUID) -> None:
    """Makes the machine that may hand over files for a sender; it is paired like others.

    Raises:
        SenderUnknown
        SenderDecided: it has one.
    """
    sender = await store.get_sender(tx, sender_id)
    if sender.machine_id is not None:
        raise SenderDecided
    machine = await machine_service.create_machine(tx, "sender", sender.label, tx.municipality_id)
    await tx.session.flush()
    await senders.give_machine(tx, sender_id, machine.id)


async def _move(tx: Transaction, sender_id: UUID, source: str, target: str, action: str) -> None:
    own = Sender.municipality_id == tx.municipality_id, Sender.id == sender_id
    sender = await tx.session.scalar(select(Sender).where(*own).with_for_update(key_share=True))
    if sender is None:
        await store.get_sender(tx, sender_id)
    if sender is None or sender.state != source:
        raise SenderDecided
    sender.state = target
    await tx.session.flush()
    await audit.record(tx, action, ("sender", sender_id), before={"state": source}, after={"state": target})

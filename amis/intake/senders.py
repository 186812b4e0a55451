"""Who may send notices: senders, their keys, and whose signature a message carries."""

from collections.abc import Mapping as ReadOnly
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from starlette.concurrency import run_in_threadpool

from amis.intake import store
from amis.intake.errors import MachineSendsNothing, SenderExists, SignatureNotAccepted
from amis.intake.models import Sender, SenderKey
from amis.kernel import audit
from amis.kernel.actor import Actor
from amis.kernel.db import Transaction
from amis.kernel.ids import new_id
from amis.kernel.keys import STAFF, keystore
from sync import signature
from sync.errors import SignatureRefused
from sync.mapping import Mapping, mapping_to_json


@dataclass(frozen=True, slots=True)
class Signed:
    """A message whose signature held: its sender, the key, the message's id."""

    sender_id: UUID
    municipality_id: int
    source: str
    key_id: UUID
    message_id: str

    @property
    def actor(self) -> Actor:
        """The sender as the one who acts."""
        return Actor("sender", str(self.sender_id), self.source, self.municipality_id)


async def define_sender(tx: Transaction, label: str, mapping: Mapping) -> Sender:
    """Lets a source send notices; `mapping` says what its statuses mean here.

    Raises:
        SenderExists
    """
    if await tx.session.scalar(select(Sender.id).where(Sender.source == mapping.source)):
        raise SenderExists(mapping.source)
    sender = Sender(
        id=new_id(),
        municipality_id=tx.municipality_id,
        source=mapping.source,
        label=label,
        mapping=mapping_to_json(mapping),
        state="active",
    )
    tx.session.add(sender)
    await tx.session.flush()
    await audit.record(tx, "sender.define", ("sender", sender.id), after={"source": mapping.source})
    return sender


async def add_key(tx: Transaction, sender_id: UUID, key_text: str) -> UUID:
    """Accepts signatures by this key too (`whsec_...` shared, `whpk_...` public).

    Raises:
        SenderUnknown, sync.errors.KeyUnreadable
    """
    signature.verifying_key(key_text)
    sender, key_id = await store.get_sender(tx, sender_id), new_id()
    wrapped = keystore().wrap(STAFF, key_text.strip().encode(), _place(key_id))
    tx.session.add(
        SenderKey(
            id=key_id,
            municipality_id=tx.municipality_id,
            sender_id=sender.id,
            wrapped=wrapped,
            state="active",
            recorded_at=tx.at,
        )
    )
    await tx.session.flush()
    await audit.record(tx, "sender.add_key", ("sender", sender.id), after={"key": str(key_id)})
    return key_id


async def give_machine(tx: Transaction, sender_id: UUID, machine_id: UUID | None) -> None:
    """Lets the bearer of this machine (kind `sender`) send files for the sender and read of them; None: nobody's.

    Raises:
        SenderUnknown
    """
    sender = await store.get_sender(tx, sender_id)
    before = {"machine": str(sender.machine_id) if sender.machine_id else None}
    sender.machine_id = machine_id
    await tx.session.flush()
    after = {"machine": str(machine_id) if machine_id else None}
    await audit.record(tx, "sender.machine", ("sender", sender.id), before=before, after=after)


async def senders_of_machine(tx: Transaction, machine_id: UUID) -> Sequence[Sender]:
    """The active senders that this machine speaks for, by source."""
    query = select(Sender).where(Sender.municipality_id == tx.municipality_id, Sender.machine_id == machine_id)
    return (await tx.session.scalars(query.where(Sender.state == "active").order_by(Sender.source))).all()


async def sender_of_machine(tx: Transaction, machine_id: UUID, source: str | None = None) -> Sender:
    """The sender that this machine speaks for; `source` says which where there are several.

    Raises:
        MachineSendsNothing: there is none, or none with this source, or more than one.
    """
    found = [one for one in await senders_of_machine(tx, machine_id) if source in (None, one.source)]
    if len(found) != 1:
        raise MachineSendsNothing
    return found[0]


async def whose(tx: Transaction, headers: ReadOnly[str, str], body: bytes, at: datetime) -> Signed:
    """The sender that signed this message, by trying every active key.

    Raises:
        SignatureNotAccepted: the reason is the same for an unknown sender and a wrong signature.
    """
    sealed = {str(key.key_id): key for key in await store.sealed_keys(tx)}
    known = {key_id: _opened(key) for key_id, key in sealed.items()}
    try:
        # The body is read once for each key there is, and anybody may send one: others are served meanwhile.
        held = await run_in_threadpool(signature.verify, known, headers, body, at)
    except SignatureRefused as refused:
        raise SignatureNotAccepted(refused.code) from refused
    key = sealed[held.key_id]
    return Signed(key.sender_id, key.municipality_id, key.source, key.key_id, held.message_id)


def key_text(key: store.SealedKey) -> str:
    """The key as its sender has it, for one that is our own."""
    return keystore().unwrap(STAFF, key.wrapped, _place(key.key_id)).decode()


def _opened(key: store.SealedKey) -> signature.VerifyingKey:
    return signature.verifying_key(key_text(key))


def _place(key_id: UUID) -> bytes:
    return b"sender_key|wrapped|" + key_id.bytes

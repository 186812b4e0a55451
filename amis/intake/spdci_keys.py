"""By which keys registries sign, and whose message one is."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from starlette.concurrency import run_in_threadpool

from amis.intake import sources
from amis.intake.errors import SenderKeyUnknown
from amis.intake.models import SenderKey
from amis.intake.senders import Signed
from amis.intake.spdci_peers import get_registry
from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.kernel.ids import new_id
from amis.kernel.keys import STAFF, keystore
from sync.spdci import signature
from sync.spdci.envelope import Envelope
from sync.spdci.errors import ReceiverIdInvalid, SenderIdInvalid, SignatureInvalid
from sync.spdci.key import public_key

_PEERS = "SELECT own_id, sender_id, municipality_id, source, key_id, wrapped FROM keys_of_registry(:registry, :kid)"


async def add_registry_key(tx: Transaction, sender_id: UUID, jwk: str) -> UUID:
    """Accepts this public key of a registry too (one JSON Web Key, Ed25519).

    Raises:
        RegistryUnknown, sync.errors.KeyUnreadable
    """
    kid, registry, key_id = public_key(jwk).kid, await get_registry(tx, sender_id), new_id()
    tx.session.add(
        SenderKey(
            id=key_id,
            municipality_id=tx.municipality_id,
            sender_id=registry.sender_id,
            wrapped=keystore().wrap(STAFF, jwk.strip().encode(), _place(key_id)),
            kid=kid,
            state="active",
            recorded_at=tx.at,
        )
    )
    await tx.session.flush()
    await audit.record(tx, "registry.add_key", ("sender", registry.sender_id), after={"key": str(key_id), "kid": kid})
    return key_id


async def revoke_registry_key(tx: Transaction, sender_id: UUID, kid: str) -> None:
    """Accepts nothing more that a registry signs with the key of this name, from the next message on.

    Raises:
        RegistryUnknown, SenderKeyUnknown
    """
    registry = await get_registry(tx, sender_id)
    for key in await sources.keys(tx, registry.sender_id):
        if key.kid == kid:
            return await sources.revoke_key(tx, registry.sender_id, key.id)
    raise SenderKeyUnknown


async def whose(tx: Transaction, envelope: Envelope, at: datetime) -> Signed:
    """The registry that signed this message for one of our municipalities.

    Raises:
        sync.spdci.errors.SenderIdInvalid, ReceiverIdInvalid, SignatureInvalid
    """
    header, proof = envelope.header, envelope.proof
    rows = (await tx.session.execute(text(_PEERS), {"registry": header.sender_id, "kid": proof.key_id})).all()
    if not rows:
        raise SenderIdInvalid
    addressed = [row for row in rows if row.own_id == header.receiver_id]
    if not addressed:
        raise ReceiverIdInvalid
    peer = addressed[0]
    if peer.key_id is None:
        raise SignatureInvalid
    key = public_key(keystore().unwrap(STAFF, peer.wrapped, _place(peer.key_id)).decode())
    # The message is spelled anew for its digest, and anybody may send one: others are served meanwhile.
    await run_in_threadpool(signature.verify, key, proof, envelope.signed_header, envelope.message, at)
    return Signed(peer.sender_id, peer.municipality_id, peer.source, peer.key_id, header.message_id)


def _place(key_id: UUID) -> bytes:
    return b"sender_key|wrapped|" + key_id.bytes

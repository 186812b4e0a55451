"""Who calls: the holder of a phone, known by a proof that the phone's key signed for this very request."""

from dataclasses import dataclass
from uuid import UUID

from fastapi import Request

from amis.holder import proof, store
from amis.holder.errors import DeviceUnknown, ProofRefused
from amis.holder.used_proofs import use_proof
from amis.kernel import clock
from amis.kernel.actor import Actor, system
from amis.kernel.db import transaction
from amis.kernel.settings import settings

HEADER = "dpop"


@dataclass(frozen=True, slots=True)
class Holder:
    """A phone in use, with the token on it."""

    device_id: UUID
    token_id: UUID
    actor: Actor


def holder(device_id: UUID, municipality_id: int) -> Actor:
    """A holder as the one who acts; nothing of the person is in it."""
    return Actor("holder", str(device_id), "holder", municipality_id)


async def current_holder(request: Request) -> Holder:
    """FastAPI dependency: whose phone calls; the proof is used up.

    Raises:
        ProofRefused, ClockOff, ProofReused, DeviceUnknown
    """
    header = request.headers.getlist(HEADER)
    if len(header) != 1:
        raise ProofRefused
    shown = proof.verify(header[0], request.method, address_of(request.url.path), clock.now())
    async with transaction(system("holder")) as tx:
        found = await store.device_by_thumbprint(tx, shown.thumbprint)
    if found is None:
        raise DeviceUnknown
    actor = holder(found.id, found.municipality_id)
    async with transaction(actor) as tx:
        await use_proof(tx, found.id, shown)
    return Holder(found.id, found.token_id, actor)


def address_of(path: str) -> str:
    """The address that a proof names: without query, as people reach the service."""
    return settings().public_url.rstrip("/") + path

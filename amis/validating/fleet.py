"""Many terminals at once, for a new depot or a trial: set up with their codes, approved by their fingerprints."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from amis.kernel.db import Transaction
from amis.staff import machine_service
from amis.staff.machine_store import newest_pairing
from amis.validating.provider_store import find_place_by_code, find_provider_by_code
from amis.validating.service import register_terminal


@dataclass(frozen=True, slots=True)
class Enlisted:
    """A terminal that has yet to pair, its one-time code, and of which kind its provider is (carrier or venue)."""

    terminal_id: UUID
    code: str
    kind: str


async def enlist_fleet(tx: Transaction, provider: str, place: str, label: str, count: int) -> list[Enlisted]:
    """So many terminals of a provider at one of its places (codes), numbered from 1; the acting tenant owns them.

    Raises:
        ProviderUnknown, PlaceNotFound
    """
    owner = await find_provider_by_code(tx, provider)
    where = await find_place_by_code(tx, owner.id, place)
    made = []
    for number in range(1, count + 1):
        machine = await machine_service.create_machine(tx, "terminal", f"{label} {number}", tx.actor.municipality_id)
        await register_terminal(tx, machine.id, owner.id, where.id)
        made.append(Enlisted(machine.id, await machine_service.pairing_code(tx, machine.id), owner.kind))
    return made


async def approve_fleet(tx: Transaction, fingerprints: Mapping[UUID, str]) -> int:
    """Approves the machines whose newest key has the given fingerprint; how many were not approved before.

    Raises:
        UnknownMachine, MachineStateConflict: one has shown another key, or none; nothing is to be kept then.
    """
    return sum([await _approved(tx, machine, shown) for machine, shown in fingerprints.items()])


async def _approved(tx: Transaction, machine_id: UUID, fingerprint: str) -> bool:
    last = await newest_pairing(tx, machine_id)
    if last is not None and last.approved_at is not None and last.fingerprint == fingerprint:
        return False
    await machine_service.approve(tx, machine_id, fingerprint)
    return True

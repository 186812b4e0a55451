"""Reading machines. What is read before the tenant is known goes through functions of amis_hot."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text

from amis.kernel.db import Transaction
from amis.staff.errors import UnknownMachine
from amis.staff.models import Machine, MachinePairing
from amis.staff.store import digest


@dataclass(frozen=True, slots=True)
class FoundMachine:
    """An active machine whose token was shown."""

    id: UUID
    kind: str
    label: str
    municipality_id: int | None
    municipality_name: str


@dataclass(frozen=True, slots=True)
class MachineKey:
    """The approved key of a machine."""

    id: UUID
    kind: str
    municipality_id: int | None
    state: str
    pairing: int
    jwk: dict[str, Any]


async def machine_by_token(tx: Transaction, token: str) -> FoundMachine | None:
    """The machine that a live token of its present pairing belongs to, while it is active."""
    found = await tx.session.execute(
        text("SELECT * FROM machine_by_token(:hash, :at)"), {"hash": digest(token), "at": tx.at}
    )
    row = found.mappings().one_or_none()
    return FoundMachine(**row) if row else None


async def machine_key(tx: Transaction, machine_id: UUID) -> MachineKey | None:
    """The approved key of a machine of any municipality; None before the first approval."""
    found = await tx.session.execute(text("SELECT * FROM machine_key(:id)"), {"id": machine_id})
    row = found.mappings().one_or_none()
    return MachineKey(**row) if row else None


async def lock_machine(tx: Transaction, machine_id: UUID) -> Machine:
    """A machine of the tenant or of nobody, locked until the transaction ends.

    Raises:
        UnknownMachine: there is none.
    """
    machine = await tx.session.get(Machine, machine_id, with_for_update=True)
    if machine is None:
        raise UnknownMachine
    return machine


async def newest_pairing(tx: Transaction, machine_id: UUID) -> MachinePairing | None:
    """The last pairing begun, whether or not a machine has answered."""
    newest = select(MachinePairing).where(MachinePairing.machine_id == machine_id)
    return await tx.session.scalar(newest.order_by(MachinePairing.pairing.desc()).limit(1))


async def approved_fingerprint(tx: Transaction, machine_id: UUID) -> str | None:
    """The fingerprint of the key with which the machine works at present; None before the first approval."""
    of_present = (MachinePairing.machine_id == Machine.id) & (MachinePairing.pairing == Machine.pairing)
    query = select(MachinePairing.fingerprint).join(Machine, of_present).where(Machine.id == machine_id)
    fingerprint: str | None = await tx.session.scalar(query)
    return fingerprint


async def list_machines(tx: Transaction) -> list[tuple[Machine, MachinePairing | None]]:
    """Machines of the tenant and of nobody, each with its newest pairing, oldest first."""
    newest = select(MachinePairing.machine_id, func.max(MachinePairing.pairing).label("pairing"))
    last = newest.group_by(MachinePairing.machine_id).subquery()
    rows = await tx.session.execute(
        select(Machine, MachinePairing)
        .outerjoin(last, last.c.machine_id == Machine.id)
        .outerjoin(
            MachinePairing, (MachinePairing.machine_id == Machine.id) & (MachinePairing.pairing == last.c.pairing)
        )
        .order_by(Machine.id)
    )
    return [(machine, pairing) for machine, pairing in rows]

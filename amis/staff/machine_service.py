"""Changing machines: made, paired, approved, suspended, revoked. Each takes effect on the next call."""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.kernel.ids import new_id
from amis.staff import machine_store, pairing
from amis.staff.errors import InvalidGrant, MachineStateConflict, UnknownMachineKind
from amis.staff.models import Machine, MachinePairing
from amis.staff.roles import machine_kinds

CODE_LASTS = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Paired:
    """A pairing that a machine has answered with its key and that waits for approval."""

    machine_id: UUID
    pairing: int
    fingerprint: str


async def create_machine(tx: Transaction, kind: str, label: str, municipality_id: int | None) -> Machine:
    """Makes a machine of a municipality, or of none (a provider's terminal), that has yet to pair.

    Raises:
        UnknownMachineKind: it is no kind of permissions.toml.
    """
    if kind not in machine_kinds():
        raise UnknownMachineKind(kind)
    machine = Machine(
        id=new_id(), municipality_id=municipality_id, kind=kind, label=label, state="new", created_at=tx.at
    )
    tx.session.add(machine)
    await audit.record(tx, "machine.create", ("machine", machine.id), after={"kind": kind, "label": label})
    return machine


async def pairing_code(tx: Transaction, machine_id: UUID) -> str:
    """Begins a pairing: the code works once within 10 minutes; codes given earlier stop working.

    Raises:
        UnknownMachine: there is no such machine.
        MachineStateConflict: it is revoked.
    """
    machine = await machine_store.lock_machine(tx, machine_id)
    _expect(machine, "new", "active", "suspended")
    last = await machine_store.newest_pairing(tx, machine_id)
    code = pairing.new_code()
    begun = MachinePairing(
        machine_id=machine_id,
        pairing=last.pairing + 1 if last else 1,
        municipality_id=machine.municipality_id,
        code_hash=pairing.code_digest(code),
        created_at=tx.at,
        expires_at=tx.at + CODE_LASTS,
    )
    tx.session.add(begun)
    await audit.record(tx, "machine.pairing_begun", ("machine", machine_id), after={"pairing": begun.pairing})
    return code


async def use_code(tx: Transaction, code: str, jwk: dict[str, Any]) -> Paired:
    """Takes the key of the machine that shows a pairing code.

    Raises:
        InvalidKey: the key is not a public P-256 key.
        InvalidGrant: the code is wrong, used or expired.
    """
    bare = pairing.public_key(jwk)
    thumbprint = pairing.fingerprint(bare)
    found = await tx.session.execute(
        text("SELECT * FROM use_pairing_code(:code, :at, CAST(:jwk AS jsonb), :fingerprint)"),
        {"code": pairing.code_digest(code), "at": tx.at, "jwk": json.dumps(bare), "fingerprint": thumbprint},
    )
    row = found.one_or_none()
    if row is None:
        raise InvalidGrant
    after = {"pairing": row.pairing, "fingerprint": thumbprint}
    await audit.record(tx, "machine.paired", ("machine", row.machine_id), after=after)
    return Paired(row.machine_id, row.pairing, thumbprint)


async def approve(tx: Transaction, machine_id: UUID, fingerprint: str | None = None) -> Machine:
    """Accepts the key of the newest pairing, whose fingerprint was compared; tokens of older pairings end.

    Raises:
        UnknownMachine: there is no such machine.
        MachineStateConflict: nothing waits for approval, another key than that of `fingerprint` does, or the machine is
            suspended or revoked.
    """
    machine = await machine_store.lock_machine(tx, machine_id)
    _expect(machine, "new", "active")
    last = await machine_store.newest_pairing(tx, machine_id)
    if last is None or last.jwk is None or last.approved_at is not None:
        raise MachineStateConflict("No key waits for approval")
    if fingerprint is not None and fingerprint != last.fingerprint:
        raise MachineStateConflict("Another key has come since: compare again")
    last.approved_by, last.approved_at = tx.actor.id, tx.at
    before = {"state": machine.state, "pairing": machine.pairing}
    machine.state, machine.pairing = "active", last.pairing
    after = {"state": "active", "pairing": last.pairing, "fingerprint": last.fingerprint}
    await audit.record(tx, "machine.approve", ("machine", machine_id), before=before, after=after)
    return machine


async def suspend(tx: Transaction, machine_id: UUID, reason: str = "") -> None:
    """Stops a machine until `resume`."""
    await _move(tx, machine_id, ("active",), "suspended", "machine.suspend", reason)


async def resume(tx: Transaction, machine_id: UUID, reason: str = "") -> None:
    """Lets a suspended machine work again, under the key that it had."""
    await _move(tx, machine_id, ("suspended",), "active", "machine.resume", reason)


async def revoke(tx: Transaction, machine_id: UUID, reason: str = "") -> None:
    """Ends a machine for good."""
    await _move(tx, machine_id, ("new", "active", "suspended"), "revoked", "machine.revoke", reason)


async def _move(
    tx: Transaction, machine_id: UUID, sources: tuple[str, ...], target: str, action: str, reason: str
) -> None:
    machine = await machine_store.lock_machine(tx, machine_id)
    _expect(machine, *sources)
    before, after = {"state": machine.state}, {"state": target}
    machine.state = target
    await audit.record(tx, action, ("machine", machine_id), before=before, after=after, reason=reason)


def _expect(machine: Machine, *states: str) -> None:
    if machine.state not in states:
        raise MachineStateConflict(f"The machine is {machine.state}")

"""`amis machine`: terminals, desks and senders."""

import json
from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table

from amis.kernel.actor import Actor
from amis.kernel.db import Transaction, transaction
from amis.staff import machine_service, machine_store
from amis.staff.account_cli import AsJson
from amis.staff.command import NOBODY, Result, run, tenant, tenants
from amis.staff.errors import UnknownMachine
from amis.staff.models import Machine, MachinePairing

machines = typer.Typer(help="Terminals, desks and senders: pair, suspend, revoke.", no_args_is_help=True)
MachineId = Annotated[UUID, typer.Argument(metavar="ID", help="The machine's id.")]
Reason = Annotated[str, typer.Option(help="Why, for the audit trail.")]


@machines.command()
def create(
    kind: Annotated[str, typer.Option(help="terminal, desk or sender.")],
    label: Annotated[str, typer.Option(help="What people call it.")],
    municipality: Annotated[str, typer.Option(help="The code of its municipality; none for a provider's own.")] = "",
) -> None:
    """Make a machine and print its id."""

    async def work() -> UUID:
        actor = await tenant(municipality) if municipality else NOBODY
        async with transaction(actor) as tx:
            return (await machine_service.create_machine(tx, kind, label, actor.municipality_id)).id

    typer.echo(str(run(work)))


@machines.command()
def code(machine: MachineId) -> None:
    """Print a pairing code: it works once, within 10 minutes."""
    typer.echo(_changed(machine, lambda tx: machine_service.pairing_code(tx, machine)))


@machines.command()
def approve(machine: MachineId) -> None:
    """Accept the key that the machine has sent; compare its fingerprint (`amis machine list`) first."""
    _changed(machine, lambda tx: machine_service.approve(tx, machine))


@machines.command()
def suspend(machine: MachineId, reason: Reason = "") -> None:
    """Stop a machine for a while."""
    _changed(machine, lambda tx: machine_service.suspend(tx, machine, reason))


@machines.command()
def resume(machine: MachineId, reason: Reason = "") -> None:
    """Let a suspended machine work again."""
    _changed(machine, lambda tx: machine_service.resume(tx, machine, reason))


@machines.command()
def revoke(machine: MachineId, reason: Reason = "") -> None:
    """End a machine for good."""
    _changed(machine, lambda tx: machine_service.revoke(tx, machine, reason))


@machines.command("list")
def list_machines(as_json: AsJson = False) -> None:
    """List all machines with the fingerprint of their newest key."""
    rows = run(_rows)
    if as_json:
        typer.echo(json.dumps(rows))
        return
    table = Table("id", "kind", "label", "municipality", "state", "fingerprint", "approved")
    for row in rows:
        table.add_row(*(str(value if value is not None else "") for value in row.values()))
    Console().print(table)


def _changed(machine: UUID, change: Callable[[Transaction], Awaitable[Result]]) -> Result:
    async def work() -> Result:
        async with transaction(await _tenant_of(machine)) as tx:
            return await change(tx)

    return run(work)


async def _tenant_of(machine: UUID) -> Actor:
    """Whoever sees the machine: row-level security hides it from all tenants but its own."""
    for actor in (NOBODY, *(await tenants()).values()):
        async with transaction(actor) as tx:
            if await tx.session.get(Machine, machine):
                return actor
    raise UnknownMachine


async def _rows() -> list[dict[str, Any]]:
    rows: dict[UUID, dict[str, Any]] = {}
    for municipality, actor in {"": NOBODY, **await tenants()}.items():
        async with transaction(actor) as tx:
            for machine, pairing in await machine_store.list_machines(tx):
                rows.setdefault(machine.id, _row(machine, pairing, municipality))
    return [rows[machine] for machine in sorted(rows)]


def _row(machine: Machine, pairing: MachinePairing | None, municipality: str) -> dict[str, Any]:
    shown = {"id": str(machine.id), "kind": machine.kind, "label": machine.label, "municipality": municipality}
    fingerprint = pairing.fingerprint if pairing else None
    approved = bool(pairing and pairing.approved_at)
    return shown | {"state": machine.state, "fingerprint": fingerprint, "approved": approved}

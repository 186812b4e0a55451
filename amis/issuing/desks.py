"""Desks: where cards are made and handed over. Each is a machine of its own with a name, an address and a printer."""

from uuid import UUID

from amis.issuing import desk_store, operations, print_queue
from amis.issuing.card_models import Desk
from amis.issuing.errors import DeskNameMissing
from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.staff import machine_service

LONGEST_NAME = 60


async def make_desk(tx: Transaction, name: str, address: str = "", printer: str = "") -> Desk:
    """Makes a desk that has yet to pair; `printer` is the name of a print queue of its computer, empty = none.

    Raises:
        DeskNameMissing
    """
    said = name.strip()
    if not 0 < len(said) <= LONGEST_NAME:
        raise DeskNameMissing(pointer="/name")
    machine = await machine_service.create_machine(tx, "desk", said, tx.municipality_id)
    values = {"name": said, "address": address.strip(), "printer": printer.strip()}
    desk = Desk(id=machine.id, municipality_id=tx.municipality_id, **values)
    tx.session.add(desk)
    await audit.record(tx, "desk.create", ("desk", desk.id), after=values)
    return desk


async def pairing_code(tx: Transaction, desk_id: UUID) -> str:
    """A code by which the desk's program pairs: once, within 10 minutes.

    Raises:
        DeskUnknown, MachineStateConflict: it is revoked.
    """
    await desk_store.get_desk(tx, desk_id)
    return await machine_service.pairing_code(tx, desk_id)


async def approve(tx: Transaction, desk_id: UUID) -> None:
    """Accepts the key that the desk's program has sent; its fingerprint was compared.

    Raises:
        DeskUnknown, MachineStateConflict: nothing waits for approval.
    """
    await desk_store.get_desk(tx, desk_id)
    await machine_service.approve(tx, desk_id)


async def revoke(tx: Transaction, desk_id: UUID, reason: str = "") -> None:
    """Ends a desk for good; its connection is closed within a second, and its work ends, so that others can do it.

    Raises:
        DeskUnknown, MachineStateConflict: it is revoked already.
    """
    await desk_store.get_desk(tx, desk_id)
    await machine_service.revoke(tx, desk_id, reason)
    work = await desk_store.open_operation_at(tx, desk_id)
    if work is not None:
        await operations.finish(tx, await desk_store.get_operation(tx, work.id, locked=True), "failed", "stopped")
    await print_queue.desk_revoked(tx, desk_id)

"""Terminals of providers: set up, paired, moved, suspended, revoked. The machine belongs to the acting municipality."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.staff import machine_service
from amis.staff.machine_store import lock_machine
from amis.validating import provider_store
from amis.validating.errors import PlaceOfAnotherProvider, TerminalNotRegistered
from amis.validating.models import Terminal
from amis.validating.service import register_terminal


async def set_up(tx: Transaction, label: str, provider_id: UUID, place_id: UUID) -> UUID:
    """A terminal of a provider at one of its places that has yet to pair; returns its id.

    Raises:
        ProviderUnknown, PlaceOfAnotherProvider
    """
    await provider_store.get_provider(tx, provider_id)
    await _check_place(tx, provider_id, place_id)
    machine = await machine_service.create_machine(tx, "terminal", label, tx.municipality_id)
    await register_terminal(tx, machine.id, provider_id, place_id)
    return machine.id


async def move(tx: Transaction, terminal_id: UUID, place_id: UUID) -> None:
    """Puts a terminal at another place of its provider; taps that name no place count there from now on.

    Raises:
        TerminalNotRegistered, PlaceOfAnotherProvider, UnknownMachine: another municipality owns it.
    """
    terminal = await _own(tx, terminal_id)
    await _check_place(tx, terminal.provider_id, place_id)
    before, terminal.place_id = str(terminal.place_id), place_id
    after = {"place": str(place_id)}
    await audit.record(tx, "terminal.move", ("terminal", terminal_id), before={"place": before}, after=after)


async def pairing_code(tx: Transaction, terminal_id: UUID) -> str:
    """A code by which the terminal pairs: once, within 10 minutes.

    Raises:
        TerminalNotRegistered, UnknownMachine, MachineStateConflict: it is revoked.
    """
    await _own(tx, terminal_id)
    return await machine_service.pairing_code(tx, terminal_id)


async def approve(tx: Transaction, terminal_id: UUID, fingerprint: str) -> None:
    """Accepts the key whose fingerprint was compared.

    Raises:
        TerminalNotRegistered, UnknownMachine, MachineStateConflict: nothing waits for approval, or another key does.
    """
    await _own(tx, terminal_id)
    await machine_service.approve(tx, terminal_id, fingerprint)


STEPS: dict[str, Callable[[Transaction, UUID, str], Awaitable[None]]] = {
    "suspend": machine_service.suspend,
    "resume": machine_service.resume,
    "revoke": machine_service.revoke,
}
"""What may be done to a terminal that works or worked, each with a reason."""


async def step(tx: Transaction, terminal_id: UUID, name: str, reason: str) -> None:
    """Does one of STEPS to a terminal; it takes effect on its next call.

    Raises:
        TerminalNotRegistered, UnknownMachine, MachineStateConflict: it is not in a state for this.
    """
    await _own(tx, terminal_id)
    await STEPS[name](tx, terminal_id, reason)


async def _own(tx: Transaction, terminal_id: UUID) -> Terminal:
    terminal = await tx.session.get(Terminal, terminal_id)
    if terminal is None:
        raise TerminalNotRegistered
    await lock_machine(tx, terminal_id)
    return terminal


async def _check_place(tx: Transaction, provider_id: UUID, place_id: UUID) -> None:
    place = await provider_store.find_place(tx, place_id)
    if place is None or place.provider_id != provider_id:
        raise PlaceOfAnotherProvider(pointer="/place")

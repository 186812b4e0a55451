"""A small town on top of the seeded concessions: a bus company with its bus, a social system, members of staff."""

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from amis.concessions.scope import CITY
from amis.concessions.seed_lv import JELGAVA
from amis.intake.senders import add_key, define_sender
from amis.kernel.actor import system
from amis.kernel.db import transaction
from amis.kernel.models import STATE
from amis.staff import machine_service
from amis.staff.service import create_account
from amis.validating import service as validating
from sync.sopa import sopa_mapping

SOURCE = "sopa/jelgava"
FARE = "0.85"
"""The full price of a ride in euros."""
BUS = ("JLG-BUS", "Jelgavas pilsētas autobuss")
STOP = ("AUTOOSTA", "Jelgavas autoosta", (56.6489, 23.7128))
STAFF: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "kase@jelgava.example": ("Ilze Kalniņa", ("clerk",)),
    "admin@jelgava.example": ("Jānis Ozoliņš", ("municipal_admin",)),
    "likumi@jelgava.example": ("Ieva Bērziņa", ("social_engineer",)),
    "revidents@jelgava.example": ("Anna Liepiņa", ("auditor",)),
}
"""Accounts by e-mail: the name and the roles."""


@dataclass(frozen=True, slots=True)
class Town:
    """What the demo and the tests need to know of a town that was built."""

    provider_id: UUID
    stop_id: UUID
    sender_key: str


async def build_town() -> Town:
    """Founds the town: the bus takes the concessions of Jelgava and the state, the social system may send."""
    actor = system("demo", JELGAVA)
    async with transaction(actor) as tx:
        provider = await validating.register_provider(tx, *BUS, "carrier")
        code, name, at = STOP
        stop = await validating.register_place(tx, provider.id, code, name, "bus", zone=CITY, at=at)
        await validating.accept(tx, provider.id)
        sender = await define_sender(tx, "Sociālo lietu pārvalde", sopa_mapping(SOURCE))
        key = new_sender_key()
        await add_key(tx, sender.id, key)
    async with transaction(system("demo", STATE)) as tx:
        await validating.accept(tx, provider.id)
    return Town(provider.id, stop.id, key)


async def install_terminal(town: Town, label: str) -> tuple[UUID, str]:
    """A terminal of the bus company that has yet to pair; returns its id and its one-time code."""
    async with transaction(system("demo")) as tx:
        machine = await machine_service.create_machine(tx, "terminal", label, None)
        await validating.register_terminal(tx, machine.id, town.provider_id, town.stop_id)
        return machine.id, await machine_service.pairing_code(tx, machine.id)


async def pairing_code(machine_id: UUID) -> str:
    """A one-time code for a terminal."""
    async with transaction(system("demo")) as tx:
        return await machine_service.pairing_code(tx, machine_id)


async def approve_terminal(machine_id: UUID) -> None:
    """Somebody has compared the fingerprints."""
    async with transaction(system("demo")) as tx:
        await machine_service.approve(tx, machine_id)


async def hire(email: str) -> tuple[str, str]:
    """Makes the account of one of STAFF; returns its random password and its TOTP secret."""
    name, roles = STAFF[email]
    password = secrets.token_urlsafe(18)
    async with transaction(system("demo", JELGAVA)) as tx:
        _, totp_secret = await create_account(tx, email, name, password, roles)
    return password, totp_secret


def new_sender_key() -> str:
    """A fresh shared key in the notation of Standard Webhooks."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()

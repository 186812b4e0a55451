"""The town lives: while the demo serves, holders of QR tokens ride the bus, so that live pages and reports move."""

import asyncio
import random
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import or_, select

from amis.concessions.seed_lv import JELGAVA
from amis.demo.town import FARE
from amis.granting.models import Entitlement
from amis.issuing import service as issuing
from amis.issuing import store as tokens
from amis.kernel import clock
from amis.kernel.actor import system
from amis.kernel.db import Transaction, transaction
from amis.kernel.errors import AmisError
from cards.token import State
from terminals.agent import Terminal
from terminals.message import Tap

RIDERS = 12
_DESK = system("demo", JELGAVA)
_PAUSE = 4.0
"""Mean seconds between two rides."""


async def live(terminal: Terminal) -> None:
    """Rides until cancelled; when the service is away the bus decides alone.

    Who rides is looked up anew every few rides, since the social system goes on stating and withdrawing.
    """
    while True:
        for shown in await tickets():
            await asyncio.sleep(random.expovariate(1 / _PAUSE))
            await terminal.validate(Tap(shown, clock.now(), Decimal(FARE)))
        await asyncio.sleep(_PAUSE)


async def tickets(most: int = RIDERS) -> list[str]:
    """What at most so many people with rights show; those without a token are given one."""
    async with transaction(_DESK) as tx:
        people = await _entitled(tx, clock.today(), most)
    random.shuffle(people)
    return [text for person_id in people if (text := await _shown(person_id))]


async def _entitled(tx: Transaction, day: date, most: int) -> list[UUID]:
    live_now = or_(Entitlement.until_day.is_(None), Entitlement.until_day > day)
    query = select(Entitlement.person_id).where(Entitlement.from_day <= day, live_now).distinct().limit(most)
    return list(await tx.session.scalars(query))


async def _shown(person_id: UUID) -> str | None:
    try:
        async with transaction(_DESK) as tx:
            held = [token for token in await tokens.tokens_of(tx, person_id) if token.state == State.ACTIVE]
            token = held[0] if held else await issuing.issue_qr(tx, person_id)
            return (await tokens.open_credential(tx, token, "demo")).text
    except AmisError:
        return None

"""The demo's issuing desk: its program works in this process, on a virtual card in a file instead of a card reader."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import httpx

from amis.concessions.cards import CardDraft, define_card
from amis.concessions.seed_lv import JELGAVA
from amis.demo.memory import Memory
from amis.issuing import desk_store, desks, operations, stock
from amis.issuing import service as issuing
from amis.issuing.card_models import CardOperation
from amis.issuing.models import Token
from amis.issuing.operations import Work
from amis.issuing.service import CardRequest
from amis.kernel.actor import system
from amis.kernel.db import transaction
from amis.kernel.settings import Settings
from cards.bearer import Bearer
from cards.desk.agent import Agent
from cards.desk.virtual import VirtualReader
from cards.pair import move, pair, paired
from cards.simcard.card import VirtualCard
from cards.simcard.keeping import write_card
from cards.simcard.samples import new_uid

NAME = "Klientu centrs"
CARD = CardDraft(
    "JLG-KARTE",
    "Jelgavnieka karte",
    "Card of Jelgava",
    Decimal("0.00"),
    Decimal("3.00"),
    36,
    "Jelgavas domes saistošie noteikumi",
    date(2024, 1, 1),
)
_BLANKS = 50
_CLERK = system("demo", JELGAVA)
_LOOK = 0.02
_PATIENCE = 10.0


class CardNotMade(RuntimeError):
    """The desk did not make the card."""


async def found_desk() -> UUID:
    """The town's own card, a desk that has yet to pair, and blank cards there."""
    async with transaction(_CLERK) as tx:
        await define_card(tx, CARD)
        desk = await desks.make_desk(tx, NAME)
        await stock.receive(tx, CARD.code, _BLANKS, "demo")
        await stock.allocate(tx, desk.id, CARD.code, _BLANKS)
        return desk.id


def card_file(settings: Settings) -> Path:
    """The file on the desk's virtual reader."""
    return _home(settings) / "card"


def lay_fresh_card(settings: Settings) -> None:
    """Lays a card as the factory made it on the reader; the one before it is taken away."""
    write_card(card_file(settings), VirtualCard(new_uid()))


@asynccontextmanager
async def desk_at_work(settings: Settings, kept: Memory, http: httpx.AsyncClient) -> AsyncIterator[None]:
    """The desk's program, connected with the service for the length of the block."""
    home, desk = _home(settings), UUID(kept.desk)
    if (home / "pairing.json").exists():
        move(home, settings.public_url)
    else:
        async with transaction(_CLERK) as tx:
            code = await desks.pairing_code(tx, desk)
        await pair(settings.public_url, code, home, http)
        async with transaction(_CLERK) as tx:
            await desks.approve(tx, desk)
    lay_fresh_card(settings)
    pairing, key = paired(home)
    reader = VirtualReader(card_file(settings))
    working = asyncio.create_task(Agent(pairing.url, Bearer(pairing, key, http), virtual=reader).run())
    try:
        yield
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


async def make_card(person_id: UUID, desk_id: UUID) -> tuple[Token, CardOperation]:
    """An application is approved, its card made on the chip that lies there, and handed over.

    Raises:
        CardNotMade
    """
    async with transaction(_CLERK) as tx:
        asked = await issuing.request(tx, CardRequest(person_id, CARD.code, "first", desk_id=desk_id))
        token = await issuing.approve_request(tx, asked.id)
        work = await operations.ask(tx, desk_id, token.id, Work.PERSONALISE)
    done = await _done(work.id)
    async with transaction(_CLERK) as tx:
        return await issuing.hand_over(tx, token.id), done


async def _done(operation_id: UUID) -> CardOperation:
    for _ in range(int(_PATIENCE / _LOOK)):
        async with transaction(_CLERK) as tx:
            work = await desk_store.get_operation(tx, operation_id)
        if work.state in ("done", "failed"):
            break
        await asyncio.sleep(_LOOK)
    if work.state != "done":
        raise CardNotMade(f"{work.state} {work.message} {work.detail}")
    return work


def _home(settings: Settings) -> Path:
    return settings.data_dir / "desk"

"""A desk and a card product in the town of these tests."""

from datetime import date
from decimal import Decimal
from itertools import count
from uuid import UUID

from amis.concessions.cards import CardDraft, define_card
from amis.issuing.desks import make_desk
from amis.issuing.handover import hand_over
from amis.issuing.models import Token
from amis.issuing.production import produced
from amis.issuing.requests import CardRequest, approve_request, request
from amis.kernel.db import Transaction
from tests.issuing.town import acting

PRODUCT = "JLG-CARD"
_numbers = count(1)
CARD = CardDraft(
    PRODUCT,
    "Jelgavnieka karte",
    "Jelgava card",
    Decimal("0.00"),
    Decimal("2.85"),
    12,
    "Saistošie noteikumi",
    date(2020, 1, 1),
)


async def product() -> str:
    """The town's card, free of charge the first time."""
    await acting(lambda tx: define_card(tx, CARD))
    return PRODUCT


async def desk(name: str = "Lielā iela 11") -> UUID:
    """A desk that has yet to pair."""
    made = await acting(lambda tx: make_desk(tx, name, printer="cards"))
    return made.id


async def approved(person_id: UUID, *, delivery: str = "desk", reason: str = "first") -> Token:
    """A card of the person that may be made."""

    async def make(tx: Transaction) -> Token:
        asked = await request(tx, CardRequest(person_id, PRODUCT, reason, delivery))
        return await approve_request(tx, asked.id)

    return await acting(make)


async def encoded(person_id: UUID, *, delivery: str = "desk") -> Token:
    """A card of the person whose chip is written."""
    made = await approved(person_id, delivery=delivery)
    return await acting(lambda tx: produced(tx, made.id, new_uid(), 1))


def new_uid() -> bytes:
    """A UID that no other card of these tests has."""
    return b"\x04" + next(_numbers).to_bytes(6)


async def in_use(person_id: UUID) -> Token:
    """An active card of the person."""
    made = await encoded(person_id)
    return await acting(lambda tx: hand_over(tx, made.id))

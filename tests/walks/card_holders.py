"""Cards of any municipality in these stories: asked for, made with a chip of a fixed key set, handed over, tapped."""

from datetime import date
from decimal import Decimal
from itertools import count
from uuid import UUID

from amis.concessions.cards import CardDraft, define_card
from amis.issuing import service as issuing
from amis.issuing.models import Token
from amis.issuing.production import produced
from amis.issuing.requests import CardRequest, approve_request, request
from amis.kernel.db import transaction
from tests.walks.citizens import clerk

PRODUCT = "STORY-CARD"
REPLACEMENT = Decimal("2.85")
KEYSET = 1
_numbers = count(1)


async def cards_of(municipality: int) -> None:
    """The municipality has a card, free at first; another one for a lost one costs a fee."""
    draft = CardDraft(PRODUCT, "Karte", "Card", Decimal(0), REPLACEMENT, 60, "Saistošie noteikumi", date(2015, 1, 1))
    async with transaction(clerk(municipality)) as tx:
        await define_card(tx, draft)


async def approved(municipality: int, person: UUID, reason: str = "first", delivery: str = "desk") -> Token:
    """A card that may be made."""
    async with transaction(clerk(municipality)) as tx:
        asked = await request(tx, CardRequest(person, PRODUCT, reason, delivery))
        return await approve_request(tx, asked.id)


async def written(municipality: int, token: UUID) -> Token:
    """The same with a written chip."""
    uid = b"\x04" + next(_numbers).to_bytes(6)
    async with transaction(clerk(municipality)) as tx:
        return await produced(tx, token, uid, KEYSET)


async def in_use(municipality: int, person: UUID) -> Token:
    """A card that its holder has."""
    made = await written(municipality, (await approved(municipality, person)).id)
    async with transaction(clerk(municipality)) as tx:
        return await issuing.hand_over(tx, made.id)

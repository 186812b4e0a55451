"""An application, a photo, an order to a bureau and a campaign of a card product, for the walk along every route."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from amis.concessions.cards import CardDraft, define_card
from amis.issuing.batches import make_batch
from amis.issuing.campaigns import CampaignDraft, start_campaign
from amis.issuing.photos import take_photo
from amis.issuing.requests import CardRequest, approve_request, request
from amis.kernel.db import Transaction
from cards.portrait import Portrait
from rules.shift import add_months

PRODUCT = "JLG-ORDERED"
_DRAFT = CardDraft(PRODUCT, "Karte", "Card", Decimal(0), Decimal("2.85"), 12, "Noteikumi", date(2020, 1, 1))


async def ordered(tx: Transaction, person: UUID) -> dict[str, UUID]:
    """Their ids, by the names that paths give them; the person has a right."""
    await define_card(tx, _DRAFT)
    asked = await request(tx, CardRequest(person, PRODUCT, "first", "post"))
    await approve_request(tx, asked.id)
    batch = await make_batch(tx, PRODUCT, posted_only=True)
    days = add_months(tx.day, 1) or tx.day, add_months(tx.day, 2) or tx.day
    campaign = await start_campaign(tx, CampaignDraft("Pavasaris", PRODUCT, *days))
    photo = await take_photo(tx, person, Portrait(b"\xff\xd8 a face \xff\xd9"), "upload")
    return {"batch_id": batch.id, "campaign_id": campaign.id, "request_id": asked.id, "photo_id": photo.id}

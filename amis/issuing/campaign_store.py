"""Reads of campaigns: how far each is, and whom it is about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from amis.issuing.card_models import TokenApplication
from amis.issuing.errors import CampaignUnknown
from amis.issuing.models import Token
from amis.issuing.request_store import newest_token
from amis.issuing.stock_models import Campaign
from amis.kernel.db import Transaction
from amis.kernel.models import AuditEntry, OutboxEntry
from amis.register import store as register
from amis.register.models import Person
from cards.token import State

SHOWN = 100
"""Campaigns, and cards that were left out, that a page shows."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a campaign is: cards renewed, new ones that their holders have, old ones that ended without."""

    renewed: int
    handed_over: int
    ended_without: int
    left_out: int
    going_on: bool


@dataclass(frozen=True, slots=True, repr=False)
class Invited:
    """Somebody whose card is renewed: the state of the old and of the new card."""

    name: str
    old_number: str
    old_state: str
    kept_until: date
    delivery: str
    new_number: str
    new_state: str


async def list_campaigns(tx: Transaction) -> Sequence[Campaign]:
    """The newest campaigns, newest first."""
    query = select(Campaign).where(Campaign.municipality_id == tx.municipality_id)
    return (await tx.session.scalars(query.order_by(Campaign.made_at.desc(), Campaign.id.desc()).limit(SHOWN))).all()


async def get_campaign(tx: Transaction, campaign_id: UUID) -> Campaign:
    """One campaign.

    Raises:
        CampaignUnknown
    """
    campaign = await tx.session.get(Campaign, campaign_id)
    if campaign is None or campaign.municipality_id != tx.municipality_id:
        raise CampaignUnknown
    return campaign


async def progress(tx: Transaction, campaign: Campaign) -> Progress:
    """How far it is now."""
    done = func.count().filter(TokenApplication.state == "done")
    over = func.count().filter(TokenApplication.state != "done", Token.state == State.ENDED.value)
    query = (
        select(func.count(), done, over)
        .select_from(TokenApplication)
        .join(Token, Token.id == TokenApplication.replaces)
        .where(TokenApplication.municipality_id == tx.municipality_id, TokenApplication.campaign_id == campaign.id)
    )
    renewed, handed_over, ended = (await tx.session.execute(query)).one()
    waits = select(OutboxEntry.id).where(
        OutboxEntry.municipality_id == tx.municipality_id,
        OutboxEntry.key == str(campaign.id),
        OutboxEntry.done_at.is_(None),
    )
    going_on = await tx.session.scalar(waits.limit(1)) is not None
    return Progress(renewed, handed_over, ended, len(await left_out(tx, campaign)), going_on)


async def left_out(tx: Transaction, campaign: Campaign) -> list[tuple[UUID, str]]:
    """The cards that could not be renewed, each with the code of the error that tells why."""
    query = (
        select(AuditEntry.subject_id, AuditEntry.reason)
        .where(AuditEntry.municipality_id == tx.municipality_id, AuditEntry.action == "campaign.leave_out")
        .where(AuditEntry.after["campaign"].astext == str(campaign.id), AuditEntry.at >= campaign.made_at)
    )
    rows = await tx.session.execute(query.order_by(AuditEntry.id))
    return list({UUID(token): why for token, why in rows}.items())


async def invited(tx: Transaction, campaign_id: UUID) -> list[Invited]:
    """Whose cards are renewed, by the number of the old one; names in clear, so reading it is to be logged."""
    new = aliased(Token)
    query = (
        select(Person, Token, TokenApplication.delivery, new)
        .select_from(TokenApplication)
        .join(Token, Token.id == TokenApplication.replaces)
        .join(Person, Person.id == TokenApplication.person_id)
        .outerjoin(new, new.id == newest_token())
        .where(TokenApplication.municipality_id == tx.municipality_id, TokenApplication.campaign_id == campaign_id)
        .order_by(Token.number)
    )
    return [
        Invited(
            register.name_of(person) or "",
            old.number,
            old.state,
            old.valid_to,
            delivery,
            made.number if made else "",
            made.state if made else "",
        )
        for person, old, delivery, made in await tx.session.execute(query)
    ]

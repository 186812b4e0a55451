"""Mass renewal: cards that expire by a day go on until the new one is their holder's, at the longest until another day.

Each card gets an application for its successor, approved by the campaign, and its own last day moves. Online that
counts at once; a credential in a chip that was signed for less is refused offline from the day for which it was signed.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import Select, select

from amis.concessions.cards import cards_on
from amis.issuing import campaign_store, store
from amis.issuing.card_models import TokenApplication
from amis.issuing.errors import CampaignDaysInvalid, CampaignInvalid, ProductUnknown
from amis.issuing.life import step
from amis.issuing.models import Token
from amis.issuing.reasons import Delivery, RequestReason, of_list
from amis.issuing.requests import CardRequest, approve_request, request
from amis.issuing.stock_models import Campaign
from amis.kernel import audit, outbox
from amis.kernel.clock import RIGA
from amis.kernel.db import Transaction
from amis.kernel.errors import Conflict, Invalid, NotFound
from amis.kernel.ids import new_id
from amis.kernel.outbox import Note
from amis.register import store as register
from cards.token import EndReason, Event, Kind, State

RUN = "campaign.run"
"""The outbox topic of a campaign that goes on; its key is the campaign's id."""
AT_ONCE = 50
"""Cards that are renewed in one transaction."""
LONGEST = timedelta(days=366)
"""How long a card is kept beyond the days of the campaign."""
_LONGEST_NAME = 100
_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CampaignDraft:
    """Cards of `product` whose last day is `expiring_to` or earlier are kept up to and including `keep_until`."""

    name: str
    product: str
    expiring_to: date
    keep_until: date
    delivery: str = Delivery.DESK.value


async def start_campaign(tx: Transaction, draft: CampaignDraft) -> Campaign:
    """Begins a campaign; the worker goes through the cards.

    Raises:
        CampaignInvalid, ProductUnknown, CampaignDaysInvalid, ReasonUnknown: no such delivery.
    """
    name = draft.name.strip()
    if not 0 < len(name) <= _LONGEST_NAME:
        raise CampaignInvalid(pointer="/name")
    if draft.product not in {card.code for card in await cards_on(tx, tx.day)}:
        raise ProductUnknown(pointer="/product")
    if not tx.day <= draft.expiring_to <= draft.keep_until <= draft.expiring_to + LONGEST:
        raise CampaignDaysInvalid(pointer="/keep_until")
    campaign = Campaign(
        id=new_id(),
        municipality_id=tx.municipality_id,
        name=name,
        product=draft.product,
        expiring_to=draft.expiring_to,
        keep_until=draft.keep_until,
        made_at=tx.at,
        made_by=tx.actor.id,
    )
    tx.session.add(campaign)
    made = {"product": draft.product, "delivery": of_list(draft.delivery, Delivery)}
    made |= {"expiring_to": draft.expiring_to.isoformat(), "keep_until": draft.keep_until.isoformat()}
    await audit.record(tx, "campaign.start", ("campaign", campaign.id), after=made)
    await _go_on(tx, campaign.id, draft.delivery, None)
    return campaign


async def run_campaign(tx: Transaction, note: Note) -> None:
    """Renews the next cards of a campaign; a further note goes on. Safe to repeat."""
    campaign = await campaign_store.get_campaign(tx, UUID(note.payload["campaign_id"]))
    after = UUID(note.payload["after"]) if note.payload["after"] else None
    found = await _next(tx, campaign, after)
    # all at once and in one order: a message about several of them would wait for us, and we for it
    _held = await register.lock_persons(tx, set(found.values()))
    for token_id in found:
        await _renew(tx, campaign, token_id, note.payload["delivery"])
    if len(found) == AT_ONCE:
        await _go_on(tx, campaign.id, note.payload["delivery"], max(found))


async def end_overdue(tx: Transaction) -> int:
    """Ends the cards that a campaign kept until yesterday or before; how many. Safe to repeat."""
    query = (
        select(Token)
        .join(TokenApplication, TokenApplication.replaces == Token.id)
        .join(Campaign, Campaign.id == TokenApplication.campaign_id)
        .where(Token.municipality_id == tx.municipality_id, Campaign.keep_until < tx.day)
        .where(Token.state.in_((State.ACTIVE.value, State.BLOCKED.value)), Token.valid_to <= tx.day)
    )
    over = list(await tx.session.scalars(query.order_by(Token.id).with_for_update(of=Token, skip_locked=True)))
    for token in over:
        await step(tx, token, Event.END, EndReason.EXPIRED)
    return len(over)


async def _go_on(tx: Transaction, campaign_id: UUID, delivery: str, after: UUID | None) -> None:
    payload = {"campaign_id": str(campaign_id), "delivery": delivery, "after": None if after is None else str(after)}
    await outbox.publish(tx, RUN, str(campaign_id), payload)


def _expiring(tx: Transaction, campaign: Campaign) -> Select[UUID, UUID]:
    """The cards that a campaign is about and their holders, without those that it keeps already."""
    conditions = (
        Token.municipality_id == tx.municipality_id,
        Token.kind == Kind.CARD.value,
        Token.state == State.ACTIVE.value,
        Token.valid_to > campaign.made_at.astimezone(RIGA).date(),
        Token.valid_to <= campaign.expiring_to + _A_DAY,
        TokenApplication.product == campaign.product,
    )
    joined = select(Token.id, Token.person_id).join(TokenApplication, TokenApplication.id == Token.application_id)
    return joined.where(*conditions).order_by(Token.id)


async def _next(tx: Transaction, campaign: Campaign, after: UUID | None) -> dict[UUID, UUID]:
    query = _expiring(tx, campaign).limit(AT_ONCE)
    rows = await tx.session.execute(query if after is None else query.where(Token.id > after))
    return dict(iter(rows))


async def _renew(tx: Transaction, campaign: Campaign, token_id: UUID, delivery: str) -> None:
    """Asks for the successor of a card and keeps the card meanwhile, or leaves it out and says why."""
    token = await store.get_token(tx, token_id)
    asked = CardRequest(
        token.person_id,
        campaign.product,
        RequestReason.RENEWAL.value,
        delivery,
        replaces=token.id,
        campaign_id=campaign.id,
    )
    try:
        async with tx.session.begin_nested():
            made = await request(tx, asked)
            await approve_request(tx, made.id, campaign.name)
            await _prolong(tx, await store.lock_token(tx, token_id), campaign.keep_until)
    except (Conflict, Invalid, NotFound) as error:
        out = {"campaign": str(campaign.id)}
        await audit.record(tx, "campaign.leave_out", ("token", token_id), after=out, reason=error.code)


async def _prolong(tx: Transaction, token: Token, last: date) -> None:
    if token.valid_to > last:
        return
    before, token.valid_to = token.valid_to, last + _A_DAY
    days = {"valid_to": before.isoformat()}, {"valid_to": token.valid_to.isoformat()}
    await audit.record(tx, "token.prolong", ("token", token.id), before=days[0], after=days[1])

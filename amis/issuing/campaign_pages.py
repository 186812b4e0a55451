"""Pages of mass renewal: the campaigns, the form of a new one, how far one is, and whom to invite."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from amis.concessions.cards import cards_on
from amis.issuing import campaign_store, errors
from amis.issuing.campaigns import CampaignDraft, start_campaign
from amis.issuing.reasons import Delivery
from amis.kernel import audit
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.errors import AmisError, Invalid
from amis.kernel.permission import permission
from amis.kernel.written_sheet import harmless, written
from amis.register.errors import PersonErased
from amis.staff.guard import current_actor
from amis.web.formats import last_day, parse_day
from amis.web.i18n import mark
from amis.web.pages import render
from amis.web.posted import posted
from cards.number import readable_number

pages = APIRouter(prefix="/campaigns", include_in_schema=False)
Acting = Annotated[Actor, Depends(current_actor)]
DELIVERIES = {Delivery.DESK: mark("Holders come to a desk"), Delivery.POST: mark("By post")}
LEFT_OUT: dict[str, type[AmisError]] = {
    kind.code: kind
    for kind in (
        errors.CardReplacedAlready,
        errors.CardRequestedAlready,
        errors.HolderDied,
        errors.NothingGranted,
        errors.TokenHeld,
        PersonErased,
    )
}
"""Why a card is usually left out, by the code of the error."""
HEAD = ("name", "old_card", "old_state", "kept_until", "delivery", "new_card", "new_state")
_FIELDS = ("name", "product", "expiring_to", "keep_until", "delivery")
_LIST = (mark("Renewal campaigns"), "/campaigns")
_NO_DAY = mark("Enter a day such as 31/05/2026")


@pages.get("")
@permission("batch.write")
async def list_campaigns(request: Request, actor: Acting) -> HTMLResponse:
    """The campaigns, and the form of a new one."""
    return await _list(request, actor, {}, {})


@pages.post("")
@permission("batch.write")
async def begin(request: Request, actor: Acting) -> Response:
    """Begins a campaign, or shows what is wrong beside the fields."""
    values = await posted(request, *_FIELDS)
    days, wrong = _days(values)
    if wrong:
        return await _list(request, actor, values, wrong)
    draft = CampaignDraft(values["name"], values["product"], *days, values["delivery"])
    try:
        async with transaction(actor) as tx:
            campaign = await start_campaign(tx, draft)
    except Invalid as error:
        field = error.pointer.strip("/")
        return await _list(request, actor, values, {field if field in _FIELDS else "delivery": error.title})
    return RedirectResponse(f"/campaigns/{campaign.id}?notice=campaign-started", 303)


@pages.get("/{campaign_id}")
@permission("batch.write")
async def show_campaign(request: Request, campaign_id: UUID, actor: Acting) -> HTMLResponse:
    """How far a campaign is, and which cards were left out."""
    async with transaction(actor) as tx:
        campaign = await campaign_store.get_campaign(tx, campaign_id)
        progress = await campaign_store.progress(tx, campaign)
        out = (await campaign_store.left_out(tx, campaign))[: campaign_store.SHOWN]
    why = {code: kind().title for code, kind in LEFT_OUT.items()}
    page: dict[str, Any] = {"campaign": campaign, "progress": progress, "left_out": out, "why": why}
    return render(request, "issuing/campaign.html", actor=actor, breadcrumbs=[_LIST, (campaign.name, None)], **page)


@pages.get("/{campaign_id}/invitations.csv")
@permission("batch.write")
async def invitations(campaign_id: UUID, actor: Acting) -> Response:
    """Whom to write to, for letters; who read the names is logged."""
    async with transaction(actor) as tx:
        campaign = await campaign_store.get_campaign(tx, campaign_id)
        found = await campaign_store.invited(tx, campaign_id)
        about = ("campaign", campaign.id)
        await audit.record(tx, "campaign.invitations.read", about, after={"persons": len(found)}, reason=campaign.name)
    headers = {"cache-control": "no-store", "content-disposition": 'attachment; filename="invitations.csv"'}
    return Response(written(HEAD, map(_row, found)), media_type="text/csv; charset=utf-8", headers=headers)


def _row(one: campaign_store.Invited) -> list[str]:
    new = readable_number(one.new_number) if one.new_number else ""
    until = last_day(one.kept_until).isoformat()
    name, old = harmless(one.name), readable_number(one.old_number)
    return [name, old, one.old_state, until, one.delivery, new, one.new_state]


def _days(values: dict[str, str]) -> tuple[tuple[date, date], dict[str, str]]:
    days, wrong = [date.min, date.min], {}
    for place, field in enumerate(("expiring_to", "keep_until")):
        try:
            days[place] = parse_day(values[field])
        except ValueError:
            wrong[field] = _NO_DAY
    return (days[0], days[1]), wrong


async def _list(request: Request, actor: Actor, values: dict[str, str], wrong: dict[str, str]) -> HTMLResponse:
    async with transaction(actor) as tx:
        found, cards = await campaign_store.list_campaigns(tx), await cards_on(tx, tx.day)
    page: dict[str, Any] = {"campaigns": found, "cards": cards, "deliveries": DELIVERIES, "errors": wrong}
    page["values"] = {name: values.get(name, "") for name in _FIELDS}
    return render(request, "issuing/campaigns.html", actor=actor, status=422 if wrong else 200, **page)

"""The form by which a card is asked for a person."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from amis.concessions.cards import cards_on
from amis.issuing import photo_store, request_store, request_words, requests, words
from amis.issuing.requests import CardRequest
from amis.kernel import clock
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.errors import Conflict, Invalid
from amis.kernel.permission import permission
from amis.register import representation
from amis.register import store as register
from amis.staff.guard import current_actor
from amis.staff.purpose import require_purpose
from amis.web.i18n import mark
from amis.web.pages import render
from amis.web.posted import posted

pages = APIRouter(include_in_schema=False)
Acting = Annotated[Actor, Depends(current_actor)]
_FIELDS = ("product", "reason", "applicant", "delivery", "desk", "waiver", "police_reference")
_MISSING: Mapping[str, str] = {
    "product": mark("Choose the card"),
    "reason": mark("Choose why a card is asked for"),
    "delivery": mark("Choose how the card comes to its holder"),
}


@pages.get("/persons/{person_id}/card-request")
@permission("card.request")
async def ask_card(request: Request, person_id: UUID, actor: Acting, reason: str = "") -> HTMLResponse:
    """The form, and what was asked for before; `reason` is chosen beforehand."""
    return await _form(request, actor, person_id, {"reason": reason, "delivery": "desk"}, {})


@pages.post("/persons/{person_id}/card-request")
@permission("card.request")
async def submit_card(request: Request, person_id: UUID, actor: Acting) -> Response:
    """Keeps the application, or shows what is wrong beside the fields."""
    values = await posted(request, *_FIELDS)
    errors = {name: text for name, text in _MISSING.items() if not values.get(name)}
    if errors:
        return await _form(request, actor, person_id, values, errors)
    try:
        async with transaction(actor) as tx:
            made = await requests.request(tx, _asked(person_id, values))
    except (Invalid, Conflict) as error:
        return await _form(request, actor, person_id, values, {error.pointer.strip("/") or "product": error.title})
    return RedirectResponse(f"/card-requests/{made.id}?notice=card-requested", 303)


def _asked(person_id: UUID, values: Mapping[str, str]) -> CardRequest:
    return CardRequest(
        person_id,
        values["product"],
        values["reason"],
        values["delivery"],
        applicant_id=_id(values.get("applicant", "")),
        desk_id=_id(values.get("desk", "")),
        waiver=values.get("waiver", ""),
        police_reference=values.get("police_reference", ""),
    )


def _id(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        # no such record: the service says so beside the field
        return UUID(int=0)


async def _form(
    request: Request, actor: Actor, person_id: UUID, values: Mapping[str, str], errors: dict[str, str]
) -> HTMLResponse:
    purpose, today = require_purpose(request), clock.today()
    async with transaction(actor) as tx:
        shown: dict[str, Any] = {
            "person": await register.open_person(tx, person_id, purpose),
            "products": await cards_on(tx, today),
            "desks": await request_store.desks(tx),
            "photo_id": await photo_store.newest_photo(tx, person_id),
            "known": await request_store.requests_of(tx, person_id),
        }
        others = await register.summaries(tx, await representation.representatives(tx, person_id, today))
    only = shown["products"][0].code if len(shown["products"]) == 1 else ""
    return render(
        request,
        "issuing/card_request_form.html",
        actor=actor,
        status=422 if errors else 200,
        breadcrumbs=[
            (mark("Persons"), "/persons"),
            (mark("Person"), f"/persons/{person_id}"),
            (mark("Application for a card"), None),
        ],
        representatives=sorted(others.values(), key=lambda one: one.name),
        values={name: values.get(name, "") for name in _FIELDS} | {"product": values.get("product") or only},
        reasons=request_words.REASONS,
        waivers=request_words.OFFERED_WAIVERS,
        deliveries=request_words.DELIVERIES,
        states=request_words.STATES,
        why_of=words.why,
        errors=errors,
        **shown,
    )

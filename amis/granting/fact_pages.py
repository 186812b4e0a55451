"""The form by which a clerk states a fact about a person, and takes back what was stated by hand."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from amis.granting import fact_form, service
from amis.granting.service import Cause
from amis.granting.words import Phrase, fact_said
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.errors import AmisError, Conflict, Invalid
from amis.kernel.permission import permission
from amis.register import store as register
from amis.register.models import Fact
from amis.staff.guard import current_actor
from amis.staff.purpose import require_purpose
from amis.web import timeline
from amis.web.i18n import mark
from amis.web.pages import render
from amis.web.posted import posted

pages = APIRouter(include_in_schema=False)
Acting = Annotated[Actor, Depends(current_actor)]
_LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class FactLine:
    """A believed fact as the page shows it; only one entered by hand can be taken back here."""

    row: Fact
    said: Phrase
    state: str
    by_hand: bool

    @classmethod
    def of(cls, fact: Fact, today: date) -> "FactLine":
        """The line of a fact as seen on the day."""
        state = timeline.state(timeline.Span(fact.valid_from, fact.valid_to), today)
        return cls(fact, fact_said(fact.kind, fact.value), state, fact.source == fact_form.SOURCE)


@pages.get("/persons/{person_id}/facts")
@permission("fact.write")
async def ask_fact(request: Request, person_id: UUID, actor: Acting) -> HTMLResponse:
    """The form of a new fact, and the facts believed now."""
    return await _facts_page(request, actor, person_id, {}, {})


@pages.post("/persons/{person_id}/facts")
@permission("fact.write")
async def state_fact(request: Request, person_id: UUID, actor: Acting) -> Response:
    """Records a fact with what follows from it, or shows what is wrong beside the fields."""
    values = await posted(request, *fact_form.FIELDS)
    try:
        async with transaction(actor) as tx:
            change, errors = fact_form.read(values, await register.vocabulary(tx), actor.id)
            if change is not None:
                await service.record_and_regrant(tx, person_id, [change], Cause("clerk", change.record_id))
    except (Invalid, Conflict) as error:
        errors = _beside(error)
    if errors:
        return await _facts_page(request, actor, person_id, values, errors)
    return RedirectResponse(f"/persons/{person_id}?notice=recorded", 303)


@pages.post("/persons/{person_id}/facts/{fact_id}/withdraw")
@permission("fact.write")
async def withdraw_fact(request: Request, person_id: UUID, fact_id: UUID, actor: Acting) -> Response:
    """Takes back a fact that was entered by hand."""
    values = await posted(request, "withdraw_reason")
    reason = values["withdraw_reason"]
    if not 0 < len(reason) <= _LONGEST_REASON:
        errors = {f"withdraw_{fact_id}": mark("Say why the fact is taken back, in at most 500 characters")}
        return await _facts_page(request, actor, person_id, {}, errors)
    async with transaction(actor) as tx:
        await service.withdraw_by_hand(tx, person_id, fact_id, reason)
    return RedirectResponse(f"/persons/{person_id}?notice=removed", 303)


def _beside(error: AmisError) -> dict[str, str]:
    field = error.pointer.strip("/")
    return {field if field in fact_form.FIELDS else "fact": error.title}


async def _facts_page(
    request: Request, actor: Actor, person_id: UUID, values: dict[str, str], errors: dict[str, str]
) -> HTMLResponse:
    purpose = require_purpose(request)
    async with transaction(actor) as tx:
        person = await register.open_person(tx, person_id, purpose)
        known = await register.facts_timeline(tx, person_id)
        options = fact_form.choices(await register.vocabulary(tx))
    today = tx.day
    return render(
        request,
        "granting/facts.html",
        actor=actor,
        status=422 if errors else 200,
        breadcrumbs=[(mark("Persons"), "/persons"), (mark("Person"), f"/persons/{person_id}"), (mark("Facts"), None)],
        person=person,
        options=options,
        facts=[FactLine.of(fact, today) for fact in known],
        values={name: values.get(name, "") for name in fact_form.FIELDS},
        errors=errors,
    )

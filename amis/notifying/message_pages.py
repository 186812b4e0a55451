"""Pages of messages: what waits and what failed in the municipality, those of a person, one in clear."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.errors import Conflict
from amis.kernel.permission import permission
from amis.kernel.settings import settings
from amis.notifying import again, holding, setting, store
from amis.notifying.carriers import carriers
from amis.notifying.kinds import KINDS
from amis.notifying.wording import CAUSES, ERRORS, STATES, WAYS
from amis.register import store as register
from amis.staff.guard import current_actor
from amis.staff.purpose import require_purpose
from amis.web.i18n import mark
from amis.web.pages import render
from amis.web.posted import posted

pages = APIRouter(include_in_schema=False)
Acting = Annotated[Actor, Depends(current_actor)]
_MESSAGES = (mark("Messages to holders"), "/messages")


@pages.get("/messages")
@permission("message.read")
async def show_overview(request: Request, actor: Acting) -> HTMLResponse:
    """What waits for a decision, what could not be told, and how many messages went out."""
    return await _overview(request, actor)


@pages.post("/messages/held/tell")
@permission("message.write")
async def tell_held(request: Request, actor: Acting) -> Response:
    """Lets the news of a change for everybody be told."""
    return await _decide(request, actor, told=True)


@pages.post("/messages/held/drop")
@permission("message.write")
async def drop_held(request: Request, actor: Acting) -> Response:
    """Leaves it untold for ever."""
    return await _decide(request, actor, told=False)


async def _decide(request: Request, actor: Actor, *, told: bool) -> Response:
    named = await posted(request, "cause", "cause_ref")
    try:
        async with transaction(actor) as tx:
            await holding.decide(tx, named["cause"], named["cause_ref"], told=told)
    except Conflict as error:
        return await _overview(request, actor, {"": error.title}, error.status)
    return RedirectResponse("/messages?notice=saved", 303)


async def _overview(
    request: Request, actor: Actor, errors: dict[str, str] | None = None, status: int = 200
) -> HTMLResponse:
    async with transaction(actor) as tx:
        telling = await setting.current(tx)
        counts = await store.counts(tx)
        waiting = await store.held(tx)
        stuck = await store.given_up(tx)
        people = await register.summaries(tx, {one.person_id for one in stuck})
    shown: dict[str, Any] = {"telling": telling, "counts": counts, "waiting": waiting, "stuck": stuck}
    shown |= {"people": people, "errors": errors or {}, "days": store.COUNTED.days, "causes": CAUSES, **_wording()}
    return render(request, "notifying/messages.html", actor=actor, status=status, **shown)


@pages.get("/persons/{person_id}/messages")
@permission("message.read")
async def show_of_person(request: Request, person_id: UUID, actor: Acting) -> HTMLResponse:
    """The messages to a person: when, how and about what."""
    purpose = require_purpose(request)
    async with transaction(actor) as tx:
        person = await register.open_person(tx, person_id, purpose)
        found = await store.messages_of(tx, person_id)
    crumbs = [(mark("Persons"), "/persons"), (mark("Person"), f"/persons/{person_id}"), (mark("Messages"), None)]
    shown: dict[str, Any] = {"breadcrumbs": crumbs, "person": person, "messages": found, **_wording()}
    return render(request, "notifying/person_messages.html", actor=actor, **shown)


@pages.get("/messages/{message_id}")
@permission("message.read")
async def show_message(request: Request, message_id: UUID, actor: Acting) -> HTMLResponse:
    """One message with its text, for a stated purpose."""
    return await _message(request, actor, message_id)


@pages.post("/messages/{message_id}/again")
@permission("message.write")
async def send_again(request: Request, message_id: UUID, actor: Acting) -> Response:
    """Sends a message that was given up once more."""
    able = carriers(settings())
    try:
        async with transaction(actor) as tx:
            await again.send_again(tx, message_id, able)
    except Conflict as error:
        return await _message(request, actor, message_id, {"again": error.title}, error.status)
    return RedirectResponse(f"/messages/{message_id}?notice=message-queued", 303)


async def _message(
    request: Request, actor: Actor, message_id: UUID, errors: dict[str, str] | None = None, status: int = 200
) -> HTMLResponse:
    async with transaction(actor) as tx:
        message = await store.get_message(tx, message_id)
        purpose = require_purpose(request, message.person_id)
        content = await store.open_message(tx, message_id, purpose)
    crumbs = [_MESSAGES, (mark("Message"), None)]
    shown: dict[str, Any] = {"breadcrumbs": crumbs, "message": message, "content": content, "errors": errors or {}}
    return render(request, "notifying/message.html", actor=actor, status=status, **shown, **_wording())


def _wording() -> dict[str, Any]:
    return {"kinds": KINDS, "ways": WAYS, "states": STATES, "faults": ERRORS}

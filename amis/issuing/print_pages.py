"""What is printed of one card: the face and the letter, at a desk's printer or as a file, and how each job ended."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from amis.issuing import print_queue, store
from amis.issuing.request_store import desks
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.errors import Conflict
from amis.kernel.permission import permission
from amis.staff.guard import current_actor
from amis.web.i18n import mark
from amis.web.labels import Label
from amis.web.pages import render
from amis.web.posted import posted
from cards.number import readable_number

pages = APIRouter(prefix="/tokens", include_in_schema=False)
Acting = Annotated[Actor, Depends(current_actor)]
WHAT: dict[print_queue.PrintKind, str] = {
    "face": mark("Face of the card"),
    "letter": mark("Letter that goes with the card"),
}
STATES = {
    "queued": Label(mark("Waiting"), "clock", "yellow"),
    "sent": Label(mark("At the printer"), "clock", "teal"),
    "printed": Label(mark("Printed"), "tick", "green"),
    "failed": Label(mark("Failed"), "warning", "red"),
}
FILE = "file"
"""In place of a desk: the PDF is downloaded."""
_NO_WHAT, _NO_PLACE = mark("Choose what is to be printed"), mark("Choose a printer or the file")


@pages.get("/{token_id}/prints")
@permission("card.produce")
async def show_prints(request: Request, token_id: UUID, actor: Acting) -> HTMLResponse:
    """What was printed of the card, and the form that prints."""
    return await _page(request, actor, token_id, {}, {})


@pages.post("/{token_id}/prints")
@permission("card.produce")
async def print_card(request: Request, token_id: UUID, actor: Acting) -> Response:
    """Queues a job at the chosen desk, or gives the PDF."""
    values = await posted(request, "what", "place")
    what = next((kind for kind in WHAT if kind == values["what"]), None)
    if what is None:
        return await _page(request, actor, token_id, values, {"what": _NO_WHAT})
    try:
        if values["place"] == FILE:
            return await _file(actor, token_id, what)
        async with transaction(actor) as tx:
            place = next((desk.id for desk in await desks(tx) if str(desk.id) == values["place"]), None)
            if place is not None:
                await print_queue.queue_print(tx, token_id, place, what)
    except Conflict as error:
        return await _page(request, actor, token_id, values, {"what": error.title})
    if place is None:
        return await _page(request, actor, token_id, values, {"place": _NO_PLACE})
    return RedirectResponse(f"/tokens/{token_id}/prints?notice=print-queued", 303)


async def _file(actor: Actor, token_id: UUID, what: print_queue.PrintKind) -> Response:
    async with transaction(actor) as tx:
        document = await print_queue.document_of(tx, token_id, what)
    headers = {"cache-control": "no-store", "content-disposition": f'attachment; filename="{what}.pdf"'}
    return Response(document, media_type="application/pdf", headers=headers)


async def _page(
    request: Request, actor: Actor, token_id: UUID, values: dict[str, str], errors: dict[str, str]
) -> HTMLResponse:
    async with transaction(actor) as tx:
        token = await store.get_token(tx, token_id)
        jobs, places = await print_queue.jobs_of(tx, token_id), await desks(tx)
    number = readable_number(token.number)
    crumbs = [(mark("Tokens"), "/tokens"), (number, f"/tokens/{token_id}"), (mark("Printing"), None)]
    page: dict[str, Any] = {"token": token, "number": number, "jobs": jobs, "breadcrumbs": crumbs, "errors": errors}
    page |= {"what": WHAT, "states": STATES, "file": FILE, "values": {"what": "face", "place": ""} | values}
    page |= {"desks": {desk.id: desk.name for desk in places}, "printers": [desk for desk in places if desk.printer]}
    return render(request, "issuing/prints.html", actor=actor, status=422 if errors else 200, **page)

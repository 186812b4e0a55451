"""Pages of orders to a bureau: the list, one order with its files, its answer before and after it is taken."""

from asyncio import to_thread
from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from amis.concessions.cards import cards_on
from amis.issuing import batch_store, batches
from amis.issuing.batch_answers import Taken, take_answer, try_answer
from amis.issuing.batch_files import COLUMNS, Answered, Fault, read_answer
from amis.kernel import sheet
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.errors import Conflict, Malformed, SheetUnreadable
from amis.kernel.permission import permission
from amis.staff.guard import current_actor
from amis.web.i18n import mark
from amis.web.pages import render
from amis.web.posted import posted, posted_file
from cards.number import readable_number

pages = APIRouter(prefix="/batches", include_in_schema=False)
Acting = Annotated[Actor, Depends(current_actor)]
BODY_LIMIT = 1024 * 1024
"""Bytes of an answer, and of its rows sent back to be taken."""
ADDRESSES = ("/batches/answer", "/batches/answer/apply")
"""The paths that take so much."""
WHICH = {"posted": mark("Only cards that are posted"), "all": mark("All approved cards")}
STATES = {
    "open": mark("Not sent yet"),
    "sent": mark("Waits for the answer"),
    "answered": mark("Answered"),
}
RESULTS = {"produced": mark("Card made"), "spoiled": mark("Card spoiled")}
PURPOSE = "card order"
"""Why the holders of an order are opened when its file is made."""
_LIST = (mark("Orders to a bureau"), "/batches")
_MOST_ROWS = 2 * batches.MOST_CARDS
_PRIVATE = {"cache-control": "no-store"}


@pages.get("")
@permission("batch.write")
async def list_batches(request: Request, actor: Acting) -> HTMLResponse:
    """The orders, and the form that makes one."""
    return await _list(request, actor, {}, {})


@pages.post("")
@permission("batch.write")
async def make_batch(request: Request, actor: Acting) -> Response:
    """Orders the cards that wait."""
    values = await posted(request, "product", "which")
    try:
        async with transaction(actor) as tx:
            batch = await batches.make_batch(tx, values["product"], posted_only=values["which"] != "all")
    except Conflict as error:
        return await _list(request, actor, values, {"product": error.title})
    return RedirectResponse(f"/batches/{batch.id}?notice=created", 303)


@pages.get("/{batch_id}")
@permission("batch.write")
async def show_batch(request: Request, batch_id: UUID, actor: Acting) -> HTMLResponse:
    """One order, its cards and what came of them."""
    return await _batch(request, actor, batch_id, {})


@pages.get("/{batch_id}/order.zip")
@permission("batch.write")
async def download_order(batch_id: UUID, actor: Acting) -> Response:
    """The file for the bureau."""
    async with transaction(actor) as tx:
        order, file = await batches.batch_file(tx, batch_id, PURPOSE)
    return _download(file, "application/zip", f"order-{order.municipality}-{order.number}.zip")


@pages.get("/{batch_id}/order.sig")
@permission("batch.write")
async def download_signature(batch_id: UUID, actor: Acting) -> Response:
    """The signed digest of that file."""
    async with transaction(actor) as tx:
        order, signed = await batches.batch_signature(tx, batch_id, PURPOSE)
    return _download(signed, "application/cose", f"order-{order.municipality}-{order.number}.sig")


@pages.post("/{batch_id}/send")
@permission("batch.write")
async def send_batch(batch_id: UUID, actor: Acting) -> Response:
    """Notes that the order went out."""
    async with transaction(actor) as tx:
        await batches.send_batch(tx, batch_id)
    return RedirectResponse(f"/batches/{batch_id}?notice=saved", 303)


@pages.post("/answer")
@permission("batch.write")
async def show_answer(request: Request, actor: Acting) -> Response:
    """What the answer in the file would do; nothing is changed."""
    batch_id, content = _id(await posted(request, "batch")), await posted_file(request)
    if not content:
        return await _batch(request, actor, batch_id, {"file": mark("Choose a file")})
    try:
        answered, faults = read_answer(await to_thread(sheet.read, content, _MOST_ROWS))
        async with transaction(actor) as tx:
            tried = await try_answer(tx, batch_id, answered)
    except (SheetUnreadable, Conflict) as error:
        return await _batch(request, actor, batch_id, {"file": error.title})
    return await _preview(request, actor, batch_id, answered, tried, faults)


@pages.post("/answer/apply")
@permission("batch.write")
async def apply_answer(request: Request, actor: Acting) -> Response:
    """Takes the answer that was shown; where it no longer fits, nothing of it."""
    values = await posted(request, "batch", "rows")
    batch_id = _id(values)
    answered, faults = read_answer(row.split(";", len(COLUMNS) - 1) for row in values["rows"].splitlines()[:_MOST_ROWS])
    if faults or not answered:
        raise Malformed
    try:
        async with transaction(actor) as tx:
            await take_answer(tx, batch_id, answered)
    except Conflict as error:
        return await _batch(request, actor, batch_id, {"file": error.title})
    return RedirectResponse(f"/batches/{batch_id}?notice=saved", 303)


def _id(values: dict[str, str]) -> UUID:
    try:
        return UUID(values["batch"])
    except ValueError as error:
        raise Malformed from error


async def _list(request: Request, actor: Actor, values: dict[str, str], errors: dict[str, str]) -> HTMLResponse:
    async with transaction(actor) as tx:
        found, cards = await batch_store.list_batches(tx), await cards_on(tx, tx.day)
    page: dict[str, Any] = {"batches": found, "cards": cards, "which": WHICH, "states": STATES}
    page |= {"values": {"product": "", "which": "posted"} | values, "errors": errors}
    return render(request, "issuing/batches.html", actor=actor, status=422 if errors else 200, **page)


async def _batch(request: Request, actor: Actor, batch_id: UUID, errors: dict[str, str]) -> HTMLResponse:
    async with transaction(actor) as tx:
        batch, cards = await batch_store.get_batch(tx, batch_id), await batch_store.batch_cards(tx, batch_id)
    page: dict[str, Any] = {"batch": batch, "cards": cards, "states": STATES, "results": RESULTS, "columns": COLUMNS}
    page |= {"breadcrumbs": [_LIST, (f"{batch.number}", None)], "readable": readable_number, "errors": errors}
    page |= _language_link(request, batch_id)
    return render(request, "issuing/batch.html", actor=actor, status=422 if errors else 200, **page)


async def _preview(
    request: Request,
    actor: Actor,
    batch_id: UUID,
    answered: Sequence[Answered],
    tried: Taken,
    unread: Sequence[Fault],
) -> HTMLResponse:
    async with transaction(actor) as tx:
        batch = await batch_store.get_batch(tx, batch_id)
    rows = "\n".join(_row(line) for line in answered)
    faults = sorted((*unread, *tried.faults), key=lambda fault: fault.row)
    page: dict[str, Any] = {"batch": batch, "tried": tried, "faults": faults, "rows": rows}
    page |= {"breadcrumbs": [_LIST, (f"{batch.number}", f"/batches/{batch.id}"), (mark("Answer"), None)]}
    return render(request, "issuing/batch_answer.html", actor=actor, **page, **_language_link(request, batch_id))


def _row(line: Answered) -> str:
    note = " ".join(line.note.splitlines())
    return ";".join((str(line.line), line.number, line.result, line.uid.hex() if line.uid else "", note))


def _language_link(request: Request, batch_id: UUID) -> dict[str, Any]:
    """An answer to a posted file cannot be asked for again: another language begins with the order."""
    if request.method == "GET":
        return {}
    return {"language_url": lambda language: f"/batches/{batch_id}?lang={language}"}


def _download(content: bytes, media_type: str, name: str) -> Response:
    headers = _PRIVATE | {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)

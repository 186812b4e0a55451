"""Pages by which a list of a source is handed over: the file, how it is read, what it would do, and doing it."""

from asyncio import to_thread
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import UploadFile
from starlette.responses import HTMLResponse, RedirectResponse, Response

from amis.intake import store, uploads
from amis.intake.errors import UploadChanged, UploadUnreadable
from amis.intake.models import Sender
from amis.intake.places import folder_of
from amis.intake.upload_form import FIELDS, read_form, typed
from amis.intake.upload_view import shown
from amis.intake.upload_words import COLUMNS, DATES, DELIMITERS, ENCODINGS, KINDS, PROSPECTS
from amis.intake.uploads import View
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.errors import Malformed
from amis.kernel.permission import permission
from amis.kernel.settings import settings
from amis.staff.guard import current_actor
from amis.staff.purpose import require_purpose
from amis.web.i18n import mark
from amis.web.pages import render
from amis.web.posted import posted, posted_file

pages = APIRouter(prefix="/notices", include_in_schema=False)
Acting = Annotated[Actor, Depends(current_actor)]
LARGEST = 32 * 1024 * 1024
"""Bytes of a file."""
BODY_LIMIT = LARGEST + 64 * 1024
ADDRESS = "/notices/uploads"
"""The path that takes so much."""
_NOTICES = (mark("Notices"), "/notices")


@pages.get("/sources/{sender_id}/upload")
@permission("intake.write")
async def ask_file(request: Request, sender_id: UUID, actor: Acting) -> HTMLResponse:
    """The form that takes the file."""
    async with transaction(actor) as tx:
        return _form(request, actor, await store.get_sender(tx, sender_id), {})


@pages.post("/uploads")
@permission("intake.write")
async def take_file(request: Request, actor: Acting) -> Response:
    """Keeps the file, sealed, and shows what it would do."""
    sender_id, content = await _sender_id(request), await posted_file(request)
    async with transaction(actor) as tx:
        sender = await store.get_sender(tx, sender_id)
    if not content:
        return _form(request, actor, sender, {"file": mark("Choose a file")})
    try:
        # a workbook takes a second or more, and others are answered meanwhile
        await to_thread(uploads.heading_in, content, uploads.saved_profile(sender))
    except UploadUnreadable as error:
        return _form(request, actor, sender, {"file": error.title}, error.detail)
    stored = await to_thread(uploads.keep, folder_of(settings()), content)
    async with transaction(actor) as tx:
        upload = await uploads.take(tx, sender_id, stored, await _name(request))
    return RedirectResponse(f"{ADDRESS}/{upload.id}", 303)


@pages.get("/uploads/{upload_id}")
@permission("intake.write")
async def show_upload(request: Request, upload_id: UUID, actor: Acting) -> Response:
    """The rows as they are read and what they would do; nothing is changed. Others than its sender state a purpose."""
    async with transaction(actor) as tx:
        upload = await uploads.get_upload(tx, upload_id)
        if upload.batch_id is not None:
            return _to_batch(upload.batch_id)
        if not uploads.is_own(actor, upload):
            await uploads.note_reading(tx, upload_id, require_purpose(request, upload_id))
    view = await uploads.look(actor, folder_of(settings()), upload_id)
    return _preview(request, actor, view, _filled(view), {})


@pages.post("/uploads/{upload_id}")
@permission("intake.write")
async def read_otherwise(request: Request, upload_id: UUID, actor: Acting) -> Response:
    """Reads the file as the form says, and shows what it would do then."""
    values = await posted(request, *FIELDS)
    await _check_own(actor, upload_id)
    view = await uploads.look(actor, folder_of(settings()), upload_id)
    profile, errors = read_form(values, view.present, [*view.sender.mapping["statuses"]], _filled(view))
    if not errors:
        try:
            await uploads.look(actor, folder_of(settings()), upload_id, profile)
        except UploadUnreadable as error:
            errors = {"encoding": error.title}
    if errors:
        return _preview(request, actor, view, values, errors)
    async with transaction(actor) as tx:
        await uploads.read_as(tx, upload_id, profile)
    return RedirectResponse(f"{ADDRESS}/{upload_id}", 303)


@pages.post("/uploads/{upload_id}/confirm")
@permission("intake.write")
async def confirm(request: Request, upload_id: UUID, actor: Acting) -> Response:
    """Makes the file a batch, if it is still the one that was shown."""
    expected = (await posted(request, "shown"))["shown"]
    await _check_own(actor, upload_id)
    try:
        return _to_batch(await uploads.confirm(actor, folder_of(settings()), upload_id, expected))
    except UploadChanged as error:
        view = await uploads.look(actor, folder_of(settings()), upload_id)
        values = _filled(view)
        return _preview(request, actor, view, values, {"": error.title}, 409)


@pages.post("/uploads/{upload_id}/discard")
@permission("intake.write")
async def discard(upload_id: UUID, actor: Acting) -> Response:
    """Forgets the file."""
    async with transaction(actor) as tx:
        sender_id = (await uploads.get_upload(tx, upload_id)).sender_id
        await uploads.discard(tx, upload_id)
    return RedirectResponse(f"/notices/sources/{sender_id}/upload?notice=removed", 303)


def _filled(view: View) -> dict[str, str]:
    """What the form was filled with."""
    return typed(view.profile, view.columns, view.heading)


async def _check_own(actor: Actor, upload_id: UUID) -> None:
    async with transaction(actor) as tx:
        await uploads.own_upload(tx, upload_id)


def _to_batch(batch_id: UUID) -> Response:
    return RedirectResponse(f"/notices/batches/{batch_id}", 303)


async def _sender_id(request: Request) -> UUID:
    try:
        return UUID((await posted(request, "sender"))["sender"])
    except ValueError as error:
        raise Malformed from error


async def _name(request: Request) -> str:
    file = (await request.form()).get("file")
    return (file.filename or "") if isinstance(file, UploadFile) else ""


def _form(request: Request, actor: Actor, sender: Sender, errors: dict[str, str], detail: str = "") -> HTMLResponse:
    return render(
        request,
        "intake/upload.html",
        actor=actor,
        status=422 if errors else 200,
        breadcrumbs=[_NOTICES, (sender.label, f"/notices/sources/{sender.id}"), (mark("Upload a file"), None)],
        sender=sender,
        megabytes=LARGEST // 1024**2,
        errors=errors,
        detail=detail,
        **_language_link(request, f"/notices/sources/{sender.id}/upload"),
    )


def _preview(
    request: Request, actor: Actor, view: View, values: dict[str, str], errors: dict[str, str], status: int = 422
) -> HTMLResponse:
    sender = view.sender
    upload = (mark("Upload a file"), f"/notices/sources/{sender.id}/upload")
    words: dict[str, Any] = {"column_texts": COLUMNS, "encodings": ENCODINGS, "delimiters": DELIMITERS}
    words |= {"dates": DATES, "kinds": KINDS, "prospects": PROSPECTS}
    return render(
        request,
        "intake/upload_preview.html",
        actor=actor,
        status=status if errors else 200,
        breadcrumbs=[_NOTICES, (sender.label, f"/notices/sources/{sender.id}"), upload, (mark("Check the file"), None)],
        view=view,
        own=uploads.is_own(actor, view.upload),
        shown=shown(view),
        values=values,
        errors=errors,
        **words,
        **_language_link(request, f"{ADDRESS}/{view.upload.id}"),
    )


def _language_link(request: Request, address: str) -> dict[str, Any]:
    """What was posted cannot be asked for again: another language begins with the page itself."""
    if request.method == "GET":
        return {}
    return {"language_url": lambda language: f"{address}?lang={language}"}

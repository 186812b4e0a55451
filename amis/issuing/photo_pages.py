"""Pages of a person's photo: taken with the camera of the desk, or sent as a file."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse, Response

from amis.issuing import photo_store
from amis.issuing.errors import PictureUnreadable
from amis.issuing.photos import SOURCES, take_photo
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.errors import Malformed
from amis.kernel.permission import permission
from amis.register import store as register
from amis.staff.guard import current_actor
from amis.staff.purpose import require_purpose
from amis.web.headers import ALWAYS
from amis.web.i18n import mark
from amis.web.pages import render
from amis.web.posted import posted, posted_file
from cards.errors import PictureRefused
from cards.portrait import LARGEST, Portrait

pages = APIRouter(include_in_schema=False)
Acting = Annotated[Actor, Depends(current_actor)]
ADDRESS = "/photos"
BODY_LIMIT = LARGEST + 64 * 1024
"""Bytes of a form with a picture."""
_CAMERA = {"permissions-policy": ALWAYS["permissions-policy"].replace("camera=()", "camera=(self)")}


@pages.get("/persons/{person_id}/photo")
@permission("card.request")
async def ask_photo(request: Request, person_id: UUID, actor: Acting) -> HTMLResponse:
    """The camera where there is one, the field for a file everywhere, and the photo there is."""
    return await _form(request, actor, person_id, {})


@pages.post(ADDRESS)
@permission("card.request")
async def keep_photo(request: Request, actor: Acting) -> Response:
    """Keeps the picture of a person, or says beside the field why it is none."""
    given = await posted(request, "person", "source")
    person_id, source = _person(given["person"]), given["source"]
    try:
        portrait = await run_in_threadpool(_portrait, await posted_file(request))
    except PictureUnreadable as error:
        return await _form(request, actor, person_id, {"file": error.title})
    async with transaction(actor) as tx:
        await take_photo(tx, person_id, portrait, source if source in SOURCES else "upload")
    return RedirectResponse(f"/persons/{person_id}/card-request?notice=photo-kept", 303)


@pages.get("/photos/{photo_id}")
@permission("person.read")
async def show_photo(request: Request, photo_id: UUID, actor: Acting) -> Response:
    """The picture itself, for the purpose stated for its person."""
    async with transaction(actor) as tx:
        row = await photo_store.get_photo(tx, photo_id)
        jpeg = await photo_store.open_photo(tx, photo_id, require_purpose(request, row.person_id))
    return Response(jpeg, media_type="image/jpeg")


def _portrait(picture: bytes) -> Portrait:
    # Imported with the first picture: few web processes ever see one.
    from cards.artwork_photo import passport

    try:
        return passport(picture)
    except PictureRefused as error:
        raise PictureUnreadable(error.detail, pointer="/file") from error


def _person(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Malformed("person") from error


async def _form(request: Request, actor: Actor, person_id: UUID, errors: dict[str, str]) -> HTMLResponse:
    purpose = require_purpose(request, person_id)
    async with transaction(actor) as tx:
        person = await register.open_person(tx, person_id, purpose)
        photo_id = await photo_store.newest_photo(tx, person_id)
    page = render(
        request,
        "issuing/photo.html",
        actor=actor,
        status=422 if errors else 200,
        breadcrumbs=[
            (mark("Persons"), "/persons"),
            (mark("Person"), f"/persons/{person_id}"),
            (mark("Application for a card"), f"/persons/{person_id}/card-request"),
            (mark("Photo"), None),
        ],
        person=person,
        photo_id=photo_id,
        errors=errors,
        language_url=lambda language: f"/persons/{person_id}/photo?lang={language}",
    )
    page.headers.update(_CAMERA)
    return page

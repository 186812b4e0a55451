"""Pages of the register: looking persons up, enrolling one by hand. What is typed goes in bodies, never in URLs."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.errors import AmisError, Conflict, Invalid
from amis.kernel.permission import permission
from amis.register import service, store
from amis.register.errors import AlreadyEnrolled, CodeInvalid, TooManyLookups
from amis.register.service import PersonDraft
from amis.staff.guard import current_actor
from amis.web.formats import parse_day
from amis.web.i18n import mark
from amis.web.pages import render
from amis.web.posted import posted

pages = APIRouter(prefix="/persons", include_in_schema=False)
Acting = Annotated[Actor, Depends(current_actor)]
_LIST = (mark("Persons"), "/persons")
_FIELDS = ("code", "name", "born")
_LONGEST_QUERY = 200


@pages.get("")
@permission("person.read")
async def ask(request: Request, actor: Acting) -> HTMLResponse:
    """The form by which persons are looked up."""
    return _search_page(request, actor, "")


@pages.post("")
@permission("person.read")
async def look_up(request: Request, actor: Acting) -> HTMLResponse:
    """The persons whom a code or beginnings of names find, masked."""
    query = (await posted(request, "query"))["query"][:_LONGEST_QUERY]
    if not query:
        return _search_page(request, actor, "", error=mark("Enter a personal code or the beginning of a name"))
    try:
        async with transaction(actor) as tx:
            found = await service.look_up(tx, query)
    except (CodeInvalid, TooManyLookups) as error:
        return _search_page(request, actor, query, status=error.status, error=error.title)
    return _search_page(request, actor, query, found)


def _search_page(
    request: Request,
    actor: Actor,
    query: str,
    found: list[store.PersonSummary] | None = None,
    *,
    status: int = 422,
    error: str = "",
) -> HTMLResponse:
    return render(
        request,
        "register/search.html",
        actor=actor,
        status=status if error else 200,
        query=query,
        found=found,
        most=store.MOST_FOUND,
        errors={"query": error} if error else {},
    )


@pages.get("/new")
@permission("person.write")
async def ask_person(request: Request, actor: Acting) -> HTMLResponse:
    """The form of a new person."""
    return _person_form(request, actor, {}, {})


@pages.post("/new")
@permission("person.write")
async def enrol(request: Request, actor: Acting) -> Response:
    """Enrols a person, or shows what is wrong beside the fields."""
    values = await posted(request, *_FIELDS)
    born, errors = _checked(values)
    if errors:
        return _person_form(request, actor, values, errors)
    try:
        async with transaction(actor) as tx:
            await service.limit_lookups(tx)
            draft = PersonDraft(values["code"], values["name"], born)
            person_id = await service.enrol_by_hand(tx, draft)
    except AlreadyEnrolled as error:
        # The answer tells that somebody has this code: a look-up, counted and logged like any other.
        async with transaction(actor) as tx:
            await service.look_up(tx, values["code"])
        return _person_form(request, actor, values, _beside(error))
    except (Invalid, Conflict, TooManyLookups) as error:
        return _person_form(request, actor, values, _beside(error))
    return RedirectResponse(f"/persons/{person_id}?notice=created", 303)


def _checked(values: dict[str, str]) -> tuple[date | None, dict[str, str]]:
    errors: dict[str, str] = {}
    if not values["code"]:
        errors["code"] = mark("Enter the personal code")
    if not values["name"]:
        errors["name"] = mark("Enter the given name and family name")
    try:
        born = parse_day(values["born"]) if values["born"] else None
    except ValueError:
        born, errors["born"] = None, mark("Enter a day such as 31/05/2026")
    return born, errors


def _beside(error: AmisError) -> dict[str, str]:
    return {error.pointer.strip("/") or "code": error.title}


def _person_form(request: Request, actor: Actor, values: dict[str, str], errors: dict[str, str]) -> HTMLResponse:
    return render(
        request,
        "register/new.html",
        actor=actor,
        status=422 if errors else 200,
        breadcrumbs=[_LIST, (mark("New person"), None)],
        values={name: values.get(name, "") for name in _FIELDS},
        errors=errors,
    )

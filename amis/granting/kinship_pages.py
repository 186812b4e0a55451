"""The page of a person's relations and households, with the forms that change them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from amis.granting import service
from amis.granting.code_entry import person_with_code
from amis.granting.service import Cause
from amis.kernel.actor import Actor
from amis.kernel.db import Transaction, transaction
from amis.kernel.errors import AmisError, Conflict, Invalid, TooManyRequests
from amis.kernel.permission import permission
from amis.register import service as register_service
from amis.register import store as register
from amis.register.errors import HouseholdUnknown, PersonUnknown
from amis.register.kinship import Home, Link
from amis.register.store import PersonSummary
from amis.staff.guard import current_actor
from amis.staff.purpose import require_purpose
from amis.web import timeline
from amis.web.formats import parse_day
from amis.web.i18n import mark
from amis.web.pages import render
from amis.web.posted import posted

pages = APIRouter(prefix="/persons/{person_id}", include_in_schema=False)
Acting = Annotated[Actor, Depends(current_actor)]
Write = Callable[[Transaction, date, date | None], Awaitable[object]]
KINDS = {
    "child": mark("Child"),
    "parent": mark("Parent"),
    "spouse": mark("Spouse"),
    "ward": mark("Ward"),
    "guardian": mark("Guardian"),
}
_RELATE = ("kind", "other", "valid_from", "valid_to", "reason")
_UNRELATE = ("kind", "other_id", "end_day", "end_reason")
_JOIN = ("household", "home_from", "home_to")
_LEAVE = ("household_id", "leave_day")
_FIELDS = (*_RELATE, *_JOIN)
_DAY = mark("Enter a day such as 31/05/2026")
_LONGEST = 500


@dataclass(frozen=True, slots=True)
class Line:
    """A relation as the page shows it; `person` is None where the relative's data are erased."""

    link: Link
    label: str
    person: PersonSummary | None
    state: str


@pages.get("/relations")
@permission("person.read")
async def show(request: Request, person_id: UUID, actor: Acting) -> HTMLResponse:
    """The relatives and households of a person."""
    return await _page(request, actor, person_id, {}, {})


@pages.post("/relations")
@permission("fact.write")
async def relate(request: Request, person_id: UUID, actor: Acting) -> Response:
    """Records a relation, or shows what is wrong beside the fields."""
    values = await posted(request, *_RELATE)
    errors = {} if values["kind"] in KINDS else {"kind": mark("Choose the relation")}
    errors |= _reason(values, "reason")

    async def write(tx: Transaction, first: date, end: date | None) -> None:
        other, kind = await person_with_code(tx, values["other"]), values["kind"]
        await service.relate_and_regrant(tx, person_id, kind, other, first, end, _cause(), reason=values["reason"])

    errors = errors or await _written(actor, values, ("valid_from", "valid_to"), write, "other")
    return await _answered(request, actor, person_id, values, errors)


@pages.post("/relations/end")
@permission("fact.write")
async def unrelate(request: Request, person_id: UUID, actor: Acting) -> Response:
    """Ends a relation."""
    values = await posted(request, *_UNRELATE)
    field = f"end_{values['kind']}_{values['other_id']}"
    errors = _reason(values, "end_reason")

    async def write(tx: Transaction, first: date, _: date | None) -> None:
        other, reason = _known_id(values["other_id"], PersonUnknown), values["end_reason"]
        await service.unrelate_and_regrant(tx, person_id, values["kind"], other, first, _cause(), reason=reason)

    errors = errors or await _written(actor, values, ("end_day", ""), write, "end_day")
    return await _answered(request, actor, person_id, {}, dict.fromkeys([field], *errors.values()) if errors else {})


@pages.post("/households")
@permission("fact.write")
async def join(request: Request, person_id: UUID, actor: Acting) -> Response:
    """Puts the person into a household: one with a number, or somebody's."""
    values = await posted(request, *_JOIN)
    named = 0 < len(values["household"]) <= _LONGEST
    errors = {} if named else {"household": mark("Enter a number or a personal code")}

    async def write(tx: Transaction, first: date, end: date | None) -> None:
        home = await _household(tx, values["household"], first, end)
        await service.join_household_and_regrant(tx, person_id, home, first, end, _cause())

    errors = errors or await _written(actor, values, ("home_from", "home_to"), write, "household")
    return await _answered(request, actor, person_id, values, errors)


@pages.post("/households/leave")
@permission("fact.write")
async def leave(request: Request, person_id: UUID, actor: Acting) -> Response:
    """Takes the person out of a household."""
    values = await posted(request, *_LEAVE)
    field = f"leave_{values['household_id']}"

    async def write(tx: Transaction, first: date, _: date | None) -> None:
        home = _known_id(values["household_id"], HouseholdUnknown)
        await service.leave_household_and_regrant(tx, person_id, home, first, _cause())

    errors = await _written(actor, values, ("leave_day", ""), write, "leave_day")
    return await _answered(request, actor, person_id, {}, dict.fromkeys([field], *errors.values()) if errors else {})


def _cause() -> Cause:
    return Cause("clerk", "relation")


def _known_id(text: str, unknown: type[AmisError]) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise unknown from error


def _reason(values: dict[str, str], name: str) -> dict[str, str]:
    said = 0 < len(values[name]) <= _LONGEST
    return {} if said else {name: mark("Say why, in at most 500 characters")}


async def _household(tx: Transaction, typed: str, first: date, end: date | None) -> UUID:
    """The household that is meant: where somebody with this personal code lives on the first day, or by its number."""
    if len(typed.replace("-", "")) != 11 or not typed.replace("-", "").isdigit():
        return await register_service.open_household(tx, typed)
    other = await person_with_code(tx, typed)
    for home in await register.homes_of(tx, other):
        if home.valid_from <= first and (home.valid_to is None or first < home.valid_to):
            return home.household_id
    opened = await register_service.open_household(tx)
    await service.join_household_and_regrant(tx, other, opened, first, end, _cause())
    return opened


async def _written(
    actor: Actor, values: dict[str, str], days: tuple[str, str], write: Write, field: str
) -> dict[str, str]:
    """Writes for the days that the form names; the marked text of what is wrong, by field."""
    try:
        first = parse_day(values[days[0]])
    except ValueError:
        return {days[0]: _DAY}
    try:
        last = parse_day(values[days[1]]) if days[1] and values[days[1]] else None
    except ValueError:
        return {days[1]: _DAY}
    try:
        async with transaction(actor) as tx:
            await write(tx, first, None if last is None or last == date.max else last + timedelta(days=1))
    except (Invalid, Conflict, PersonUnknown, HouseholdUnknown, TooManyRequests) as error:
        return {days[1] if error.pointer == "/valid_to" else field: error.title}
    return {}


async def _answered(
    request: Request, actor: Actor, person_id: UUID, values: dict[str, str], errors: dict[str, str]
) -> Response:
    if errors:
        return await _page(request, actor, person_id, values, errors)
    return RedirectResponse(f"/persons/{person_id}/relations?notice=saved", 303)


async def _page(
    request: Request, actor: Actor, person_id: UUID, values: dict[str, str], errors: dict[str, str]
) -> HTMLResponse:
    purpose = require_purpose(request)
    async with transaction(actor) as tx:
        person = await register.open_person(tx, person_id, purpose)
        links = await register.links_of(tx, {person_id})
        homes = await register.homes_of(tx, person_id)
        known = await register.summaries(tx, {link.other_id for link in links})
    today = tx.day
    person_url = f"/persons/{person_id}"
    return render(
        request,
        "granting/relations.html",
        actor=actor,
        status=422 if errors else 200,
        breadcrumbs=[(mark("Persons"), "/persons"), (mark("Person"), person_url), (mark("Relations"), None)],
        person=person,
        kinds=KINDS,
        lines=[_line(link, known, today) for link in links if link.kind in KINDS],
        homes=[(home, _housemates(home, links, known)) for home in homes],
        values={name: values.get(name, "") for name in _FIELDS},
        errors=errors,
    )


def _line(link: Link, known: dict[UUID, PersonSummary], today: date) -> Line:
    state = timeline.state(timeline.Span(link.valid_from, link.valid_to), today)
    return Line(link, KINDS[link.kind], known.get(link.other_id), state)


def _housemates(home: Home, links: list[Link], known: dict[UUID, PersonSummary]) -> list[tuple[Link, PersonSummary]]:
    """Those who live there at a time at which the person does."""
    found = [link for link in links if link.kind == "household" and _meet(home, link)]
    return [(link, known[link.other_id]) for link in found if link.other_id in known]


def _meet(home: Home, link: Link) -> bool:
    return (link.valid_to is None or home.valid_from < link.valid_to) and (
        home.valid_to is None or link.valid_from < home.valid_to
    )

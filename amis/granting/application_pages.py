"""Pages of applications: the queue, the form for a person, and one application with what speaks for and against it."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from amis.concessions import store as concessions
from amis.concessions.models import Concession
from amis.concessions.scope import MODES
from amis.granting import application_store, applications, store
from amis.granting.application_store import PAGE, STATES, Queue, state_of, terms_on
from amis.granting.applications import ApplicationDraft
from amis.granting.explanation import Explained
from amis.granting.household_limit import holders_in_household
from amis.granting.models import Application
from amis.granting.words import Phrase
from amis.kernel import clock
from amis.kernel.actor import Actor
from amis.kernel.db import Transaction, transaction
from amis.kernel.errors import Conflict, Invalid
from amis.kernel.permission import permission
from amis.register import representation
from amis.register import store as register
from amis.register.store import PersonSummary, PersonView
from amis.staff.guard import current_actor
from amis.staff.purpose import require_purpose
from amis.web.i18n import mark
from amis.web.pages import render
from amis.web.posted import posted

pages = APIRouter(include_in_schema=False)
Acting = Annotated[Actor, Depends(current_actor)]
_LIST = (mark("Applications"), "/applications")
_FIELDS = ("concession", "choice", "applicant")
LABELS = {
    "submitted": mark("Waiting for a decision"),
    "approved": mark("Approved"),
    "refused": mark("Refused"),
    "withdrawn": mark("Withdrawn"),
}
"""States of applications as the queue names them."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A concession that can be applied for; `modes` are what the holder chooses from, empty = nothing to choose."""

    id: UUID
    code: str
    name: Phrase
    modes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """An application with what its decision looks at: the rule on the first day, the household, who asked."""

    row: Application
    concession: Concession
    person: PersonView
    applicant: PersonSummary | None
    first: date
    answer: Explained | None
    most: int | None
    others: int


@pages.get("/applications")
@permission("application.read")
async def list_applications(request: Request, actor: Acting, state: str = "", page: int = 1) -> HTMLResponse:
    """The applications of a state, those that wait by default, the oldest first."""
    chosen, number = state_of(state), max(page, 1)
    async with transaction(actor) as tx:
        found = await application_store.queue(tx, chosen, number)
        persons = await register.summaries(tx, {row.person_id for row, _ in found.lines})
    return render(
        request,
        "granting/applications.html",
        actor=actor,
        lines=[(row, named(given), persons.get(row.person_id)) for row, given in found.lines],
        state=chosen,
        states=[(each, LABELS[each]) for each in STATES],
        modes=MODES,
        page=number,
        count=_pages(found),
        address=lambda each: f"/applications?state={chosen}&page={each}",
    )


@pages.get("/persons/{person_id}/applications/new")
@permission("application.write")
async def ask_application(request: Request, person_id: UUID, actor: Acting) -> HTMLResponse:
    """The form by which a concession is asked for a person, and what was asked for before."""
    return await _form(request, actor, person_id, {}, {})


@pages.post("/persons/{person_id}/applications/new")
@permission("application.write")
async def submit_application(request: Request, person_id: UUID, actor: Acting) -> Response:
    """Keeps the application, or shows what is wrong beside the fields."""
    values = await posted(request, *_FIELDS)
    concession_id, applicant_id = (_id(values[name]) for name in ("concession", "applicant"))
    if concession_id is None:
        return await _form(request, actor, person_id, values, {"concession": mark("Choose the concession")})
    draft = ApplicationDraft(person_id, concession_id, values["choice"] or None, applicant_id)
    try:
        async with transaction(actor) as tx:
            application_id = await applications.submit_application(tx, draft)
    except (Invalid, Conflict) as error:
        return await _form(request, actor, person_id, values, {error.pointer.strip("/"): error.title})
    return RedirectResponse(f"/applications/{application_id}?notice=application-submitted", 303)


@pages.get("/applications/{application_id}")
@permission("application.read")
async def show_application(request: Request, application_id: UUID, actor: Acting) -> HTMLResponse:
    """One application with what speaks for and against it."""
    return await _case_page(request, actor, application_id, {})


@pages.post("/applications/{application_id}/approve")
@permission("application.decide")
async def approve(request: Request, application_id: UUID, actor: Acting) -> Response:
    """Approves, unless the household has as many as it may."""
    try:
        async with transaction(actor) as tx:
            await applications.approve_application(tx, application_id)
    except Conflict as error:
        return await _case_page(request, actor, application_id, {"approve": error.title})
    return RedirectResponse(f"/applications/{application_id}?notice=application-approved", 303)


@pages.post("/applications/{application_id}/refuse")
@permission("application.decide")
async def refuse(request: Request, application_id: UUID, actor: Acting) -> Response:
    """Refuses for a reason."""
    reason = (await posted(request, "refuse_reason"))["refuse_reason"]
    try:
        async with transaction(actor) as tx:
            await applications.refuse_application(tx, application_id, reason)
    except (Conflict, Invalid) as error:
        return await _case_page(request, actor, application_id, {"refuse_reason": error.title})
    return RedirectResponse(f"/applications/{application_id}?notice=application-refused", 303)


@pages.post("/applications/{application_id}/withdraw")
@permission("application.write")
async def withdraw(request: Request, application_id: UUID, actor: Acting) -> Response:
    """Takes the application back for who asked."""
    reason = (await posted(request, "withdraw_reason"))["withdraw_reason"]
    try:
        async with transaction(actor) as tx:
            await applications.withdraw_application(tx, application_id, reason)
    except (Conflict, Invalid) as error:
        return await _case_page(request, actor, application_id, {"withdraw_reason": error.title})
    return RedirectResponse(f"/applications/{application_id}?notice=application-withdrawn", 303)


def named(concession: Concession) -> Phrase:
    """The name of a concession."""
    return Phrase(concession.name_lv, concession.name_en)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def _pages(found: Queue) -> int:
    return -(-found.count // PAGE)


async def _form(
    request: Request, actor: Actor, person_id: UUID, values: dict[str, str], errors: dict[str, str]
) -> HTMLResponse:
    purpose, today = require_purpose(request), clock.today()
    async with transaction(actor) as tx:
        person = await register.open_person(tx, person_id, purpose)
        choices = await _choices(tx, today)
        known = await application_store.applications_of(tx, person_id)
        others = await register.summaries(tx, await representation.representatives(tx, person_id, today))
    return render(
        request,
        "granting/application_form.html",
        actor=actor,
        status=422 if errors else 200,
        breadcrumbs=[
            (mark("Persons"), "/persons"),
            (mark("Person"), f"/persons/{person_id}"),
            (mark("Application"), None),
        ],
        person=person,
        choices=choices,
        modes=[(mode, MODES[mode]) for mode in sorted({mode for one in choices for mode in one.modes})],
        representatives=sorted(others.values(), key=lambda one: one.name),
        known=[(row, named(given)) for row, given in known],
        mode_names=MODES,
        labels=LABELS,
        values={name: values.get(name, "") for name in _FIELDS},
        errors=errors,
    )


async def _choices(tx: Transaction, day: date) -> list[Choice]:
    found = []
    for row in await application_store.open_to_application(tx, day):
        terms = await terms_on(tx, row.id, day)
        modes = tuple(sorted(terms.modes)) if terms.holder_mode else ()
        found.append(Choice(row.id, row.code, named(row), modes))
    return found


async def _case_page(request: Request, actor: Actor, application_id: UUID, errors: dict[str, str]) -> HTMLResponse:
    async with transaction(actor) as tx:
        row = await application_store.get_application(tx, application_id)
        purpose = require_purpose(request, row.person_id)
        case = await _case(tx, row, purpose)
    return render(
        request,
        "granting/application.html",
        actor=actor,
        status=422 if errors else 200,
        breadcrumbs=[_LIST, (mark("Application"), None)],
        case=case,
        name=named(case.concession),
        label=LABELS[row.state],
        modes=MODES,
        errors=errors,
    )


async def _case(tx: Transaction, row: Application, purpose: str) -> Case:
    terms = await terms_on(tx, row.concession_id, row.submitted_on)
    first = row.starts_on or terms.starts_on(row.submitted_on)
    person = await register.open_person(tx, row.person_id, purpose)
    applicants = await register.summaries(tx, [row.applicant_id] if row.applicant_id else [])
    answers = await store.explain(tx, row.person_id, first)
    return Case(
        row,
        await concessions.get_concession(tx, row.concession_id),
        person,
        next(iter(applicants.values()), None),
        first,
        next((one for one in answers if one.rule.concession_id == row.concession_id), None),
        terms.per_household,
        await holders_in_household(tx, row.person_id, row.concession_id, first),
    )

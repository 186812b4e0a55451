"""Pages of applications for cards: the queue, and one application with what its decision looks at."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from amis.concessions.cards import list_cards
from amis.issuing import photo_store, request_store, request_words, requests, words
from amis.issuing.errors import RequestDecided
from amis.issuing.request_store import PAGE, STATES, Line, state_of
from amis.kernel.actor import Actor
from amis.kernel.db import Transaction, transaction
from amis.kernel.errors import Conflict, Invalid
from amis.kernel.permission import permission
from amis.register import alike
from amis.register import store as register
from amis.register.store import PersonSummary, PersonView
from amis.staff.guard import current_actor
from amis.staff.purpose import require_purpose
from amis.staff.store import list_accounts
from amis.web.i18n import mark
from amis.web.pages import render
from amis.web.posted import posted
from cards.number import readable_number

pages = APIRouter(include_in_schema=False)
Acting = Annotated[Actor, Depends(current_actor)]
Deed = Callable[[Transaction, UUID, str], Awaitable[object]]
_LIST = (mark("Applications for cards"), "/card-requests")
_WAITS = ("submitted", "referred")


@dataclass(frozen=True, slots=True)
class Alike:
    """Somebody who may be the same person; `what` are codes of request_words.LIKENESS."""

    person: PersonSummary
    what: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """An application with what its decision looks at; `by` names who submitted and who decided."""

    line: Line
    person: PersonView
    applicant: PersonSummary | None
    others: list[Alike]
    earlier: list[Line]
    names: dict[str, tuple[str, str]]
    by: dict[str, str]


@pages.get("/card-requests")
@permission("token.read")
async def list_card_requests(request: Request, actor: Acting, state: str = "", page: int = 1) -> HTMLResponse:
    """The applications of a state, those that wait by default, the oldest first."""
    chosen, number = state_of(state), max(page, 1)
    async with transaction(actor) as tx:
        found = await request_store.queue(tx, chosen, number)
        persons = await register.summaries(tx, {line.request.person_id for line in found.lines})
        names = await _product_names(tx)
    return render(
        request,
        "issuing/card_requests.html",
        actor=actor,
        breadcrumbs=(),
        lines=[(line.request, line.token, persons.get(line.request.person_id)) for line in found.lines],
        names=names,
        state=chosen,
        states=[(each, request_words.STATES[each]) for each in STATES],
        reasons=request_words.REASONS,
        page=number,
        count=-(-found.count // PAGE),
        address=lambda each: f"/card-requests?state={chosen}&page={each}",
    )


@pages.get("/card-requests/{request_id}")
@permission("token.read")
async def show_card_request(request: Request, request_id: UUID, actor: Acting) -> HTMLResponse:
    """One application: the person, the photo, who may be the same person, what it costs, what may be done."""
    return await _case_page(request, actor, request_id, {})


@pages.post("/card-requests/{request_id}/approve")
@permission("card.approve")
async def approve(request: Request, request_id: UUID, actor: Acting) -> Response:
    """Approves: the card may be made."""
    return await _do(request, actor, request_id, requests.approve_request, "approve", "card-approved")


@pages.post("/card-requests/{request_id}/refuse")
@permission("card.approve")
async def refuse(request: Request, request_id: UUID, actor: Acting) -> Response:
    """Refuses for a reason."""
    return await _do(request, actor, request_id, requests.refuse_request, "refuse_reason", "card-refused")


@pages.post("/card-requests/{request_id}/supervise/approve")
@permission("card.supervise")
async def supervise_approve(request: Request, request_id: UUID, actor: Acting) -> Response:
    """Approves what was referred."""
    deed = _referred(requests.approve_request)
    return await _do(request, actor, request_id, deed, "approve", "card-approved")


@pages.post("/card-requests/{request_id}/supervise/refuse")
@permission("card.supervise")
async def supervise_refuse(request: Request, request_id: UUID, actor: Acting) -> Response:
    """Refuses what was referred, for a reason."""
    deed = _referred(requests.refuse_request)
    return await _do(request, actor, request_id, deed, "refuse_reason", "card-refused")


@pages.post("/card-requests/{request_id}/withdraw")
@permission("card.request")
async def withdraw(request: Request, request_id: UUID, actor: Acting) -> Response:
    """Takes the application back for who asked."""
    return await _do(request, actor, request_id, requests.withdraw_request, "withdraw_reason", "card-withdrawn")


@pages.post("/card-requests/{request_id}/pay")
@permission("card.request")
async def pay(request: Request, request_id: UUID, actor: Acting) -> Response:
    """Notes that the fee was paid."""

    async def paid(tx: Transaction, paid_id: UUID, _said: str) -> None:
        await requests.pay(tx, paid_id)

    return await _do(request, actor, request_id, paid, "pay", "card-paid")


def _referred(deed: Deed) -> Deed:
    async def decide(tx: Transaction, request_id: UUID, said: str) -> object:
        # not locked yet: the person comes first, and what is no longer referred by then is decided
        if (await request_store.get_request(tx, request_id)).request.state != "referred":
            raise RequestDecided
        return await deed(tx, request_id, said)

    return decide


async def _do(request: Request, actor: Actor, request_id: UUID, deed: Deed, field: str, notice: str) -> Response:
    said = (await posted(request, field))[field]
    try:
        async with transaction(actor) as tx:
            await deed(tx, request_id, said)
    except (Conflict, Invalid) as error:
        return await _case_page(request, actor, request_id, {field: error.title})
    return RedirectResponse(f"/card-requests/{request_id}?notice={notice}", 303)


async def _case_page(request: Request, actor: Actor, request_id: UUID, errors: dict[str, str]) -> HTMLResponse:
    async with transaction(actor) as tx:
        line = await request_store.get_request(tx, request_id)
        case = await _case(tx, line, require_purpose(request, line.request.person_id))
    return render(
        request,
        "issuing/card_request.html",
        actor=actor,
        status=422 if errors else 200,
        breadcrumbs=[_LIST, (mark("Application for a card"), None)],
        case=case,
        waits=line.request.state in _WAITS,
        states=request_words.STATES,
        reasons=request_words.REASONS,
        waivers=request_words.WAIVERS,
        deliveries=request_words.DELIVERIES,
        likeness=request_words.LIKENESS,
        explained=request_words.EXPLAINED,
        why_of=words.why,
        readable=readable_number,
        errors=errors,
    )


async def _case(tx: Transaction, line: Line, purpose: str) -> Case:
    row = line.request
    known = await request_store.requests_of(tx, row.person_id)
    applicants = await register.summaries(tx, [row.applicant_id] if row.applicant_id else [])
    return Case(
        line,
        await register.open_person(tx, row.person_id, purpose),
        next(iter(applicants.values()), None),
        await _others(tx, line) if row.state in _WAITS else [],
        [other for other in known if other.request.id != row.id],
        await _product_names(tx),
        {str(account.id): account.name for account, _ in await list_accounts(tx)},
    )


async def _others(tx: Transaction, line: Line) -> list[Alike]:
    found: dict[UUID, set[str]] = {
        other: {str(one) for one in what} for other, what in (await alike.alike(tx, line.request.person_id)).items()
    }
    if line.request.photo_id is not None:
        for other in await photo_store.same_picture(tx, line.request.photo_id):
            found.setdefault(other, set()).add("photo")
    persons = await register.summaries(tx, found)
    return [Alike(persons[other], tuple(sorted(what))) for other, what in found.items() if other in persons]


async def _product_names(tx: Transaction) -> dict[str, tuple[str, str]]:
    """The names of card products by code, in Latvian and English; the newest edition's."""
    return {row.code: (row.name_lv, row.name_en) for row in reversed(await list_cards(tx))}

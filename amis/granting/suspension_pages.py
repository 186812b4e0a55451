"""Pages of suspension orders: the list, the form of a new one, one order with whom it concerns, its two decisions."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from amis.concessions import store as concessions
from amis.concessions.models import Concession
from amis.granting import resting, suspension, suspension_form, suspension_store
from amis.granting.glossary import glossary
from amis.granting.models import SuspensionOrder
from amis.granting.suspending import Exemption, Order
from amis.granting.words import Phrase, said
from amis.kernel import clock
from amis.kernel.actor import Actor
from amis.kernel.db import Transaction, transaction
from amis.kernel.errors import Conflict, Invalid
from amis.kernel.permission import permission
from amis.register import store as register
from amis.staff.guard import current_actor
from amis.web.i18n import mark
from amis.web.pages import render
from amis.web.posted import posted
from rules.period import Period

pages = APIRouter(prefix="/suspensions", include_in_schema=False)
Acting = Annotated[Actor, Depends(current_actor)]
_LIST = (mark("Suspension orders"), "/suspensions")


@dataclass(frozen=True, slots=True)
class Spared:
    """An exception in words; `period` None = on all days of the order."""

    who: Phrase
    period: Period | None


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order as its page shows it: exceptions, the concessions it rests, and how many persons it concerns."""

    row: SuspensionOrder
    state: str
    grantor: Phrase
    spared: tuple[Spared, ...]
    rested: tuple[tuple[UUID, str, Phrase], ...]
    persons: int


@pages.get("")
@permission("rule.read")
async def list_orders(request: Request, actor: Acting) -> HTMLResponse:
    """Own orders and the state's, the latest first."""
    async with transaction(actor) as tx:
        rows = await suspension_store.list_orders(tx)
        grantors = await concessions.grantors(tx)
    named = {number: Phrase(each.name_lv, each.name_en) for number, each in grantors.items()}
    shown = [(row, state_of(row, clock.today()), named[row.municipality_id]) for row in rows]
    return render(request, "granting/suspensions.html", actor=actor, orders=shown)


@pages.get("/new")
@permission("rule.write")
async def ask_order(request: Request, actor: Acting) -> HTMLResponse:
    """The form of a new order."""
    return await _form(request, actor, {}, {})


@pages.post("/new")
@permission("rule.write")
async def draft_order(request: Request, actor: Acting) -> Response:
    """Keeps a draft, or shows what is wrong beside the fields."""
    values = await posted(request, *suspension_form.FIELDS)
    draft, errors = suspension_form.read(values)
    if draft is None:
        return await _form(request, actor, values, errors)
    try:
        async with transaction(actor) as tx:
            order_id = await suspension.draft_order(tx, draft)
    except Invalid as error:
        return await _form(request, actor, values, suspension_form.beside(error.pointer))
    except Conflict as error:
        return await _form(request, actor, values, {"code": error.title})
    return RedirectResponse(f"/suspensions/{order_id}?notice=created", 303)


@pages.get("/{order_id}")
@permission("rule.read")
async def show_order(request: Request, order_id: UUID, actor: Acting) -> HTMLResponse:
    """One order: what it rests, for whom not, and how many persons it concerns."""
    return await _order_page(request, actor, order_id, {})


@pages.post("/{order_id}/publish")
@permission("rule.approve")
async def publish_order(request: Request, order_id: UUID, actor: Acting) -> Response:
    """Puts the order in force."""
    try:
        async with transaction(actor) as tx:
            await suspension.publish_order(tx, order_id)
    except Conflict as error:
        return await _order_page(request, actor, order_id, {"publish": error.title})
    return RedirectResponse(f"/suspensions/{order_id}?notice=order-published", 303)


@pages.post("/{order_id}/withdraw")
@permission("rule.approve")
async def withdraw_order(request: Request, order_id: UUID, actor: Acting) -> Response:
    """Takes the order back from today on."""
    reason = (await posted(request, "reason"))["reason"]
    try:
        async with transaction(actor) as tx:
            await suspension.withdraw_order(tx, order_id, reason)
    except (Conflict, Invalid) as error:
        return await _order_page(request, actor, order_id, {"reason": error.title})
    return RedirectResponse(f"/suspensions/{order_id}?notice=order-withdrawn", 303)


def state_of(row: SuspensionOrder, day: date) -> str:
    """The state of an order as `web.labels` names it: a published one by where its days lie."""
    if row.state == "draft":
        return "draft"
    if row.state == "withdrawn":
        return "revoked"
    if row.valid_to is not None and row.valid_to <= day:
        return "past"
    return "future" if row.valid_from > day else "current"


async def _form(request: Request, actor: Actor, values: dict[str, str], errors: dict[str, str]) -> HTMLResponse:
    async with transaction(actor) as tx:
        spared = suspension_form.choices(await register.vocabulary(tx), await glossary(tx))
        known = [row for row in await suspension_store.concessions(tx) if row.municipality_id == actor.municipality_id]
    return render(
        request,
        "granting/suspension_form.html",
        actor=actor,
        status=422 if errors else 200,
        breadcrumbs=[_LIST, (mark("New order"), None)],
        values={name: values.get(name, "") for name in suspension_form.FIELDS},
        rows=range(1, suspension_form.MOST_EXCEPTIONS + 1),
        spared=spared,
        known=[(row.code, Phrase(row.name_lv, row.name_en)) for row in known],
        errors=errors,
    )


async def _order_page(request: Request, actor: Actor, order_id: UUID, errors: dict[str, str]) -> HTMLResponse:
    async with transaction(actor) as tx:
        view = await _view(tx, await suspension_store.get_order(tx, order_id))
    return render(
        request,
        "granting/suspension.html",
        actor=actor,
        status=409 if errors else 200,
        breadcrumbs=[_LIST, (view.row.code, None)],
        view=view,
        own=view.row.municipality_id == actor.municipality_id,
        errors=errors,
    )


async def _view(tx: Transaction, row: SuspensionOrder) -> OrderView:
    order = suspension_store.order_of(row, await register.vocabulary(tx))
    found = await suspension_store.covered(tx, order)
    grantor = (await concessions.grantors(tx))[row.municipality_id]
    return OrderView(
        row,
        state_of(row, clock.today()),
        Phrase(grantor.name_lv, grantor.name_en),
        await _spared(tx, order),
        tuple((one.id, one.code, Phrase(one.name_lv, one.name_en)) for one in found),
        await _concerned(tx, row, order, found),
    )


async def _concerned(tx: Transaction, row: SuspensionOrder, order: Order, found: list[Concession]) -> int:
    """What is published is written in the rights already; of a draft it has to be reckoned."""
    ids = [one.id for one in found]
    if row.state == "draft":
        return await resting.concerned(tx, order, ids)
    return await suspension_store.rested(tx, ids, row.valid_from, row.valid_to)


async def _spared(tx: Transaction, order: Order) -> tuple[Spared, ...]:
    known = await glossary(tx)

    def told(one: Exemption) -> Spared:
        return Spared(said(one.condition, known), one.period)

    return tuple(told(one) for one in order.exemptions)

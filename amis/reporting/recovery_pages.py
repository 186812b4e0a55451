"""Pages of recovery: days that were granted wrongly, what was used on them, the decision; and closing a month."""

from typing import Annotated, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from amis.kernel import clock
from amis.kernel.actor import Actor
from amis.kernel.db import Transaction, transaction
from amis.kernel.errors import Conflict, Invalid
from amis.kernel.permission import permission
from amis.register import store as register
from amis.reporting import recovery, recovery_store, settlement
from amis.reporting.adjustment import adjustments_of, months, provider_names
from amis.reporting.scope import month_text, read_month
from amis.staff.guard import current_actor
from amis.staff.purpose import require_purpose
from amis.web.i18n import mark
from amis.web.pages import render
from amis.web.posted import posted

pages = APIRouter(prefix="/recovery", include_in_schema=False)
Acting = Annotated[Actor, Depends(current_actor)]
STATES = {
    "open": mark("Waiting for a decision"),
    "decided": mark("Decided"),
    "unused": mark("Nothing was used"),
}
"""What the list may be narrowed to."""
DECISIONS = {"recover": mark("Recover"), "written_off": mark("Write off")}
"""What may be decided."""
CAUSES = {
    "notice": mark("a notice of the social system"),
    "clerk": mark("a fact entered or taken back by hand"),
    "rule": mark("a new version of the rule"),
    "list": mark("a list of persons"),
    "death": mark("a notice of a death"),
    "application": mark("an application"),
}
"""What took the days away."""


@pages.get("")
@permission("recovery.read")
async def list_cases(request: Request, actor: Acting, state: str = "") -> HTMLResponse:
    """Cases of a state, refunds that may be due, and the months that are over."""
    return await _list(request, actor, state if state in STATES else "open", {})


@pages.post("/months")
@permission("recovery.write")
async def close_month(request: Request, actor: Acting) -> Response:
    """Closes a month that is over."""
    month = read_month((await posted(request, "month"))["month"])
    try:
        if month is None:
            raise Invalid
        async with transaction(actor) as tx:
            await settlement.close_month(tx, month)
    except (Conflict, Invalid) as error:
        return await _list(request, actor, "open", {"month": error.title})
    return RedirectResponse("/recovery?notice=saved", 303)


@pages.get("/{case_id}")
@permission("recovery.read")
async def show_case(request: Request, case_id: UUID, actor: Acting) -> HTMLResponse:
    """One case: the days, the uses, what was decided and what a decision would put into which month."""
    return await _case(request, actor, case_id, {})


@pages.post("/{case_id}")
@permission("recovery.write")
async def decide(request: Request, case_id: UUID, actor: Acting) -> Response:
    """Recovers what waits, or writes it off for a reason."""
    given = await posted(request, "decision", "reason")
    decision, reason = given["decision"], given["reason"]
    if decision not in DECISIONS:
        return await _case(request, actor, case_id, {"decision": mark("Choose what is to be done")})
    try:
        async with transaction(actor) as tx:
            await recovery.decide(tx, case_id, cast(recovery.Decision, decision), reason)
    except (Conflict, Invalid) as error:
        return await _case(request, actor, case_id, {error.pointer.strip("/") or "decision": error.title})
    return RedirectResponse(f"/recovery/{case_id}?notice=saved", 303)


async def _list(request: Request, actor: Actor, state: str, errors: dict[str, str]) -> HTMLResponse:
    async with transaction(actor) as tx:
        found = await recovery_store.cases(tx, state)
        owed = await recovery_store.refunds(tx)
        persons = await register.summaries(tx, {one.person_id for one in found} | {one.person_id for one in owed})
        closing = await months(tx, clock.today())
    return render(
        request,
        "reporting/recoveries.html",
        actor=actor,
        status=422 if errors else 200,
        breadcrumbs=[(mark("Reports"), "/reports"), (mark("Used without a right"), None)],
        cases=found,
        refunds=owed,
        persons=persons,
        months=closing,
        closable=[month_text(one.month) for one in closing if one.closed_at is None],
        state=state,
        states=list(STATES.items()),
        causes=CAUSES,
        errors=errors,
    )


async def _case(request: Request, actor: Actor, case_id: UUID, errors: dict[str, str]) -> HTMLResponse:
    async with transaction(actor) as tx:
        case = await recovery_store.get_case(tx, case_id)
        purpose = require_purpose(request, case.person_id)
        person = await register.open_person(tx, case.person_id, purpose)
        uses = await recovery_store.uses_of(tx, case_id)
        context = await _settled(tx, case_id, uses)
    return render(
        request,
        "reporting/recovery.html",
        actor=actor,
        status=422 if errors else 200,
        breadcrumbs=[(mark("Reports"), "/reports"), (mark("Used without a right"), "/recovery"), (mark("Case"), None)],
        case=case,
        person=person,
        uses=uses,
        decisions=list(DECISIONS.items()),
        names=DECISIONS,
        causes=CAUSES,
        errors=errors,
        **context,
    )


async def _settled(tx: Transaction, case_id: UUID, uses: list[recovery_store.WrongUse]) -> dict[str, object]:
    return {
        "parts": await recovery.parts(tx, [use for use in uses if not use.settled]),
        "adjustments": await adjustments_of(tx, case_id),
        "providers": await provider_names(tx),
    }

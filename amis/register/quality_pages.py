"""The page of contradictions: how many of each kind, and whom they concern, masked."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse

from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.permission import permission
from amis.register import store
from amis.register.quality import CHECKS, PAGE, counts, findings
from amis.staff.guard import current_actor
from amis.web.i18n import mark
from amis.web.pages import render

pages = APIRouter(prefix="/quality", include_in_schema=False)
Acting = Annotated[Actor, Depends(current_actor)]
_CRUMBS = [(mark("Persons"), "/persons"), (mark("Contradictions"), None)]


@pages.get("")
@permission("person.read")
async def overview(request: Request, actor: Acting) -> HTMLResponse:
    """Each kind of contradiction with its number."""
    async with transaction(actor) as tx:
        found = await counts(tx)
    return render(request, "register/quality.html", actor=actor, breadcrumbs=_CRUMBS, checks=CHECKS, counts=found)


@pages.get("/{code}")
@permission("person.read")
async def show(request: Request, code: str, actor: Acting, page: int = 1) -> HTMLResponse:
    """The contradictions of one kind."""
    number = max(page, 1)
    async with transaction(actor) as tx:
        found = await findings(tx, code, number)
        total = (await counts(tx))[code]
        persons = await store.summaries(tx, {one for each in found for one in (each.person_id, each.other_id) if one})
        kinds = await store.fact_kinds(tx)
    return render(
        request,
        "register/findings.html",
        actor=actor,
        breadcrumbs=[_CRUMBS[0], (mark("Contradictions"), "/quality"), (CHECKS[code].title, None)],
        check=CHECKS[code],
        code=code,
        findings=found,
        persons=persons,
        kinds=kinds,
        page=number,
        count=-(-total // PAGE),
    )

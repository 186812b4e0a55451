"""Pages of conflicts: the queue, and one with what speaks for and against it, to be accepted, disputed or reversed."""

from typing import Annotated, Any, Literal, cast
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.errors import Conflict, Invalid
from amis.kernel.permission import permission
from amis.staff.guard import current_actor
from amis.validating import conflict_store, conflicts, provider_store
from amis.validating.conflict_told import told
from amis.validating.conflict_words import KINDS, MEANINGS, STATES
from amis.validating.terminal_pages import read_id
from amis.web.i18n import mark
from amis.web.pages import render
from amis.web.posted import posted

pages = APIRouter(prefix="/conflicts", include_in_schema=False)
Acting = Annotated[Actor, Depends(current_actor)]
_LIST = (mark("Conflicts"), "/conflicts")
LONGEST_NOTE = 400
_EVERY = "all"
_OUTCOMES = ("accepted", "reversed")
NOTE = mark("Say why, in at most 400 characters")
_CHOOSE = mark("Choose what is to be done")


@pages.get("")
@permission("conflict.read")
async def list_conflicts(
    request: Request, actor: Acting, state: str = "open", kind: str = "", provider: str = "", page: int = 1
) -> HTMLResponse:
    """The conflicts of a state, those that wait by default, the newest first."""
    chosen = {
        "state": state if state in STATES else _EVERY,
        "kind": kind if kind in KINDS else "",
        "provider": provider,
    }
    number, wanted = max(page, 1), None if chosen["state"] == _EVERY else chosen["state"]
    async with transaction(actor) as tx:
        found, more = await conflict_store.list_conflicts(
            tx, wanted, chosen["kind"] or None, read_id(provider), page=number
        )
        providers = await provider_store.list_providers(tx)
    return render(
        request,
        "validating/conflicts.html",
        actor=actor,
        conflicts=found,
        providers=[(str(each.id), each.name) for each in providers],
        chosen=chosen,
        every=_EVERY,
        kinds=KINDS,
        states=STATES,
        # how many there are in all is not counted: of a flood of them the newest page is enough to begin with
        page=number,
        count=number + more,
        address=lambda each: f"/conflicts?{urlencode(chosen | {'page': each})}",
    )


@pages.get("/{conflict_id}")
@permission("conflict.read")
async def show_conflict(request: Request, conflict_id: UUID, actor: Acting) -> HTMLResponse:
    """One conflict: the tap, what the terminal said, what the register says, and the uses beside it."""
    return await _page(request, actor, conflict_id)


@pages.post("/{conflict_id}")
@permission("conflict.write")
async def decide(request: Request, conflict_id: UUID, actor: Acting) -> Response:
    """Lets the use stand, takes it back, or says that somebody does not agree with it; with a note."""
    given = await posted(request, "outcome", "note")
    errors = {} if 0 < len(given["note"]) <= LONGEST_NOTE else {"note": NOTE}
    if given["outcome"] not in (*_OUTCOMES, "disputed"):
        errors["outcome"] = _CHOOSE
    if errors:
        return await _page(request, actor, conflict_id, given, errors, 422)
    try:
        async with transaction(actor) as tx:
            if given["outcome"] == "disputed":
                await conflicts.dispute(tx, conflict_id, given["note"])
            else:
                outcome = cast(Literal["accepted", "reversed"], given["outcome"])
                await conflicts.settle(tx, conflict_id, outcome, given["note"])
    except (Conflict, Invalid) as error:
        return await _page(request, actor, conflict_id, given, {"outcome": error.title}, error.status)
    return RedirectResponse(f"/conflicts/{conflict_id}?notice=saved", 303)


async def _page(
    request: Request,
    actor: Actor,
    conflict_id: UUID,
    given: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> HTMLResponse:
    async with transaction(actor) as tx:
        conflict = await conflict_store.get_conflict(tx, conflict_id)
        beside = await conflict_store.uses_beside(tx, conflict) if conflict.token_id else []
    page: dict[str, Any] = {"conflict": conflict, "beside": beside, "errors": errors or {}}
    page |= {"given": given or {"outcome": "", "note": ""}, "kinds": KINDS, "meanings": MEANINGS, "states": STATES}
    page |= {"told": list(told(conflict)), "breadcrumbs": [_LIST, (KINDS[conflict.kind], None)]}
    return render(request, "validating/conflict.html", actor=actor, status=status, **page)

"""The page that says how far a change of a token has come: is it dead at every terminal?"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse

from amis.issuing.store import get_token
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.permission import permission
from amis.staff.guard import current_actor
from amis.validating.reach import last_change, reach
from amis.web.i18n import mark
from amis.web.pages import render
from cards.number import readable_number
from cards.statuslist import INVALID, SUSPENDED

pages = APIRouter(include_in_schema=False)
Acting = Annotated[Actor, Depends(current_actor)]


@pages.get("/tokens/{token_id}/reach")
@permission("token.read")
async def show_reach(request: Request, token_id: UUID, actor: Acting) -> HTMLResponse:
    """Since when the last change of a token is published, and which terminals do not hold it yet."""
    async with transaction(actor) as tx:
        token = await get_token(tx, token_id)
        change = await last_change(tx, token_id)
        providers = await reach(tx, change.seq) if change is not None and change.seq is not None else []
    number = readable_number(token.number)
    missing = [(provider, terminal) for provider in providers for terminal in provider.missing]
    return render(
        request,
        "validating/reach.html",
        actor=actor,
        breadcrumbs=[(mark("Tokens"), "/tokens"), (number, f"/tokens/{token.id}"), (mark("Terminals"), None)],
        token=token,
        number=number,
        dead=token.status in (INVALID, SUSPENDED),
        change=change,
        providers=providers,
        missing=missing,
        terminals=sum(provider.terminals for provider in providers),
    )

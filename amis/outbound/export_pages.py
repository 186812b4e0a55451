"""The page of exports: a provider and a month are chosen, and the files for them are offered."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse

from amis.kernel import clock
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.permission import permission
from amis.reporting import settlement, store
from amis.reporting.scope import month_text, read_month, shifted
from amis.staff.guard import current_actor
from amis.web.formats import month
from amis.web.i18n import language_of
from amis.web.pages import render

pages = APIRouter(prefix="/exports", include_in_schema=False)
MONTHS_OFFERED = 36


@pages.get("")
@permission("export.read")
async def show_exports(request: Request, actor: Annotated[Actor, Depends(current_actor)]) -> HTMLResponse:
    """The choice and, once there is a provider, the files."""
    today, language = clock.today(), language_of(request)
    async with transaction(actor) as tx:
        providers = await store.providers(tx)
        closed = await settlement.closed_through(tx)
    months = [shifted(today.replace(day=1), -back) for back in range(MONTHS_OFFERED)]
    asked = read_month(request.query_params.get("month", ""))
    # usually the month that is over is the one to be settled
    chosen = asked if asked in months else months[1]
    code = request.query_params.get("provider", "")
    provider = code if code in dict(providers) else next((code for code, _ in providers), "")
    return render(
        request,
        "outbound/exports.html",
        actor=actor,
        providers=providers,
        provider=provider,
        months=[(month_text(one), month(one, language)) for one in months],
        month=month_text(chosen),
        closed=closed is not None and chosen <= closed,
        query=urlencode({"provider": provider, "month": month_text(chosen)}),
    )

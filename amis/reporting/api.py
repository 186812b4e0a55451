"""JSON API: the report of uses."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from amis.kernel import clock
from amis.kernel.actor import Actor
from amis.kernel.body import StrictRoute
from amis.kernel.db import transaction
from amis.kernel.permission import permission
from amis.reporting import figures, store
from amis.reporting.errors import FilterInvalid
from amis.reporting.schemas import UsesLine, UsesQuery, UsesReport, UsesTotal
from amis.reporting.scope import month_text, read_scope
from amis.staff.guard import current_actor

router = APIRouter(route_class=StrictRoute, prefix="/v1/reports", tags=["reports"])


@router.get("/uses", response_model=UsesReport)
@permission("report.read")
async def uses(query: Annotated[UsesQuery, Query()], actor: Annotated[Actor, Depends(current_actor)]) -> UsesReport:
    """Uses and discount, exact up to this moment."""
    asked = {name: str(value) for name, value in query.model_dump(by_alias=True, exclude_none=True).items()}
    scope, errors = read_scope(asked, clock.today())
    for field, message in errors.items():
        raise FilterInvalid(message, pointer=f"/{field}")
    async with transaction(actor) as tx:
        lines = await store.lines(tx, scope)
    return UsesReport(
        first=month_text(scope.first),
        last=month_text(scope.last),
        lines=[UsesLine.of(line) for line in lines],
        total=UsesTotal.of(figures.added(lines)),
    )

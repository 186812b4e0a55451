"""The page that tells, before a version is published, who would gain and lose and what that would cost."""

from decimal import Decimal, InvalidOperation
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import QueryParams
from starlette.responses import HTMLResponse

from amis.granting import store
from amis.granting.errors import RuleUnknown
from amis.granting.rule_pages import RULES
from amis.granting.simulation import Assumption, Simulation, simulate
from amis.granting.version_view import Known, shown_versions, steps_for
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.permission import permission
from amis.register import store as register
from amis.staff.guard import current_actor
from amis.web.chart import Chart, Series
from amis.web.formats import month_short
from amis.web.i18n import language_of, mark, translate
from amis.web.pages import render

pages = APIRouter(prefix="/rules/{rule_id}/versions/{version}/simulation", include_in_schema=False)
Acting = Annotated[Actor, Depends(current_actor)]
_MOST = Decimal(1000)


@pages.get("")
@permission("rule.read")
async def show_simulation(request: Request, rule_id: UUID, version: int, actor: Acting) -> HTMLResponse:
    """Simulates the version; `uses` (a holder and day) and `gross` (euros) in the address give the cost."""
    assumption, errors = read_assumption(request.query_params)
    async with transaction(actor) as tx:
        rule = await store.get_rule(tx, rule_id)
        row = next((row for row in shown_versions(rule, actor) if row.version == version), None)
        if row is None:
            raise RuleUnknown
        found = await simulate(tx, rule_id, version, assumption)
        seen = actor.may("person.read")
        persons = await register.summaries(tx, {one.person_id for one in found.sample}) if seen else {}
        known = await Known.of(tx)
    back = f"/rules/{rule_id}/versions/{version}"
    return render(
        request,
        "granting/simulation.html",
        actor=actor,
        status=422 if errors else 200,
        breadcrumbs=[
            RULES,
            (rule.names.code, f"/rules/{rule_id}"),
            (f"v{version}", back),
            (mark("Simulation"), None),
        ],
        rule=rule,
        version=known.view(row),
        found=found,
        persons=persons,
        chart=month_chart(found, language_of(request)),
        chosen={name: request.query_params.get(name, "") for name in ("uses", "gross")},
        steps=steps_for(row, actor),
        back=back,
        errors=errors,
    )


def read_assumption(query: QueryParams) -> tuple[Assumption | None, dict[str, str]]:
    """What a day of a right is assumed to cost; None where nothing was entered, or else with what is wrong."""
    typed = {name: query.get(name, "").strip() for name in ("uses", "gross")}
    if not any(typed.values()):
        return None, {}
    read = {name: _number(text) for name, text in typed.items()}
    errors = {name: mark("Enter a number such as 0,85") for name, number in read.items() if number is None}
    uses, gross = read["uses"], read["gross"]
    return (None, errors) if uses is None or gross is None else (Assumption(uses, gross), {})


def month_chart(found: Simulation, language: str) -> Chart:
    """Days gained and lost by month."""
    return Chart(
        translate(language, mark("Days gained and lost by month")),
        translate(language, mark("For each of the coming months, how many days of the right are gained and lost.")),
        tuple(month_short(month, language) for month, _, _ in found.by_month),
        (
            Series(translate(language, mark("Days gained")), tuple(float(gained) for _, gained, _ in found.by_month)),
            Series(translate(language, mark("Days lost")), tuple(float(lost) for _, _, lost in found.by_month)),
        ),
        translate(language, mark("Month")),
        "line",
    )


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text.replace(",", "."))
    except InvalidOperation:
        return None
    return number if number.is_finite() and 0 <= number <= _MOST else None

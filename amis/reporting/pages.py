"""The report page and its download."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, Response

from amis.concessions.store import list_concessions
from amis.kernel import clock
from amis.kernel.actor import Actor
from amis.kernel.db import Transaction, transaction
from amis.kernel.permission import permission
from amis.reporting import figures, store
from amis.reporting.adjustment import adjusted
from amis.reporting.errors import FilterInvalid
from amis.reporting.scope import Scope, month_text, read_scope, shifted
from amis.reporting.sheet import file_name, sheet
from amis.staff.guard import current_actor
from amis.web.formats import month
from amis.web.i18n import language_of, translate
from amis.web.pages import render

pages = APIRouter(prefix="/reports", include_in_schema=False)
Acting = Annotated[Actor, Depends(current_actor)]
MOST_LINES = 100
"""Lines that the page shows; the file has them all."""
_MONTHS_OFFERED = 36
Options = list[tuple[str, str]]


@pages.get("")
@permission("report.read")
async def show_uses(request: Request, actor: Acting) -> HTMLResponse:
    """Uses and discount of the chosen months: totals, chart, shares and lines."""
    language = language_of(request)
    scope, errors = read_scope(request.query_params, clock.today())
    split = request.query_params.get("by", "")
    split = split if split in figures.SPLITS else next(iter(figures.SPLITS))
    async with transaction(actor) as tx:
        lines = [] if errors else await store.lines(tx, scope)
        corrected = [] if errors else await adjusted(tx, scope)
        options = await _options(tx, scope, language)
    return render(
        request,
        "reporting/uses.html",
        actor=actor,
        status=422 if errors else 200,
        errors=errors,
        options=options,
        chosen=_chosen(scope, split) | (dict(request.query_params) if errors else {}),
        download=f"/reports/uses.csv?{urlencode(_chosen(scope, ''))}",
        total=figures.added(lines),
        plan=figures.chart(lines, scope, split, language),
        shares=figures.shares(lines, split, language),
        split=figures.SPLITS[split],
        lines=[(line, figures.concession_name(line, language)) for line in lines[-MOST_LINES:]],
        count=len(lines),
        most=MOST_LINES,
        adjusted=corrected,
    )


@pages.get("/uses.csv")
@permission("report.read")
async def download_uses(request: Request, actor: Acting) -> Response:
    """All lines of the chosen months as CSV."""
    scope, errors = read_scope(request.query_params, clock.today())
    for field, message in errors.items():
        raise FilterInvalid(translate(language_of(request), message), pointer=f"/{field}")
    async with transaction(actor) as tx:
        lines = await store.lines(tx, scope)
    disposition = f'attachment; filename="{file_name(scope)}"'
    return Response(sheet(lines), media_type="text/csv; charset=utf-8", headers={"content-disposition": disposition})


def _chosen(scope: Scope, split: str) -> dict[str, str]:
    """The query that asks for this report again."""
    asked = {
        "from": month_text(scope.first),
        "to": month_text(scope.last),
        "provider": scope.provider,
        "concession": str(scope.concession) if scope.concession else None,
        "funder": scope.funder,
        "by": split,
    }
    return {name: value or "" for name, value in asked.items() if value or split}


async def _options(tx: Transaction, scope: Scope, language: str) -> dict[str, Options]:
    concessions = await list_concessions(tx)
    named = [(str(row.id), f"{row.code} – {row.name_lv if language == 'lv' else row.name_en}") for row in concessions]
    return {
        "months": _months(scope, language),
        "provider": list(await store.providers(tx)),
        "concession": named,
        "funder": [(funder, funder) for funder in await store.funders(tx)],
        "by": [(name, translate(language, label)) for name, label in figures.SPLITS.items()],
    }


def _months(scope: Scope, language: str) -> Options:
    """The latest months, newest first, and those that were asked for."""
    this = clock.today().replace(day=1)
    offered = {shifted(this, -step) for step in range(_MONTHS_OFFERED)} | {scope.first, scope.last}
    return [(month_text(one), month(one, language)) for one in sorted(offered, reverse=True)]

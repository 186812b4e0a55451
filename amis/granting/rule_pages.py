"""The pages of rules: the list, one rule with its versions, one version with its cases and what can be done with it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse

from amis.concessions import store as concessions
from amis.granting import service, store
from amis.granting.errors import RuleUnknown
from amis.granting.service import CaseReport
from amis.granting.store import RuleView
from amis.granting.tree_faults import sound
from amis.granting.version_view import Known, shown_versions, steps_for
from amis.granting.words import Phrase
from amis.kernel.actor import Actor
from amis.kernel.db import Transaction, transaction
from amis.kernel.models import Municipality
from amis.kernel.permission import permission
from amis.staff.guard import current_actor
from amis.web.i18n import mark
from amis.web.pages import render

pages = APIRouter(prefix="/rules", include_in_schema=False)
Acting = Annotated[Actor, Depends(current_actor)]
RULES = (mark("Rules"), "/rules")


@pages.get("")
@permission("rule.read")
async def list_rules(request: Request, actor: Acting) -> HTMLResponse:
    """Every rule that can grant here, and the versions that wait for this member of staff."""
    async with transaction(actor) as tx:
        rules = [(rule, shown_versions(rule, actor)) for rule in await store.list_rules(tx)]
        known, grantors = await Known.of(tx), await concessions.grantors(tx)
    lines = [(rule, known.view(rows[0]), rows) for rule, rows in rules if rows]
    waiting = [
        (rule, known.view(row))
        for rule, rows in rules
        for row in rows
        if {"approve", "publish"} & set(steps_for(row, actor))
    ]
    return render(
        request, "granting/rules.html", actor=actor, rules=lines, waiting=waiting, grantors=named_grantors(grantors)
    )


@pages.get("/{rule_id}")
@permission("rule.read")
async def show_rule(request: Request, rule_id: UUID, actor: Acting) -> HTMLResponse:
    """One rule: each version in plain sentences, with its state and its hash."""
    async with transaction(actor) as tx:
        rule = await store.get_rule(tx, rule_id)
        known, grantors = await Known.of(tx), await concessions.grantors(tx)
    return render(
        request,
        "granting/rule.html",
        actor=actor,
        breadcrumbs=[RULES, (rule.names.code, None)],
        rule=rule,
        grantor=named_grantors(grantors)[rule.names.grantor_id],
        versions=[known.view(row) for row in shown_versions(rule, actor)],
        own=rule.names.grantor_id == actor.municipality_id,
    )


@pages.get("/{rule_id}/versions/{version}")
@permission("rule.read")
async def show_version(request: Request, rule_id: UUID, version: int, actor: Acting) -> HTMLResponse:
    """One version: what it says, its cases and whether they pass, and the steps that are open to the reader."""
    return await version_page(request, actor, rule_id, version, {})


async def version_page(
    request: Request, actor: Actor, rule_id: UUID, version: int, errors: dict[str, str], *, status: int = 200
) -> HTMLResponse:
    """The page of a version, with what was wrong with the last step."""
    async with transaction(actor) as tx:
        rule = await store.get_rule(tx, rule_id)
        row = next((row for row in shown_versions(rule, actor) if row.version == version), None)
        if row is None:
            raise RuleUnknown
        known = await Known.of(tx)
        report = await _report(tx, known, rule, version)
    return render(
        request,
        "granting/version.html",
        actor=actor,
        status=status,
        breadcrumbs=[RULES, (rule.names.code, f"/rules/{rule.id}"), (f"v{version}", None)],
        rule=rule,
        version=known.view(row),
        report=report,
        steps=steps_for(row, actor),
        errors=errors,
    )


async def _report(tx: Transaction, known: Known, rule: RuleView, number: int) -> CaseReport | None:
    """What the cases give; None where the version can no longer be read."""
    row = next(row for row in rule.versions if row.version == number)
    if sound(row.condition, known.vocabulary) is None:
        return None
    return await service.try_version(tx, row)


def named_grantors(grantors: dict[int, Municipality]) -> dict[int, Phrase]:
    """The grantors' names by number."""
    return {number: Phrase(each.name_lv, each.name_en) for number, each in grantors.items()}

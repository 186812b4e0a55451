"""The steps of a version's life as forms: test, submit, approve, return, publish, retire."""

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from amis.granting import service
from amis.granting.condition_form import Posted
from amis.granting.rule_pages import version_page
from amis.granting.seen import seen_at
from amis.granting.service import VersionKey
from amis.kernel.actor import Actor
from amis.kernel.db import Transaction, transaction
from amis.kernel.errors import Conflict, Invalid
from amis.kernel.permission import permission
from amis.staff.guard import current_actor

pages = APIRouter(prefix="/rules/{rule_id}/versions/{version}", include_in_schema=False)
Acting = Annotated[Actor, Depends(current_actor)]
Step = Callable[[Transaction, VersionKey], Awaitable[object]]


@pages.post("/test")
@permission("rule.write")
async def test(request: Request, rule_id: UUID, version: int, actor: Acting) -> Response:
    """Tries the cases; which of them fail is on the page of the version."""

    async def step(tx: Transaction, key: VersionKey) -> str:
        return "tested" if (await service.test(tx, key)).passed else ""

    return await _take(request, actor, VersionKey(rule_id, version), step)


@pages.post("/submit")
@permission("rule.write")
async def submit(request: Request, rule_id: UUID, version: int, actor: Acting) -> Response:
    """Asks for approval."""
    return await _take(request, actor, VersionKey(rule_id, version), _quiet(service.submit, "submitted"))


@pages.post("/approve")
@permission("rule.approve")
async def approve(request: Request, rule_id: UUID, version: int, actor: Acting) -> Response:
    """Approves what a colleague wrote."""
    seen = await _seen(request)
    step = _quiet(lambda tx, key: service.approve(tx, key, seen=seen_at(seen)), "approved")
    return await _take(request, actor, VersionKey(rule_id, version), step)


@pages.post("/publish")
@permission("rule.approve")
async def publish(request: Request, rule_id: UUID, version: int, actor: Acting) -> Response:
    """Puts an approved version in force."""
    seen = await _seen(request)
    step = _quiet(lambda tx, key: service.publish(tx, key, seen=seen_at(seen)), "published")
    return await _take(request, actor, VersionKey(rule_id, version), step)


@pages.post("/return")
@permission("rule.approve")
async def return_to_draft(request: Request, rule_id: UUID, version: int, actor: Acting) -> Response:
    """Gives a version back to its author, with a reason."""
    reason = Posted.of(await request.body()).get("return_reason")
    step = _reasoned(service.return_to_draft, reason, "returned")
    return await _take(request, actor, VersionKey(rule_id, version), step, "return_reason")


@pages.post("/retire")
@permission("rule.approve")
async def retire(request: Request, rule_id: UUID, version: int, actor: Acting) -> Response:
    """Ends a version, with a reason."""
    reason = Posted.of(await request.body()).get("retire_reason")
    step = _reasoned(service.retire, reason, "retired")
    return await _take(request, actor, VersionKey(rule_id, version), step, "retire_reason")


Noted = Callable[[Transaction, VersionKey], Awaitable[str]]


async def _seen(request: Request) -> str:
    return Posted.of(await request.body()).get("seen")


def _quiet(step: Step, notice: str) -> Noted:
    async def taken(tx: Transaction, key: VersionKey) -> str:
        await step(tx, key)
        return notice

    return taken


def _reasoned(step: Callable[[Transaction, VersionKey, str], Awaitable[object]], reason: str, notice: str) -> Noted:
    return _quiet(lambda tx, key: step(tx, key, reason), notice)


async def _take(request: Request, actor: Actor, key: VersionKey, step: Noted, field: str = "") -> Response:
    """Takes the step and goes back to the version, or shows why it was refused."""
    try:
        async with transaction(actor) as tx:
            notice = await step(tx, key)
    except (Invalid, Conflict) as error:
        name = field if error.pointer == "/reason" else ""
        # 409 and 422 are what the error itself would answer
        return await version_page(request, actor, key.rule_id, key.version, {name: error.title}, status=error.status)
    back = f"/rules/{key.rule_id}/versions/{key.version}"
    return RedirectResponse(f"{back}?notice={notice}" if notice else f"{back}#cases", 303)

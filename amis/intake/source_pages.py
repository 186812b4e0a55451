"""Pages of one source: how it is, its keys, its machine, what its statuses mean, whose word counts; its files."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from amis.intake import senders, source_forms, sources, store
from amis.intake.authority import rank_sources
from amis.intake.page import NOTICES, intake_page
from amis.intake.source_view import source_page
from amis.kernel.actor import Actor
from amis.kernel.db import Transaction, transaction
from amis.kernel.errors import Conflict, Invalid
from amis.kernel.permission import permission
from amis.staff import machine_service
from amis.staff.errors import MachineStateConflict
from amis.staff.guard import current_actor
from amis.staff.machine_service import CODE_LASTS
from amis.web.i18n import mark
from amis.web.posted import posted
from sync.errors import KeyUnreadable

pages = APIRouter(prefix="/sources/{sender_id}", include_in_schema=False)
Acting = Annotated[Actor, Depends(current_actor)]
_KEY = mark("This is no key: a public one begins with whpk_, a shared one with whsec_.")
_NO_MACHINE = mark("This source has no machine yet.")


@pages.get("")
@permission("intake.read")
async def show_source(request: Request, sender_id: UUID, actor: Acting) -> HTMLResponse:
    """One source with all there is to see of it."""
    return await _source(request, actor, sender_id)


@pages.post("/state")
@permission("intake.write")
async def change_state(request: Request, sender_id: UUID, actor: Acting) -> Response:
    """Pauses the source, or takes its notices again."""
    step = (await posted(request, "step"))["step"]
    change = sources.resume if step == "resume" else sources.pause
    return await _do(request, actor, sender_id, "", lambda tx: change(tx, sender_id))


@pages.post("/keys")
@permission("intake.write")
async def add_key(request: Request, sender_id: UUID, actor: Acting) -> Response:
    """Accepts one more key: the one typed, or a fresh shared one, which is shown this once."""
    given = (await posted(request, "key"))["key"]
    fresh = "" if given else sources.shared_key()
    try:
        async with transaction(actor) as tx:
            await senders.add_key(tx, sender_id, given or fresh)
    except KeyUnreadable:
        return await _source(request, actor, sender_id, {"key": _KEY}, 422)
    if fresh:
        return await _source(request, actor, sender_id, secret=fresh)
    return _back(sender_id)


@pages.post("/keys/revoke")
@permission("intake.write")
async def revoke_key(request: Request, sender_id: UUID, actor: Acting) -> Response:
    """Accepts a key no longer."""
    key_id = source_forms.read_id((await posted(request, "key_id"))["key_id"])
    return await _do(request, actor, sender_id, "", lambda tx: sources.revoke_key(tx, sender_id, key_id))


@pages.post("/heartbeat")
@permission("intake.write")
async def expect(request: Request, sender_id: UUID, actor: Acting) -> Response:
    """Says how often something should be heard of the source."""
    given = await posted(request, "minutes")

    async def work(tx: Transaction) -> None:
        await sources.expect(tx, sender_id, source_forms.read_minutes(given["minutes"]))

    return await _do(request, actor, sender_id, "minutes", work, given)


@pages.post("/mapping")
@permission("intake.write")
async def change_mapping(request: Request, sender_id: UUID, actor: Acting) -> Response:
    """Says what the source's statuses mean and which other fields are kept."""
    form = await request.form()
    typed = source_forms.read_statuses(form)

    async def work(tx: Transaction) -> None:
        sender = await store.get_sender(tx, sender_id)
        await sources.change_mapping(tx, sender_id, source_forms.mapping(sender.source, typed, form))

    return await _do(request, actor, sender_id, "statuses", work, {"statuses": typed})


@pages.post("/ranks")
@permission("intake.write")
async def rank(request: Request, sender_id: UUID, actor: Acting) -> Response:
    """Says whose word counts first for one kind of fact; rights follow at once."""
    form = await request.form()
    kind = str(form.get("kind", ""))

    async def work(tx: Transaction) -> None:
        await store.get_sender(tx, sender_id)
        await rank_sources(tx, kind, source_forms.read_order(form))

    return await _do(request, actor, sender_id, f"ranks-{kind}", work)


@pages.post("/machine")
@permission("terminal.write")
async def pair_machine(request: Request, sender_id: UUID, actor: Acting) -> Response:
    """Makes the machine of the source where it has none, and shows a fresh pairing code, this once."""
    try:
        async with transaction(actor) as tx:
            sender = await store.get_sender(tx, sender_id)
            if sender.machine_id is None:
                await sources.set_up_machine(tx, sender_id)
            machine_id = (await store.get_sender(tx, sender_id)).machine_id
            assert machine_id is not None
            code, until = await machine_service.pairing_code(tx, machine_id), tx.at + CODE_LASTS
    except Conflict as error:
        return await _source(request, actor, sender_id, {"": error.title}, error.status)
    return await _source(request, actor, sender_id, code=code, until=until)


@pages.post("/machine/approve")
@permission("terminal.write")
async def approve_machine(request: Request, sender_id: UUID, actor: Acting) -> Response:
    """Accepts the key of the machine whose fingerprint was compared."""
    compared = (await posted(request, "fingerprint"))["fingerprint"]

    async def work(tx: Transaction) -> None:
        sender = await store.get_sender(tx, sender_id)
        if sender.machine_id is None:
            raise MachineStateConflict(_NO_MACHINE)
        await machine_service.approve(tx, sender.machine_id, compared)

    return await _do(request, actor, sender_id, "", work)


async def _do(
    request: Request,
    actor: Actor,
    sender_id: UUID,
    field: str,
    work: Callable[[Transaction], Awaitable[None]],
    given: dict[str, Any] | None = None,
) -> Response:
    try:
        async with transaction(actor) as tx:
            await work(tx)
    except (Invalid, Conflict) as error:
        return await _source(request, actor, sender_id, {field: error.title}, error.status, given=given)
    return _back(sender_id)


def _back(sender_id: UUID) -> Response:
    return RedirectResponse(f"/notices/sources/{sender_id}?notice=saved", 303)


async def _source(
    request: Request,
    actor: Actor,
    sender_id: UUID,
    errors: dict[str, str] | None = None,
    status: int = 200,
    *,
    given: dict[str, Any] | None = None,
    **shown_once: Any,
) -> HTMLResponse:
    async with transaction(actor) as tx:
        found = await source_page(tx, sender_id)
    return intake_page(
        request,
        actor,
        "source",
        status,
        breadcrumbs=[NOTICES, (mark("Source"), None)],
        page=found,
        form=source_forms.filled(found.sender, given or {}),
        errors=errors or {},
        at=tx.at,
        language_url=lambda language: f"/notices/sources/{sender_id}?lang={language}",
        **{"secret": "", "code": "", "until": None} | shown_once,
    )

"""The page on which a refused notice is put right: its fields with what is wrong beside them, and taking it again."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from amis.intake import quarantine, store, waiting
from amis.intake.arrival import open_refused
from amis.intake.chunk import AGAIN
from amis.intake.correction import CORRECTABLE, TEXT, Draft, corrected, drafted, field_at, shown
from amis.intake.errors import NotCorrectable, Overtaken, StillRefused
from amis.intake.page import NOTICES, QUARANTINE, intake_page
from amis.intake.quarantine_pages import title_of
from amis.intake.replaying import replay
from amis.intake.waiting import Held
from amis.intake.wording import EXPLAINED
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.permission import permission
from amis.staff.guard import current_actor
from amis.staff.purpose import require_purpose
from amis.web.i18n import language_of, mark
from amis.web.posted import posted
from sync.verdict import RowCode, RowError, Verdict

pages = APIRouter(prefix="/quarantine/{quarantined_id}/correct", include_in_schema=False)
Acting = Annotated[Actor, Depends(current_actor)]
_TRIES = 3
_AS_TEXT = "text"
_OUTCOMES = {Verdict.APPLIED: "notice-applied", Verdict.UNCHANGED: "notice-unchanged", Verdict.STALE: "notice-stale"}


@pages.get("")
@permission("intake.write")
async def open_notice(request: Request, quarantined_id: UUID, actor: Acting) -> HTMLResponse:
    """The notice in clear, for a stated purpose, as a form; `?as=text` shows its JSON instead."""
    async with transaction(actor) as tx:
        held = await waiting.get(tx, quarantined_id)
        if held.content_type not in CORRECTABLE:
            raise NotCorrectable
        _row, content = await quarantine.read(tx, quarantined_id, require_purpose(request, quarantined_id))
    as_text = request.query_params.get("as") == _AS_TEXT
    draft = drafted(held.content_type, content, as_text=as_text)
    first = _fault(draft, RowError(RowCode(held.error_code), held.error_pointer or "")) if held.error_code else {}
    return await _form(request, actor, held, draft, shown(draft, language_of(request)), beside=first)


@pages.post("")
@permission("intake.write")
async def save_and_replay(request: Request, quarantined_id: UUID, actor: Acting) -> Response:
    """Takes the notice as it was put right; refused again, it goes on waiting and the form says why."""
    form = await request.form()
    async with transaction(actor) as tx:
        held = await waiting.get(tx, quarantined_id)
        row = await quarantine.hold(tx, quarantined_id)
        draft = drafted(held.content_type, open_refused(row), as_text=form.get("as") == _AS_TEXT)
    typed = await posted(request, *([leaf.name for leaf in draft.leaves] or [TEXT]))
    try:
        verdict = await _replayed(actor, quarantined_id, corrected(draft, typed))
    except StillRefused as refused:
        return await _form(request, actor, held, draft, typed, _fault(draft, refused.error), status=422)
    except Overtaken as error:
        return await _form(request, actor, held, draft, typed, {"": error.title}, status=error.status)
    return RedirectResponse(f"/notices/quarantine/{quarantined_id}?notice={_OUTCOMES[verdict]}", 303)


async def _replayed(actor: Actor, quarantined_id: UUID, content: bytes) -> Verdict:
    """One transaction, begun anew where a message about the same people was quicker."""
    for _ in range(_TRIES):
        try:
            async with transaction(actor) as tx:
                return await replay(tx, quarantined_id, content)
        except AGAIN:
            continue
    raise Overtaken


def _fault(draft: Draft, error: RowError) -> dict[str, str]:
    place = field_at(error.pointer, draft.leaves) if draft.type else TEXT
    return {place: EXPLAINED[error.code]}


async def _form(
    request: Request,
    actor: Actor,
    held: Held,
    draft: Draft,
    values: dict[str, str],
    errors: dict[str, str] | None = None,
    *,
    beside: dict[str, str] | None = None,
    status: int = 200,
) -> HTMLResponse:
    """`beside` is what was wrong when the notice came: it stands at its field without being a mistake of the reader."""
    async with transaction(actor) as tx:
        sender = await store.get_sender(tx, held.sender_id)
    here = f"/notices/quarantine/{held.id}"
    context: dict[str, Any] = {
        "held": held,
        "draft": draft,
        "values": values,
        "beside": errors or beside or {},
        "statuses": sorted(sender.mapping["statuses"]),
        "language_url": lambda language: f"{here}/correct?lang={language}",
        "breadcrumbs": [NOTICES, QUARANTINE, (title_of(held), here), (mark("Put right"), None)],
    }
    return intake_page(request, actor, "correct", status, errors=errors or {}, **context)

"""Pages of issuing: a person with facts, rights and tokens; a token with its code and what may be done with it."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse, Response

from amis.granting import store as granting
from amis.issuing import request_store, request_words, service, store, words
from amis.issuing.card_view import card_view
from amis.issuing.errors import NumberInvalid
from amis.issuing.models import Token
from amis.issuing.person_view import sorted_answers, timeline_rows
from amis.issuing.printing import letter_of
from amis.issuing.token_view import view
from amis.kernel.actor import Actor
from amis.kernel.clock import today
from amis.kernel.db import Transaction, transaction
from amis.kernel.errors import Conflict, Invalid, PurposeMissing
from amis.kernel.permission import permission
from amis.register import store as register
from amis.staff.guard import current_actor
from amis.staff.purpose import require_purpose
from amis.web.formats import day as written_day
from amis.web.formats import parse_day
from amis.web.i18n import language_of, mark
from amis.web.pages import render
from amis.web.posted import posted
from cards import qr
from cards.number import readable_number
from cards.token import Kind, State

pages = APIRouter(include_in_schema=False)
Acting = Annotated[Actor, Depends(current_actor)]
Deed = Callable[[Transaction, UUID, str], Awaitable[Token]]
_PERSONS = (mark("Persons"), "/persons")
_TOKENS = (mark("Tokens"), "/tokens")
_NO_DAY = mark("Enter a day such as 31/05/2026")
_NOT_FOUND = mark("Your municipality has no token with this number")
_PRIVATE = {"cache-control": "no-store"}


@pages.get("/persons/{person_id}")
@permission("person.read")
async def show_person(request: Request, person_id: UUID, actor: Acting, day: str = "") -> Response:
    """A person, for a stated purpose: facts, rights, why or why not on a day, tokens; under whichever id they had."""
    async with transaction(actor) as tx:
        stands = await register.standing_for(tx, person_id)
    if stands != person_id:
        return RedirectResponse(f"/persons/{stands}", 303)
    chosen, errors = _chosen_day(day)
    return await _person_page(request, actor, person_id, chosen, errors, 422 if errors else 200, day)


@pages.post("/persons/{person_id}/tokens")
@permission("token.issue")
async def issue(request: Request, person_id: UUID, actor: Acting) -> Response:
    """Issues a QR token, and shows it."""
    try:
        async with transaction(actor) as tx:
            made = await service.issue_qr(tx, person_id)
    except Conflict as error:
        return await _person_page(request, actor, person_id, today(), {"issue": error.title}, error.status)
    return RedirectResponse(f"/tokens/{made.id}?notice=issued", 303)


def _chosen_day(typed: str) -> tuple[date, dict[str, str]]:
    if not typed:
        return today(), {}
    try:
        return parse_day(typed), {}
    except ValueError:
        return today(), {"day": _NO_DAY}


async def _person_page(
    request: Request,
    actor: Actor,
    person_id: UUID,
    day: date,
    errors: dict[str, str],
    status: int,
    typed: str = "",
) -> HTMLResponse:
    purpose, language = require_purpose(request, person_id), language_of(request)
    async with transaction(actor) as tx:
        person = await register.open_person(tx, person_id, purpose)
        facts = await register.facts_timeline(tx, person_id)
        rights = await granting.entitlements_of(tx, person_id)
        answers = await granting.explain(tx, person_id, day)
        tokens = await store.tokens_of(tx, person_id)
        asked = await request_store.requests_of(tx, person_id)
    return render(
        request,
        "issuing/person.html",
        actor=actor,
        status=status,
        breadcrumbs=[_PERSONS, (mark("Person"), None)],
        errors=errors,
        person=person,
        rows=timeline_rows(facts, rights, language),
        today=today(),
        typed=typed or written_day(day, language),
        why=sorted_answers(day, answers),
        tokens=tokens,
        may_issue=actor.may("token.issue") and not _has_qr(tokens),
        has_right=any(today() in right.periods for right in rights),
        asked=asked,
        reasons=request_words.REASONS,
        states=request_words.STATES,
        **_wording(),
    )


def _has_qr(tokens: list[Token]) -> bool:
    return any(one.kind == Kind.QR and one.state != State.ENDED for one in tokens)


def _wording() -> dict[str, Any]:
    return {"kinds": words.KINDS, "why_of": words.why, "readable": readable_number}


@pages.get("/tokens")
@permission("token.read")
async def list_tokens(request: Request, actor: Acting) -> HTMLResponse:
    """The tokens requested last, and the field in which one is looked up."""
    return await _list_page(request, actor, "", {})


@pages.post("/tokens")
@permission("token.read")
async def find_token(request: Request, actor: Acting) -> Response:
    """Goes to the token with the number."""
    typed = (await posted(request, "number"))["number"]
    try:
        async with transaction(actor) as tx:
            found = await store.find_by_number(tx, typed)
    except NumberInvalid as error:
        return await _list_page(request, actor, typed, {"number": error.title})
    if found is None:
        return await _list_page(request, actor, typed, {"number": _NOT_FOUND})
    return RedirectResponse(f"/tokens/{found}", 303)


async def _list_page(request: Request, actor: Actor, typed: str, errors: dict[str, str]) -> HTMLResponse:
    async with transaction(actor) as tx:
        tokens = await store.recent_tokens(tx)
    status = 422 if errors else 200
    shown: dict[str, Any] = {"tokens": tokens, "typed": typed, "errors": errors, **_wording()}
    return render(request, "issuing/tokens.html", actor=actor, status=status, **shown)


@pages.get("/tokens/{token_id}")
@permission("token.read")
async def show_token(request: Request, token_id: UUID, actor: Acting, show: str = "") -> HTMLResponse:
    """A token: its state, its history, what may be done; its code once a purpose is stated for its holder."""
    return await token_page(request, actor, token_id, {}, 200, must_show=show == "code")


@pages.post("/tokens/{token_id}/block")
@permission("token.block")
async def block(request: Request, token_id: UUID, actor: Acting) -> Response:
    """Blocks the token."""
    return await _do(request, actor, token_id, service.block, "block_reason", "blocked")


@pages.post("/tokens/{token_id}/unblock")
@permission("token.block")
async def unblock(request: Request, token_id: UUID, actor: Acting) -> Response:
    """Makes the token active again."""
    return await _do(request, actor, token_id, service.unblock, "unblock_reason", "unblocked")


@pages.post("/tokens/{token_id}/replace")
@permission("token.issue")
async def replace(request: Request, token_id: UUID, actor: Acting) -> Response:
    """Replaces the token and goes to the new one."""
    return await _do(request, actor, token_id, service.replace, "replace_reason", "replaced")


@pages.post("/tokens/{token_id}/end")
@permission("token.issue")
async def end(request: Request, token_id: UUID, actor: Acting) -> Response:
    """Ends the token for ever."""
    return await _do(request, actor, token_id, service.end, "end_reason", "ended")


async def _do(request: Request, actor: Actor, token_id: UUID, deed: Deed, field: str, notice: str) -> Response:
    reason = (await posted(request, field))[field]
    try:
        async with transaction(actor) as tx:
            token = await deed(tx, token_id, reason)
    except (Invalid, Conflict) as error:
        return await token_page(request, actor, token_id, {field: error.title}, error.status)
    return RedirectResponse(f"/tokens/{token.id}?notice={notice}", 303)


async def token_page(
    request: Request, actor: Actor, token_id: UUID, errors: dict[str, str], status: int, *, must_show: bool = False
) -> HTMLResponse:
    """The page of a token; `errors` stand beside the fields, `must_show`: a purpose has to be stated first."""
    language = language_of(request)
    async with transaction(actor) as tx:
        token = await store.get_token(tx, token_id)
        purpose = require_purpose(request, token.person_id) if must_show else _stated_purpose(request, token)
        shown = await view(tx, token_id, purpose, language)
        card = await card_view(tx, shown.token)
    lists = {
        f"{name}_options": words.options(known, language)
        for name, known in {
            "block": words.BLOCK,
            "unblock": words.UNBLOCK,
            "replace": words.REPLACE,
            "end": words.END,
            "lost": words.LOST,
            "spoil": words.SPOILED,
        }.items()
    }
    crumbs = [_TOKENS, (readable_number(token.number), None)]
    page: dict[str, Any] = {"breadcrumbs": crumbs, "errors": errors, "view": shown, "card": card, **lists, **_wording()}
    return render(request, "issuing/token.html", actor=actor, status=status, **page)


def _stated_purpose(request: Request, token: Token) -> str | None:
    try:
        return require_purpose(request, token.person_id)
    except PurposeMissing:
        return None


@pages.get("/tokens/{token_id}/letter.pdf")
@permission("token.issue")
async def print_letter(request: Request, token_id: UUID, actor: Acting) -> Response:
    """The letter to the holder."""
    async with transaction(actor) as tx:
        token = await store.get_token(tx, token_id)
        content = await letter_of(tx, token_id, require_purpose(request, token.person_id), language_of(request))
    # Imported with the first letter: the PDF library would add 35 MB to every web process.
    from cards.artwork import letter

    return _download(await run_in_threadpool(letter, content), "application/pdf", "letter.pdf")


@pages.get("/tokens/{token_id}/qr.svg")
@permission("token.issue")
async def print_svg(request: Request, token_id: UUID, actor: Acting) -> Response:
    """The code as a drawing, for print."""
    text = await _opened_text(request, token_id, actor)
    return _download(qr.svg(text, "Q").encode(), "image/svg+xml", "qr.svg")


@pages.get("/tokens/{token_id}/qr.png")
@permission("token.issue")
async def print_png(request: Request, token_id: UUID, actor: Acting) -> Response:
    """The code as a picture, for print."""
    return _download(qr.png(await _opened_text(request, token_id, actor), "Q"), "image/png", "qr.png")


async def _opened_text(request: Request, token_id: UUID, actor: Actor) -> str:
    async with transaction(actor) as tx:
        token = await store.get_token(tx, token_id)
        shown = await store.open_credential(tx, token, require_purpose(request, token.person_id))
    return shown.text


def _download(content: bytes, media_type: str, name: str) -> Response:
    headers = _PRIVATE | {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)

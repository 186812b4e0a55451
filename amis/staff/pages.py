"""Pages of signing in and out, of one's own account, and the start page."""

from datetime import timedelta
from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.permission import PUBLIC, permission
from amis.kernel.settings import settings
from amis.staff import cookies, service, sign_in, store
from amis.staff.caller import SESSION
from amis.staff.guard import current_actor, visitor
from amis.staff.purpose import LONGEST_NOTE, PURPOSES, prompt, worded
from amis.staff.return_path import safe_path
from amis.staff.roles import permissions, role_names
from amis.staff.sign_in import Refused
from amis.staff.store import FoundSession
from amis.web.i18n import mark
from amis.web.pages import render

pages = APIRouter(include_in_schema=False)

Visitor = Annotated[Actor | None, Depends(visitor)]
Caller = Annotated[Actor, Depends(current_actor)]
Text = Annotated[str, Form(max_length=1000)]
Next = Annotated[str, Form(alias="next", max_length=500)]

_WRONG = mark("The e-mail address or password is wrong, or there were too many attempts: wait a little and try again")
_WRONG_CODE = mark("The code is wrong or was used already, or there were too many attempts: wait for the next code")
_OVER = mark("The password was given too long ago: start again")
_NO_PURPOSE = mark("Choose the purpose")


@pages.get("/")
@permission(PUBLIC)
async def home(request: Request, actor: Visitor) -> Response:
    """What the caller may do; somebody not signed in is sent to sign in."""
    if actor is None:
        return RedirectResponse("/sign-in", 303)
    session: FoundSession | None = request.scope.get(SESSION)
    allowed = [text for name, text in permissions().items() if actor.may(name)]
    roles = _role_texts(session) if session else []
    return render(request, "staff/home.html", actor=actor, roles=roles, allowed=allowed)


@pages.get("/sign-in")
@permission(PUBLIC)
async def sign_in_form(request: Request, next: str = "/") -> Response:
    """Asks for e-mail and password."""
    return render(request, "staff/sign_in.html", email="", next=safe_path(next))


@pages.post("/sign-in")
@permission(PUBLIC)
async def give_password(request: Request, email: Text = "", password: Text = "", next_path: Next = "/") -> Response:
    """The first step of signing in."""
    given = await sign_in.with_password(email, password, _browser(request))
    target = safe_path(next_path)
    if isinstance(given, Refused):
        errors = {"email": _WRONG}
        return render(request, "staff/sign_in.html", status=422, errors=errors, email=email, next=target)
    await _end_own(request)
    answer = RedirectResponse(f"/sign-in/code?next={quote(target)}", 303)
    cookies.give(answer, given, settings())
    return answer


@pages.get("/sign-in/code")
@permission(PUBLIC)
async def code_form(request: Request, next: str = "/") -> Response:
    """Asks for the code of the second device."""
    return render(request, "staff/code.html", next=safe_path(next))


@pages.post("/sign-in/code")
@permission(PUBLIC)
async def give_code(request: Request, code: Text = "", next_path: Next = "/") -> Response:
    """The second step of signing in."""
    target = safe_path(next_path)
    secret = cookies.session_secret(request.cookies, settings()) or ""
    given = await sign_in.with_code(secret, code, _browser(request), timedelta(hours=settings().session_hours))
    if given is Refused.OVER:
        return render(request, "staff/sign_in.html", status=422, errors={"email": _OVER}, email="", next=target)
    if isinstance(given, Refused):
        return render(request, "staff/code.html", status=422, errors={"code": _WRONG_CODE}, next=target)
    answer = RedirectResponse(target, 303)
    cookies.give(answer, given, settings())
    return answer


@pages.post("/sign-out")
@permission(PUBLIC)
async def sign_out(request: Request) -> Response:
    """Ends the session on the server and in the browser."""
    await _end_own(request, "signed out")
    answer = RedirectResponse("/sign-in?notice=signed-out", 303)
    cookies.take_back(answer, settings())
    return answer


@pages.get("/account")
@permission("account.own")
async def account(request: Request, actor: Caller) -> Response:
    """The caller's own sessions and language."""
    own: FoundSession = request.scope[SESSION]
    async with transaction(actor) as tx:
        sessions = await store.live_sessions(tx, own.account_id)
    return render(request, "staff/account.html", actor=actor, own=own, sessions=sessions, roles=_role_texts(own))


@pages.post("/account/sessions/{session_id}/end")
@permission("account.own")
async def end_session(request: Request, actor: Caller, session_id: UUID) -> Response:
    """Ends one of the caller's own sessions."""
    own: FoundSession = request.scope[SESSION]
    async with transaction(actor) as tx:
        await service.end_session(tx, session_id, own.account_id, "ended by its owner")
    return RedirectResponse("/account?notice=saved", 303)


@pages.post("/purpose")
@permission("person.read")
async def state_purpose(
    request: Request,
    actor: Caller,
    person_id: Annotated[UUID, Form()],
    purpose: Text = "",
    note: Text = "",
    next_path: Next = "/",
) -> Response:
    """Keeps the purpose for this person in the session and goes on to the page that asked."""
    own: FoundSession = request.scope[SESSION]
    note, target = " ".join(note.split())[:LONGEST_NOTE], safe_path(next_path)
    if purpose not in PURPOSES:
        entered = {"person_id": str(person_id), "next": target, "note": note}
        return prompt(request, {"purpose": _NO_PURPOSE}, **entered)
    async with transaction(actor) as tx:
        await service.keep_purpose(tx, own.id, person_id, worded(purpose, note))
    return RedirectResponse(target, 303)


async def _end_own(request: Request, reason: str = "signed in anew") -> None:
    """Ends the session that the browser is about to lose, so that nothing stays open that nobody holds."""
    actor, session = visitor(request), request.scope.get(SESSION)
    if actor is not None and session is not None:
        async with transaction(actor) as tx:
            await service.end_session(tx, session.id, session.account_id, reason)


def _role_texts(session: FoundSession) -> list[str]:
    names = role_names()
    return [names[role] for role in session.roles if role in names]


def _browser(request: Request) -> str:
    return request.headers.get("user-agent", "")

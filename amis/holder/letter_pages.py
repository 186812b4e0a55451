"""Printing the letter of a token: without a name or with it, and with a code for the holder's phone where wanted."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, Response

from amis.holder import service
from amis.holder.pages import host
from amis.issuing import store as tokens
from amis.issuing.printing import letter_of
from amis.kernel.actor import Actor
from amis.kernel.clock import RIGA
from amis.kernel.db import Transaction, transaction
from amis.kernel.errors import Conflict
from amis.kernel.permission import permission
from amis.staff.guard import current_actor
from amis.staff.purpose import require_purpose
from amis.web.i18n import language_of, mark
from amis.web.pages import render
from amis.web.posted import posted
from cards.letter import Access, Letter
from cards.number import readable_number

pages = APIRouter(include_in_schema=False)
Acting = Annotated[Actor, Depends(current_actor)]
_TOKENS = (mark("Tokens"), "/tokens")
_FILE = {"cache-control": "no-store", "content-disposition": 'attachment; filename="letter.pdf"'}


@pages.get("/tokens/{token_id}/letter")
@permission("token.issue")
async def choose(request: Request, token_id: UUID, actor: Acting) -> HTMLResponse:
    """What is to be in the letter, for a stated purpose: the letter opens whose token it is."""
    async with transaction(actor) as tx:
        require_purpose(request, (await tokens.get_token(tx, token_id)).person_id)
    return await _page(request, actor, token_id, {}, 200)


@pages.post("/tokens/{token_id}/letter")
@permission("token.issue")
async def print_letter(request: Request, token_id: UUID, actor: Acting) -> Response:
    """The letter as a PDF."""
    wanted = await posted(request, "profile", "access")
    try:
        async with transaction(actor) as tx:
            token = await tokens.get_token(tx, token_id)
            purpose = require_purpose(request, token.person_id)
            access = await _access(tx, token_id) if wanted["access"] == "yes" and actor.may("holder.enrol") else None
            named, language = wanted["profile"] == "P", language_of(request)
            content = await letter_of(tx, token_id, purpose, language, named=named, access=access)
    except Conflict as error:
        return await _page(request, actor, token_id, {"profile": error.title}, error.status)
    return Response(await run_in_threadpool(_drawn, content), media_type="application/pdf", headers=_FILE)


async def _access(tx: Transaction, token_id: UUID) -> Access:
    code, until = await service.give_code(tx, token_id, service.ON_LETTER)
    return Access(code, host(), until.astimezone(RIGA).date())


def _drawn(content: Letter) -> bytes:
    # Imported with the first letter: the PDF library would add 35 MB to every web process.
    from cards.artwork import letter

    return letter(content)


async def _page(request: Request, actor: Actor, token_id: UUID, errors: dict[str, str], status: int) -> HTMLResponse:
    async with transaction(actor) as tx:
        token = await tokens.get_token(tx, token_id)
    number = readable_number(token.number)
    crumbs = [_TOKENS, (number, f"/tokens/{token_id}"), (mark("Letter"), None)]
    shown = {"token": token, "number": number, "breadcrumbs": crumbs, "errors": errors}
    return render(request, "holder/letter.html", actor=actor, status=status, **shown)

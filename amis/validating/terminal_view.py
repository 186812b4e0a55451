"""The page of one terminal as it is shown after each step: how it stands, what may be done to it, what was done."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from fastapi import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from amis.concessions.store import list_concessions
from amis.kernel.actor import Actor
from amis.kernel.db import Transaction, transaction
from amis.kernel.errors import Conflict, Invalid
from amis.kernel.settings import settings
from amis.staff.store import list_accounts
from amis.validating import provider_store, terminal_store
from amis.validating.chip_keys import chip_keys_of
from amis.validating.gaps import gap_report
from amis.validating.pairing_view import ShownCode, progress
from amis.validating.reserve_store import open_reserves
from amis.validating.terminal_words import DEEDS, KEY_CHOICES, STANDING_LABELS
from amis.web.i18n import mark
from amis.web.pages import render

LIST = (mark("Terminals"), "/terminals")


async def do(
    request: Request,
    actor: Actor,
    terminal_id: UUID,
    deed: Callable[[Transaction], Awaitable[None]],
    notice: str = "saved",
) -> Response:
    """Does something to a terminal and goes back to its page, or shows there why it was refused."""
    try:
        async with transaction(actor) as tx:
            await deed(tx)
    except (Conflict, Invalid) as error:
        errors = {error.pointer.strip("/"): error.title}
        return await terminal_page(request, actor, terminal_id, errors=errors, status=error.status)
    return RedirectResponse(f"/terminals/{terminal_id}?notice={notice}", 303)


async def terminal_page(
    request: Request,
    actor: Actor,
    terminal_id: UUID,
    *,
    code: ShownCode | None = None,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> HTMLResponse:
    """The page of a terminal as the answer to whatever was asked."""
    async with transaction(actor) as tx:
        page = await _shown(tx, terminal_id)
    page |= {"code": code, "errors": errors or {}, "url": settings().public_url.rstrip("/")}
    # a form's own address cannot be asked for again: in another language the page itself is shown
    page |= {"language_url": lambda language: f"/terminals/{terminal_id}?lang={language}"}
    return render(request, "validating/terminal.html", actor=actor, status=status, **page)


async def _shown(tx: Transaction, terminal_id: UUID) -> dict[str, Any]:
    terminal = await terminal_store.get_terminal(tx, terminal_id)
    found = await terminal_store.pairings(tx, terminal_id)
    newest = found[0] if found else None
    return {
        "terminal": terminal,
        "chip_keys": await chip_keys_of(tx, terminal_id),
        "key_choices": [(which, label) for which, label in KEY_CHOICES.items()],
        "ours": terminal.municipality_id == tx.municipality_id and tx.actor.may("terminal.write"),
        "labels": STANDING_LABELS,
        "newest": newest,
        "pairings": found,
        "progress": progress(newest, tx.at),
        "places": [
            (str(place.id), f"{place.code} {place.name}")
            for place in await provider_store.all_places(tx, terminal.provider_id)
        ],
        "journals": await gap_report(tx, terminal_id),
        "reserves": await open_reserves(tx, terminal_id) if tx.actor.may("conflict.read") else [],
        "concessions": {concession.id: concession.code for concession in await list_concessions(tx)},
        "history": await terminal_store.history(tx, terminal_id),
        "deeds": DEEDS,
        "names": {str(account.id): account.name for account, _ in await list_accounts(tx)},
        "breadcrumbs": [LIST, (terminal.label, None)],
    }

"""The page on which a municipality says what its holders are told, with a sample of each text in both languages."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from amis.kernel.actor import Actor
from amis.kernel.clock import today
from amis.kernel.db import Transaction, transaction
from amis.kernel.errors import Invalid
from amis.kernel.permission import permission
from amis.kernel.settings import settings
from amis.notifying import setting
from amis.notifying.carriers import carriers
from amis.notifying.content import Content, Item, compose
from amis.notifying.kinds import KINDS, Channel, Kind
from amis.notifying.setting import LIMITS, Telling
from amis.staff.guard import current_actor
from amis.web.i18n import LANGUAGES, mark, translate
from amis.web.pages import render
from amis.web.posted import posted

pages = APIRouter(include_in_schema=False)
Acting = Annotated[Actor, Depends(current_actor)]
_TEXTS = ("sender_lv", "sender_en", "questions")
_SAMPLE = mark("Free rides in town buses")
_PLACE = mark("Customer service centre")


@pages.get("/messages/settings")
@permission("message.write")
async def show_settings(request: Request, actor: Acting, kind: str = "") -> HTMLResponse:
    """What is told; `kind` chooses the sample."""
    return await _page(request, actor, _kind(kind))


@pages.post("/messages/settings")
@permission("message.write")
async def keep_settings(request: Request, actor: Acting) -> Response:
    """Writes the setting, or shows what is wrong beside the fields."""
    values = await posted(request, "active", *LIMITS, *_TEXTS)
    chosen = [str(value) for value in (await request.form()).getlist("kinds")]
    try:
        wanted = _read(values, chosen)
        async with transaction(actor) as tx:
            await setting.change(tx, wanted)
    except Invalid as error:
        fields = values | {"kinds": chosen}
        return await _page(request, actor, Kind.BEGINS, fields, {error.pointer.strip("/"): error.title}, error.status)
    return RedirectResponse("/messages/settings?notice=saved", 303)


def _read(values: dict[str, str], kinds: list[str]) -> Telling:
    told: dict[str, Any] = {name: _number(values[name]) for name in LIMITS}
    told |= {name: values[name] for name in _TEXTS}
    return Telling(active=values["active"] == "yes", kinds=tuple(kinds), **told)


def _number(text: str) -> int:
    """A number of at most four digits; anything else is out of every limit."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else -1


def _kind(text: str) -> Kind:
    return Kind(text) if text in tuple(Kind) else Kind.BEGINS


async def _page(
    request: Request,
    actor: Actor,
    kind: Kind,
    typed: dict[str, Any] | None = None,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> HTMLResponse:
    async with transaction(actor) as tx:
        telling = await setting.current(tx)
        samples = [(name, await _sample(tx, telling, kind, language)) for language, name in LANGUAGES.items()]
    known = {name: getattr(telling, name) for name in Telling.__slots__}
    shown: dict[str, Any] = {
        "breadcrumbs": [(mark("Messages to holders"), "/messages"), (mark("What holders are told"), None)],
        "values": known | {"active": "yes" if telling.active else ""} | (typed or {}),
        "kinds": KINDS,
        "limits": LIMITS,
        "kind": kind,
        "samples": samples,
        "mail": Channel.EMAIL in carriers(settings()),
        "sms": settings().sms_url is not None,
        "errors": errors or {},
    }
    return render(request, "notifying/settings.html", actor=actor, status=status, **shown)


async def _sample(tx: Transaction, telling: Telling, kind: Kind, language: str) -> Content:
    day = today()
    why = {Kind.ENDED: "withdrawn", Kind.SHORTENED: "changed", Kind.EXPIRED: "expired", Kind.BLOCKED: "lost"}
    item = Item(
        kind,
        translate(language, _SAMPLE),
        day,
        day + timedelta(days=90),
        why.get(kind, ""),
        "K7QX",
        translate(language, _PLACE),
    )
    return compose([item], await setting.sender(tx, telling, language), language)

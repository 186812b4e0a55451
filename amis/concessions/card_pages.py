"""Pages of card products: which cards are issued at what fee, and the form that sets it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from amis.concessions import cards, listing
from amis.concessions.form_page import LIST, form_page
from amis.concessions.forms import Form, read_card
from amis.kernel import clock
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.errors import Conflict, Invalid
from amis.kernel.permission import permission
from amis.staff.guard import current_actor
from amis.web.i18n import language_of, mark
from amis.web.pages import render

card_pages = APIRouter(prefix="/cards", include_in_schema=False)
Acting = Annotated[Actor, Depends(current_actor)]
_CARDS = (mark("Card products"), "/concessions/cards")


@card_pages.get("")
@permission("concession.read")
async def show_cards(request: Request, actor: Acting) -> HTMLResponse:
    """All card products with what they cost, now and before."""
    async with transaction(actor) as tx:
        rows = await cards.list_cards(tx)
    found = listing.cards(rows, language_of(request), clock.today())
    return render(
        request, "concessions/cards.html", actor=actor, cards=found, breadcrumbs=[LIST, (mark("Card products"), None)]
    )


@card_pages.get("/new")
@permission("concession.write")
async def ask_card(request: Request, actor: Acting) -> HTMLResponse:
    """The form of a card product or of new fees of one."""
    return _card_form(request, actor, Form({"first_fee": "0,00"}))


@card_pages.post("/new")
@permission("concession.write")
async def write_card(request: Request, actor: Acting) -> Response:
    """Adds a card product, or new fees from their first day."""
    form = Form.of(await request.form())
    draft = read_card(form)
    if draft is not None:
        try:
            async with transaction(actor) as tx:
                await cards.define_card(tx, draft)
            return RedirectResponse("/concessions/cards?notice=saved", 303)
        except (Invalid, Conflict) as error:
            form.refuse(error)
    return _card_form(request, actor, form)


def _card_form(request: Request, actor: Actor, form: Form) -> HTMLResponse:
    return form_page(request, actor, "card", form, breadcrumbs=[LIST, _CARDS, (mark("New card product"), None)])

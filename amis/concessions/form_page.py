"""What the pages with forms of a concession share: the choices in each field, the parts that open, the way back."""

from collections.abc import Mapping
from typing import Any

from fastapi import Request
from starlette.responses import HTMLResponse

from amis.concessions import listing
from amis.concessions.errors import NotTheGrantor
from amis.concessions.forms import Form
from amis.concessions.limits import AMBERS, WEEKDAYS
from amis.concessions.models import Concession
from amis.concessions.scope import MODES, PRODUCTS, SCOPES
from amis.concessions.terms_form import ROWS
from amis.concessions.wording import PER
from amis.kernel.actor import Actor
from amis.web.i18n import language_of, mark
from amis.web.pages import render
from rules.tariff import DiscountKind

LIST = (mark("Concessions"), "/concessions")
KINDS: Mapping[DiscountKind, str] = {
    DiscountKind.FREE: mark("Free of charge"),
    DiscountKind.PERCENT: mark("Per cent off the price"),
    DiscountKind.AMOUNT_OFF: mark("Euros off the price"),
    DiscountKind.FIXED_PRICE: mark("A fixed price in euros"),
    DiscountKind.CAP: mark("The holder pays at most so many euros"),
}
CHOICES: Mapping[str, Mapping[Any, str]] = {
    "kinds": KINDS,
    "periods": PER,
    "scopes": SCOPES,
    "modes": MODES,
    "ambers": AMBERS,
    "weekdays": {str(at): name for at, name in enumerate(WEEKDAYS, 1)},
    "everybody": {
        "universal": mark("everybody, without a token; nobody is recorded"),
        "by_sight": mark("no token is needed, the driver sees it"),
    },
    "choice": {"holder_mode": mark("the holder chooses one of these modes")},
    "checks": {
        "check_photo": mark("the holder's photo is looked at on each use"),
        "online_only": mark("only with a connection"),
    },
    "known_products": PRODUCTS,
}
"""The choices of the fields: value and marked English text."""
PARTS: Mapping[str, tuple[str, ...]] = {
    "products": tuple(f"product_{row}" for row in ROWS),
    "quota": ("carry_until", "quota_amount"),
    "when": ("weekdays", "windows", "dates", "calendar", "calendar_code", "waiver", "pass_back_seconds"),
    "where": ("modes", "other_modes", "choice", "other_zones", "routes", "providers", "places", "products"),
    "whom": ("everybody", "companions", "per_household", "cut_off_day", "exclusive_group", "priority"),
    "funding": tuple(f"{part}_{row}" for row in ROWS for part in ("funder", "share", "funded")),
    "terminal": ("checks", "amber", "cap"),
}
"""The folded parts of the form by name, each with its fields: a part opens when one of them is filled in or wrong."""
_SPARE_ROWS = 2


def form_page(request: Request, actor: Actor, name: str, form: Form, **context: Any) -> HTMLResponse:
    """A page with a form; 422 when something in it is wrong."""
    return render(
        request,
        f"concessions/{name}.html",
        actor=actor,
        status=422 if form.errors else 200,
        form=form,
        errors=form.errors,
        opened={part for part, fields in PARTS.items() if form.touched(fields)},
        product_rows=_rows(form, "product"),
        funder_rows=_rows(form, "funder"),
        **{field: [(str(value), text) for value, text in known.items()] for field, known in CHOICES.items()},
        **context,
    )


def _rows(form: Form, name: str) -> list[int]:
    """The rows that are filled in and some to fill in."""
    last = max((row for row in ROWS if form.touched((f"{name}_{row}",))), default=0)
    return [row for row in ROWS if row <= last + _SPARE_ROWS]


def own(row: Concession, actor: Actor) -> Concession:
    """The concession where the actor's municipality grants it. Raises NotTheGrantor."""
    if row.municipality_id != actor.municipality_id:
        raise NotTheGrantor
    return row


def crumbs(row: Concession, request: Request, label: str) -> list[tuple[str, str | None]]:
    """The way back from a form of one concession."""
    return [LIST, (listing.name_of(row, language_of(request)), f"/concessions/{row.id}"), (label, None)]


def options(rows: list[Any], request: Request) -> list[tuple[str, str]]:
    """Rows with names as choices by code."""
    return [(row.code, listing.name_of(row, language_of(request))) for row in rows]

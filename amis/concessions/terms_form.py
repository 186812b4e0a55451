"""The form of terms read into a draft: each field becomes JSON, and the readers of `rules` say which field is wrong."""

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from amis.concessions.drafts import TermsDraft
from amis.concessions.forms import Form, read_days
from amis.concessions.limits_form import read_limits
from amis.concessions.shapes import to_amount, to_date, to_whole
from amis.web.i18n import mark
from rules.errors import Refused
from rules.funding import Funding
from rules.period import Days
from rules.quota import Quota
from rules.shape import Json
from rules.tariff import Discount, DiscountKind

T = TypeVar("T")
ROWS = range(1, 9)
"""The rows of a table of the form: discounts of products, funders."""
FAULTS: Mapping[str, str] = {
    "discount_kind": mark("Choose a kind of discount"),
    "discount_value": mark("Enter a number such as 50 or 0,85; at most 100 per cent"),
    "product": mark("Enter each product once, with its discount"),
    "quota_n": mark("Enter a whole number from 1 to 100 000, or leave the field empty"),
    "quota_amount": mark("Enter euros such as 30,00, or a number of times, not both"),
    "quota_per": mark("Choose from the list"),
    "carry_until": mark("Enter the last day of a month, such as 31.10.; uses of a year or period are not carried over"),
    "everybody": mark("Nobody is recorded, so nothing can be counted or chosen: leave out the quota and the choice"),
    "funder": mark("Enter each funder once, with per cent or euros; shares alone make up 100 per cent"),
}
_QUOTA_FIELDS = {"/n": "quota_n", "/per": "quota_per", "/amount": "quota_amount"}


def read_terms(form: Form, calendars: Mapping[str, Days] | None = None) -> TermsDraft | None:
    """The terms; None with errors in the form. `calendars` are the named ones, by code."""
    days = read_days(form)
    discount, quota, funding = _discount(form), _quota(form), _funding(form)
    limits = read_limits(form, calendars or {})
    if form.errors or days is None or discount is None or limits is None:
        return None
    draft = TermsDraft(*days, discount, quota, limits, funding)
    if draft.asks_who:
        form.errors["everybody"] = FAULTS["everybody"]
        return None
    return draft


def tried(read: Callable[[object], T], shape: object) -> T | None:
    """What the reader of the rules makes of JSON, None where it refuses it."""
    try:
        return read(shape)
    except Refused:
        return None


def _discount(form: Form) -> Discount | None:
    if form.get("discount_kind") not in {kind.value for kind in DiscountKind}:
        form.errors["discount_kind"] = FAULTS["discount_kind"]
        return None
    shape = _one_discount(form.get("discount_kind"), form.get("discount_value"))
    if tried(Discount.from_json, shape) is None:
        form.errors["discount_value"] = FAULTS["discount_value"]
        return None
    products = dict(_products(form))
    return Discount.from_json(shape | ({"products": products} if products else {}))


def _products(form: Form) -> Iterator[tuple[str, Json]]:
    known: set[str] = set()
    for row in ROWS:
        product, kind, value = (form.get(f"product_{row}{part}") for part in ("", "_kind", "_value"))
        if not (product or value):
            continue
        shape = _one_discount(kind, value)
        if not product or product in known or tried(Discount.from_json, shape) is None:
            form.errors[f"product_{row}"] = FAULTS["product"]
        else:
            known.add(product)
            yield product, shape


def _one_discount(kind: str, value: str) -> Json:
    # a value that was left standing beside "free" means nothing
    return {"kind": kind} if kind == DiscountKind.FREE else {"kind": kind, "value": to_amount(value)}


def _quota(form: Form) -> Quota | None:
    n, amount = form.get("quota_n"), form.get("quota_amount")
    if not n and not amount:
        return None
    per: Json = {"per": form.get("quota_per")}
    shape: Json = {"amount": to_amount(amount)} | per if amount else {"n": to_whole(n)} | per
    if form.get("carry_until"):
        shape["carry_until"] = to_date(form.get("carry_until"))
    if n and amount:
        form.errors["quota_amount"] = FAULTS["quota_amount"]
        return None
    try:
        return Quota.from_json(shape)
    except Refused as error:
        field = _QUOTA_FIELDS.get(error.place, "carry_until")
        form.errors[field] = FAULTS[field]
        return None


def _funding(form: Form) -> Funding:
    rows = [row for row in ROWS if any(form.get(f"{part}_{row}") for part in ("funder", "share", "funded"))]
    for row in rows:
        if form.get(f"share_{row}") and form.get(f"funded_{row}"):
            form.errors[f"funder_{row}"] = FAULTS["funder"]
    try:
        return Funding.from_json([_part(form, row) for row in rows])
    except Refused as error:
        at = error.place.split("/")[1:]
        form.errors[f"funder_{rows[int(at[0])] if at else rows[0]}"] = FAULTS["funder"]
        return Funding()


def _part(form: Form, row: int) -> Json:
    share, amount = form.get(f"share_{row}"), form.get(f"funded_{row}")
    figure: Json = {"share": to_amount(share)} if share else {"amount": to_amount(amount)}
    return {"funder": form.get(f"funder_{row}")} | figure

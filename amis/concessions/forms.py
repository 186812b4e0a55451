"""The forms of a concession: what was typed, read into drafts, with an error beside each field that is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from starlette.datastructures import FormData

from amis.concessions.drafts import CODE, LONGEST, Description, TermsDraft
from amis.concessions.scope import SCOPES
from amis.kernel.errors import AmisError
from amis.web.formats import parse_day
from amis.web.i18n import mark
from rules.tariff import Discount, DiscountKind, Per, Quota
from rules.terms import Terms

KINDS: Mapping[DiscountKind, str] = {
    DiscountKind.FREE: mark("Free of charge"),
    DiscountKind.PERCENT: mark("Per cent off the price"),
    DiscountKind.AMOUNT_OFF: mark("Euros off the price"),
    DiscountKind.FIXED_PRICE: mark("A fixed price in euros"),
    DiscountKind.CAP: mark("The grantor pays at most so many euros"),
}
REQUIRED: Mapping[str, str] = {
    "name_lv": mark("Enter the name in Latvian"),
    "name_en": mark("Enter the name in English"),
    "group_code": mark("Choose a group"),
    "legal_basis": mark("Enter the legal basis"),
    "funder": mark("Enter who pays"),
}
_FIRST_DAY = date(1990, 1, 1)
_MOST = Decimal(1000)
_MOST_USES = 100_000


@dataclass
class Form:
    """What was typed into a form and what is wrong with it: `errors` maps a field to a marked English text."""

    values: dict[str, str]
    zones: list[str] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, data: FormData) -> "Form":
        """The text fields and the ticked zones of a posted form; files are not taken."""
        texts = {key: value.strip() for key, value in data.items() if isinstance(value, str)}
        return cls(texts, [zone for zone in data.getlist("zones") if isinstance(zone, str)])

    def get(self, name: str) -> str:
        """What was typed into a field, "" for nothing."""
        return self.values.get(name, "")

    def refuse(self, error: AmisError) -> None:
        """Puts a refusal of the service beside the field that it points to."""
        self.errors[error.pointer.strip("/")] = error.title


def read_code(form: Form, name: str = "code") -> str:
    """The code of a concession or group."""
    if not CODE.fullmatch(form.get(name)):
        form.errors[name] = mark("Enter 2 to 32 capital letters, digits or hyphens, beginning with a letter")
    return form.get(name)


def read_description(form: Form) -> Description:
    """What is said of a concession; errors go to the form."""
    for name, text in REQUIRED.items():
        if not form.get(name):
            form.errors[name] = text
    for name in Description.__slots__:
        if len(form.get(name)) > LONGEST:
            form.errors[name] = mark("Enter at most 1000 characters")
    return Description(**{name: form.get(name) for name in Description.__slots__})


def read_terms(form: Form, default: Terms) -> TermsDraft | None:
    """The terms; None with errors in the form. Limits that the form does not show are kept from `default`."""
    discount = _discount(form)
    quota = _quota(form)
    start = _day(form, "valid_from", required=True)
    last = _day(form, "last_day", required=False)
    unknown = set(form.zones) - SCOPES.keys()
    if unknown:
        form.errors["zones"] = mark("Choose from the list")
    if start and last and last < start:
        form.errors["last_day"] = mark("The last day must not be before the first")
    if form.errors or start is None or discount is None:
        return None
    end = last + timedelta(days=1) if last else None
    return TermsDraft(start, end, discount, quota, _with_zones(default, frozenset(form.zones)))


def _with_zones(terms: Terms, zones: frozenset[str]) -> Terms:
    shape = {key: value for key, value in terms.to_json().items() if key != "zones"}
    return Terms.from_json(shape | ({"zones": sorted(zones)} if zones else {}))


def _discount(form: Form) -> Discount | None:
    if form.get("discount_kind") not in {kind.value for kind in KINDS}:
        form.errors["discount_kind"] = mark("Choose a kind of discount")
        return None
    kind = DiscountKind(form.get("discount_kind"))
    if kind is DiscountKind.FREE:
        return Discount(kind)
    value = _amount(form.get("discount_value"))
    if value is None or (kind is DiscountKind.PERCENT and value > 100):
        form.errors["discount_value"] = mark("Enter a number such as 50 or 0,85; at most 100 per cent")
        return None
    return Discount(kind, value)


def _amount(text: str) -> Decimal | None:
    try:
        value = Decimal(text.replace(",", "."))
    except InvalidOperation:
        return None
    exponent = value.as_tuple().exponent
    fits = value.is_finite() and isinstance(exponent, int) and exponent >= -4 and 0 <= value <= _MOST
    # "1E+2" is a number too, but no amount as the rules write it
    return Decimal(f"{value:f}") if fits else None


def _quota(form: Form) -> Quota | None:
    if not form.get("quota_n"):
        return None
    typed = form.get("quota_n")
    n = int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= 6 else 0
    if not 1 <= n <= _MOST_USES:
        form.errors["quota_n"] = mark("Enter a whole number from 1 to 100 000, or leave the field empty")
        return None
    if form.get("quota_per") not in {per.value for per in Per}:
        form.errors["quota_per"] = mark("Choose from the list")
        return None
    return Quota(n, Per(form.get("quota_per")))


def _day(form: Form, name: str, *, required: bool) -> date | None:
    typed = form.get(name)
    if not typed and not required:
        return None
    try:
        found = parse_day(typed)
    except ValueError:
        found = date.min
    if not _FIRST_DAY <= found < date(9999, 12, 31):
        form.errors[name] = mark("Enter a day such as 31/05/2026")
        return None
    return found

"""What was typed into the forms of a concession, read into drafts with an error beside each field that is wrong."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from starlette.datastructures import FormData

from amis.concessions.cards import CardDraft
from amis.concessions.drafts import CODE, LONGEST, TEXTS, Description
from amis.kernel.errors import AmisError
from amis.web.formats import parse_day
from amis.web.i18n import mark
from rules.errors import Refused
from rules.shape import money

REQUIRED: Mapping[str, str] = {
    "name_lv": mark("Enter the name in Latvian"),
    "name_en": mark("Enter the name in English"),
    "group_code": mark("Choose a group"),
    "legal_basis": mark("Enter the legal basis"),
    "funder": mark("Enter who pays"),
}
EUROS = mark("Enter euros with at most two decimals, such as 2,85")
TICKED = ("zones", "modes", "weekdays", "everybody", "choice", "checks")
"""The fields of which several may be ticked."""
_FIRST_DAY = date(1990, 1, 1)


@dataclass
class Form:
    """What was typed into a form and what is wrong with it: `errors` maps a field to a marked English text."""

    values: dict[str, str]
    ticked: dict[str, list[str]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, data: FormData) -> "Form":
        """The text fields and the ticks of a posted form; files are not taken."""
        texts = {key: value.strip() for key, value in data.items() if isinstance(value, str) and key not in TICKED}
        ticks = {key: [value for value in data.getlist(key) if isinstance(value, str)] for key in TICKED}
        return cls(texts, ticks)

    def get(self, name: str) -> str:
        """What was typed into a field, "" for nothing."""
        return self.values.get(name, "")

    def ticks(self, name: str) -> list[str]:
        """What was ticked in a field."""
        return self.ticked.get(name, [])

    def touched(self, names: Collection[str]) -> bool:
        """Whether one of these fields is filled in or wrong, so that it has to be seen."""
        return any(self.get(name) or self.ticks(name) or name in self.errors for name in names)

    def refuse(self, error: AmisError) -> None:
        """Puts a refusal of the service beside the field that it points to."""
        self.errors[error.pointer.strip("/")] = error.title


def read_code(form: Form, name: str = "code") -> str:
    """The code of a concession, group or card."""
    if not CODE.fullmatch(form.get(name)):
        form.errors[name] = mark("Enter 2 to 32 capital letters, digits or hyphens, beginning with a letter")
    return form.get(name)


def read_description(form: Form) -> Description:
    """What is said of a concession; errors go to the form."""
    _require(form, REQUIRED)
    for name in TEXTS:
        if len(form.get(name)) > LONGEST:
            form.errors[name] = mark("Enter at most 1000 characters")
    said: dict[str, Any] = {name: form.get(name) for name in TEXTS}
    budget = read_euros(form, "budget") if form.get("budget") else None
    cost = read_euros(form, "administration_cost") if form.get("administration_cost") else Decimal("0.00")
    return Description(**said, budget=budget, administration_cost=cost)


def read_card(form: Form) -> CardDraft | None:
    """A card product; None with errors in the form."""
    code = read_code(form)
    _require(form, ("name_lv", "name_en", "legal_basis"))
    fees = read_euros(form, "first_fee"), read_euros(form, "replacement_fee")
    months = form.get("valid_months")
    if not (months.isascii() and months.isdigit() and len(months) <= 3 and 1 <= int(months) <= 600):
        form.errors["valid_months"] = mark("Enter a whole number of months from 1 to 600")
    days = read_days(form)
    if form.errors or days is None:
        return None
    texts = form.get("name_lv"), form.get("name_en")
    return CardDraft(code, *texts, *fees, int(months), form.get("legal_basis"), *days)


def read_euros(form: Form, name: str) -> Decimal:
    """An amount in whole cents; 0 with an error in the form."""
    try:
        amount = money(form.get(name).replace(",", "."), "")
    except Refused:
        amount = Decimal("-1")
    if amount < 0 or amount != amount.quantize(Decimal("0.01")):
        form.errors[name] = EUROS
        return Decimal(0)
    return amount.quantize(Decimal("0.01"))


def read_days(form: Form) -> tuple[date, date | None] | None:
    """The half-open days from `valid_from` to the end of `last_day`; None with errors in the form."""
    start = _day(form, "valid_from", required=True)
    last = _day(form, "last_day", required=False)
    if start and last and last < start:
        form.errors["last_day"] = mark("The last day must not be before the first")
    if start is None or {"valid_from", "last_day"} & form.errors.keys():
        return None
    return start, last + timedelta(days=1) if last else None


def _require(form: Form, names: Collection[str]) -> None:
    form.errors |= {name: REQUIRED[name] for name in names if not form.get(name)}


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

"""What a report covers, as asked for in an address: months, provider, concession, funder."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from amis.web.i18n import mark

MOST_MONTHS = 36
_USUAL_MONTHS = 12
_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")
_PROVIDER = re.compile(r"[A-Z0-9-]{2,32}")
NOT_A_MONTH = mark("Enter a month such as 2026-05")
REVERSED = mark("The last month must not be before the first")
TOO_MANY = mark("Choose at most 36 months")
NOT_IN_LIST = mark("Choose from the list")


@dataclass(frozen=True, slots=True)
class Scope:
    """Months from `first` to `last`, both included, each as its first day; None means all of that kind."""

    first: date
    last: date
    provider: str | None = None
    concession: UUID | None = None
    funder: str | None = None

    @property
    def months(self) -> list[date]:
        """Every month covered, in order."""
        count = _number(self.last) - _number(self.first) + 1
        return [shifted(self.first, step) for step in range(count)]


def usual(today: date) -> Scope:
    """The last twelve months."""
    last = today.replace(day=1)
    return Scope(shifted(last, 1 - _USUAL_MONTHS), last)


def read_scope(asked: Mapping[str, str], today: date) -> tuple[Scope, dict[str, str]]:
    """The scope that `from`, `to`, `provider`, `concession`, `funder` ask for, and what is wrong by field.

    What is missing is taken as usual; with errors the scope is the usual one.
    """
    errors: dict[str, str] = {}
    default = usual(today)
    last = _month(asked, "to", default.last, errors)
    first = _month(asked, "from", min(default.first, shifted(last, 1 - _USUAL_MONTHS)), errors)
    provider, concession = asked.get("provider", ""), _id(asked, "concession", errors)
    if provider and not _PROVIDER.fullmatch(provider):
        errors["provider"] = NOT_IN_LIST
    if not errors and first > last:
        errors["to"] = REVERSED
    if not errors and _number(last) - _number(first) >= MOST_MONTHS:
        errors["to"] = TOO_MANY
    scope = Scope(first, last, provider or None, concession, asked.get("funder") or None)
    return (default if errors else scope), errors


def shifted(month: date, by: int) -> date:
    """The first day of the month `by` months after `month`."""
    year, index = divmod(_number(month) + by, 12)
    return date(year, index + 1, 1)


def month_text(month: date) -> str:
    """A month as addresses and files write it (ISO 8601: 2026-05)."""
    return f"{month:%Y-%m}"


def read_month(text: str) -> date | None:
    """The first day of a month written as 2026-05; None for anything else."""
    found = _MONTH.fullmatch(text)
    return None if found is None else date(int(found[1]), int(found[2]), 1)


def _number(month: date) -> int:
    return month.year * 12 + month.month - 1


def _month(asked: Mapping[str, str], name: str, default: date, errors: dict[str, str]) -> date:
    text = asked.get(name, "")
    if not text:
        return default
    found = read_month(text)
    if found is None:
        errors[name] = NOT_A_MONTH
        return default
    return found


def _id(asked: Mapping[str, str], name: str, errors: dict[str, str]) -> UUID | None:
    try:
        return UUID(asked[name]) if asked.get(name) else None
    except ValueError:
        errors[name] = NOT_IN_LIST
        return None

"""The form of a suspension order: what it may say, and what is wrong with what was typed."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from amis.granting.suspension import OrderDraft
from amis.granting.words import FACTS, Named, Phrase
from amis.kernel.log import scrub
from amis.web.formats import parse_day
from amis.web.i18n import mark
from rules.errors import ReversedPeriod
from rules.period import Period
from rules.vocabulary import Vocabulary

MOST_EXCEPTIONS = 2
"""Exceptions that the form takes; an order made by a program may have more."""
_ROWS = range(1, MOST_EXCEPTIONS + 1)
FIELDS = (
    "code",
    "legal_basis",
    "concessions",
    "valid_from",
    "valid_to",
    *(f"{name}_{row}" for row in _ROWS for name in ("who", "values", "from", "to")),
)
_DAY = mark("Enter a day such as 31/05/2026")
_GROUP = "group:"
_AS_KEPT: Mapping[str, str] = {
    "code": mark("A code has 2 to 32 capital letters, digits and hyphens and begins with a letter"),
    "legal_basis": mark("Name the legal basis, in at most 500 characters"),
    "concessions": mark("Enter codes of concessions; * at the end of a code stands for any ending"),
    "valid_to": mark("The last day is before the first day"),
}
"""What is said beside a field that the order itself refuses."""


def choices(vocabulary: Vocabulary, known: Iterable[Named]) -> list[tuple[str, Phrase]]:
    """Whom an exception can spare: those with a fact of a kind, and members of groups (`group:<code>`)."""
    named = {one.code: Phrase(one.name_lv, one.name_en) for one in known if one.name_lv and one.name_en}
    kinds = [code for code, kind in vocabulary.facts.items() if not kind.numeric]
    facts = [(code, FACTS.get(code) or named.get(code) or Phrase(code, code)) for code in kinds]
    groups = vocabulary.groups | vocabulary.definitions.keys()
    spared = [(f"{_GROUP}{code}", named.get(code) or Phrase(code, code)) for code in groups]
    return sorted(facts, key=lambda pair: pair[1].lv) + sorted(spared, key=lambda pair: pair[1].lv)


def read(values: Mapping[str, str]) -> tuple[OrderDraft | None, dict[str, str]]:
    """The order that the form states, or None with a marked text for each wrong field; last days are part of it."""
    errors: dict[str, str] = {}
    period = _period(values, "valid_from", "valid_to", errors)
    exceptions = tuple(row for row in (_exception(values, row, errors) for row in _ROWS) if row)
    patterns = tuple(dict.fromkeys(re.split(r"[\s,;]+", values["concessions"].upper().strip(" ,;\n\r"))))
    if not values["valid_from"]:
        errors["valid_from"] = _DAY
    if errors or period is None or period.start is None:
        return None, errors
    basis = scrub(values["legal_basis"])
    return OrderDraft(values["code"].upper(), basis, patterns, period.start, period.end, exceptions), {}


def beside(pointer: str) -> dict[str, str]:
    """What is said beside the field that a JSON pointer into the order names."""
    field, _, row = pointer.strip("/").partition("/")
    if field == "exceptions":
        return {f"who_{int(row) + 1}": mark("Choose a fact and values that it can have")}
    return {field: _AS_KEPT.get(field, mark("Check this field"))}


def _exception(values: Mapping[str, str], row: int, errors: dict[str, str]) -> dict[str, Any] | None:
    who, wanted = values[f"who_{row}"], re.split(r"[\s,;]+", values[f"values_{row}"].strip(" ,;"))
    if not who:
        if any(values[f"{name}_{row}"] for name in ("values", "from", "to")):
            errors[f"who_{row}"] = mark("Choose whom the order does not concern")
        return None
    period = _period(values, f"from_{row}", f"to_{row}", errors)
    days = {} if period is None else {"from": period.start, "to": period.end}
    condition = _member(who) if who.startswith(_GROUP) else _has(who, [value for value in wanted if value])
    return {"condition": condition} | {name: day.isoformat() for name, day in days.items() if day}


def _member(who: str) -> dict[str, Any]:
    return {"member": {"group": who.removeprefix(_GROUP)}}


def _has(kind: str, wanted: list[str]) -> dict[str, Any]:
    return {"has": {"fact": kind} | ({"in": sorted(set(wanted))} if wanted else {})}


def _period(values: Mapping[str, str], first: str, last: str, errors: dict[str, str]) -> Period | None:
    start, end = _day(values, first, errors), _day(values, last, errors)
    if start is None and end is None:
        return None
    try:
        return Period.inclusive(start, end)
    except ReversedPeriod:
        errors[last] = mark("The last day is before the first day")
        return None


def _day(values: Mapping[str, str], name: str, errors: dict[str, str]) -> date | None:
    if not values[name]:
        return None
    try:
        return parse_day(values[name])
    except ValueError:
        errors[name] = _DAY
        return None

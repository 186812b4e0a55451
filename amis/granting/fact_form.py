"""The form by which a clerk states a fact: what it may say, and what is wrong with what was typed."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from amis.granting.words import Phrase, fact_said
from amis.kernel.ids import new_id
from amis.kernel.log import scrub
from amis.register.change import FactChange
from amis.web.formats import parse_day
from amis.web.i18n import mark
from rules.errors import ReversedPeriod
from rules.period import Period
from rules.vocabulary import Vocabulary

SOURCE = "clerk"
"""The source of facts entered by hand; each is a record of its own."""
FIELDS = ("fact", "num", "valid_from", "valid_to", "decision_number", "reason")
_LONGEST = 500
_NUMBER = re.compile(r"-?[0-9]{1,10}([.,][0-9]{1,4})?", re.ASCII)
_DAY = mark("Enter a day such as 31/05/2026")


def choices(vocabulary: Vocabulary) -> list[tuple[str, Phrase]]:
    """The facts a clerk can state, as `kind:value`, a kind with numbers as `kind:`.

    Kinds with free text come only from their sources.
    """
    kinds = sorted(vocabulary.facts.values(), key=lambda kind: kind.code)
    listed = [(kind, value) for kind in kinds for value in sorted(kind.values or ())]
    numeric = [(f"{kind.code}:", fact_said(kind.code, "yes")) for kind in kinds if kind.numeric]
    return numeric + [(f"{kind.code}:{value}", fact_said(kind.code, value)) for kind, value in listed]


def read(values: Mapping[str, str], vocabulary: Vocabulary, account: str) -> tuple[FactChange | None, dict[str, str]]:
    """The fact that the form states, or None with a marked text for each wrong field.

    The form's last day is part of the period; `account` is the clerk's.
    """
    errors: dict[str, str] = {}
    if values["fact"] not in dict(choices(vocabulary)):
        errors["fact"] = mark("Choose the fact")
    number = _number(values, errors)
    period = _period(values, errors)
    if not values["reason"]:
        errors["reason"] = mark("Say why the fact is entered by hand")
    errors |= {key: mark("At most 500 characters") for key in FIELDS if len(values.get(key, "")) > _LONGEST}
    if errors or period is None or period.start is None:
        return None, errors
    return replace(_change(values, period.start, period.end, account), num=number), {}


def _number(values: Mapping[str, str], errors: dict[str, str]) -> Decimal | None:
    """The number that a kind with numbers needs, with a comma or a point."""
    if not values["fact"].endswith(":"):
        return None
    written = _NUMBER.fullmatch(values.get("num", "").replace(" ", "").replace("\N{NO-BREAK SPACE}", ""))
    if written is None:
        errors["num"] = mark("Enter a number such as 377.50")
        return None
    return Decimal(written[0].replace(",", "."))


def _period(values: Mapping[str, str], errors: dict[str, str]) -> Period | None:
    first = _day(values, "valid_from", errors)
    last = _day(values, "valid_to", errors) if values["valid_to"] else None
    if errors.keys() & {"valid_from", "valid_to"}:
        return None
    try:
        return Period.inclusive(first, last)
    except ReversedPeriod:
        errors["valid_to"] = mark("The last day is before the first day")
        return None


def _day(values: Mapping[str, str], name: str, errors: dict[str, str]) -> date | None:
    try:
        return parse_day(values[name])
    except ValueError:
        errors[name] = _DAY
        return None


def _change(values: Mapping[str, str], start: date, end: date | None, account: str) -> FactChange:
    kind, _, value = values["fact"].partition(":")
    number, reason = scrub(values["decision_number"]), scrub(values["reason"])
    decision: dict[str, Any] | None = {"number": number} if number else None
    provenance = {"account": account, "reason": reason}
    return FactChange(kind, value, start, end, SOURCE, str(new_id()), 1, decision=decision, provenance=provenance)

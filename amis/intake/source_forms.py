"""What the forms on the page of a source say: statuses with their meanings, an order of sources, a number."""

from collections.abc import Mapping as ReadOnly
from itertools import count
from typing import Any
from uuid import UUID

from starlette.datastructures import FormData

from amis.intake.errors import IntervalInvalid, MeaningUnknown, SenderKeyUnknown
from amis.intake.models import Sender
from amis.register.errors import RanksInvalid
from sync.mapping import FACT_FIELDS, PERSON_FIELDS, Mapping, Meaning

Statuses = list[tuple[str, str]]
"""Codes of the source, each with its meaning as `kind=value`."""
KEEPABLE = sorted(PERSON_FIELDS | FACT_FIELDS)
_MOST = 200
_EMPTY_ROWS = 2


def read_id(text: str) -> UUID:
    """The key that a form names.

    Raises:
        SenderKeyUnknown
    """
    try:
        return UUID(text)
    except ValueError:
        raise SenderKeyUnknown from None


def read_minutes(text: str) -> int | None:
    """A number of minutes, None where nothing was typed.

    Raises:
        IntervalInvalid
    """
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < len("100000")):
        raise IntervalInvalid(pointer="/minutes")
    return int(text)


def read_statuses(form: FormData) -> Statuses:
    """The rows of the table as they were typed; empty ones are left out."""
    rows = []
    for number in range(_MOST):
        code, meaning = (str(form.get(f"{name}-{number}", "")).strip() for name in ("status", "meaning"))
        if code:
            rows.append((code, meaning))
    return rows


def mapping(source: str, typed: Statuses, form: FormData) -> Mapping:
    """The table; a row without a meaning takes its status away.

    Raises:
        MeaningUnknown: a status stands there twice, or what it means cannot be read.
    """
    statuses: dict[str, Meaning] = {}
    for code, meaning in typed:
        if not meaning:
            continue
        fact, separator, value = meaning.partition("=")
        if code in statuses or not separator:
            raise MeaningUnknown(code, pointer="/statuses")
        statuses[code] = Meaning(fact, value)
    kept = {text for text in form.getlist("keep") if isinstance(text, str)}
    return Mapping(source, statuses, frozenset(kept & set(KEEPABLE)))


def read_order(form: FormData) -> list[str]:
    """The sources with a number beside them, in the order of the numbers.

    Raises:
        RanksInvalid: two have the same number, or what was typed is none.
    """
    places: dict[int, str] = {}
    for number in count():
        source, typed = form.get(f"source-{number}"), str(form.get(f"place-{number}", "")).strip()
        if not isinstance(source, str) or number >= _MOST:
            return [places[place] for place in sorted(places)]
        if not typed:
            continue
        if not (typed.isascii() and typed.isdecimal() and len(typed) <= 2) or int(typed) in places:
            raise RanksInvalid(pointer="/sources")
        places[int(typed)] = source
    raise AssertionError("unreachable: the numbers never end")


def filled(sender: Sender, given: ReadOnly[str, Any]) -> dict[str, Any]:
    """What the forms show: what was typed, otherwise what holds now; with empty rows for more."""
    now = [(code, f"{said['fact']}={said['value']}") for code, said in sorted(sender.mapping["statuses"].items())]
    expected = sender.expect_every
    return {
        "statuses": [*(given.get("statuses") or now), *[("", "")] * _EMPTY_ROWS],
        "keep": sender.mapping.get("keep", KEEPABLE),
        "keepable": KEEPABLE,
        "minutes": given.get("minutes", round(expected.total_seconds() / 60) if expected else ""),
    }

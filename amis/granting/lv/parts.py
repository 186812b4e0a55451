"""The parts of which the conditions of this folder are made."""

from collections.abc import Mapping
from typing import Any

Part = Mapping[str, Any]


def every(*parts: Part) -> dict[str, Any]:
    """All of them hold."""
    return {"all": list(parts)}


def some(*parts: Part) -> dict[str, Any]:
    """At least one of them holds."""
    return {"any": list(parts)}


def has(fact: str, *values: str) -> dict[str, Any]:
    """A fact of the kind, with one of the values where any are named."""
    return {"has": {"fact": fact, "in": list(values)}} if values else {"has": {"fact": fact}}


def from_age(years: int) -> dict[str, Any]:
    """From the birthday on."""
    return {"age": {"op": "ge", "years": years}}


def until_age(years: int) -> dict[str, Any]:
    """Until the day before the birthday."""
    return {"age": {"op": "lt", "years": years}}


def grades(first: int, last: int) -> dict[str, Any]:
    """A pupil of one of these grades."""
    return has("grade", *map(str, range(first, last + 1)))


# nobody reports work for everybody: only a stated "no" makes a pensioner a non-working one
NOT_WORKING = has("employed", "no")
CHILD = until_age(18)
STUDYING = has("studying", "yes")
NEEDY = some(has("needy"), has("low_income"))
# a child without parental care is in out-of-family care by law; from 18 on the care or the studies have to be stated
ORPHAN_IN_CARE = every(has("orphan"), until_age(24), some(CHILD, has("in_care", "yes"), STUDYING))
ORPHAN_STUDYING = every(has("orphan"), some(CHILD, every(STUDYING, until_age(24))))
REACHED_PENSION_AGE = {"age": {"op": "ge", "years": {"cohort": "pension_age"}}}


def declared_in(municipality: str) -> dict[str, Any]:
    """Declared in the municipality with this code."""
    return has("residence", municipality)


def minor_children(*limits: tuple[str, int]) -> dict[str, Any]:
    """So many children under 18: each limit is an operator and a number."""
    counts = [{"count": {"relation": "child", "where": CHILD, "op": op, "value": n}} for op, n in limits]
    return counts[0] if len(counts) == 1 else every(*counts)

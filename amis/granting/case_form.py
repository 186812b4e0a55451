"""A case of a rule version from the made-up person and the days that the author expects."""

import re
from collections.abc import Mapping
from typing import Any

from amis.granting.errors import ConditionInvalid
from amis.granting.sample import Sample
from amis.web.formats import parse_day
from amis.web.i18n import mark
from rules.errors import ReversedPeriod, RulesError
from rules.period import Days, Period
from sync.errors import SyncError
from sync.strict_json import strict_json

Case = dict[str, Any]
_DASH = re.compile(r"(?:^|\s+)-(?:\s+|$)")  # days may be written with hyphens themselves


def kept_cases(text: str) -> tuple[Case, ...]:
    """The cases that the form carries along. Raises ConditionInvalid where they were tampered with."""
    try:
        listed = strict_json(text.encode()) if text else []
        for case in listed:
            Days.parse(case["expected"])
            if not isinstance(case["name"], str) or not isinstance(case["person"], dict):
                raise ConditionInvalid(pointer="/cases")
        return tuple(listed)
    except (SyncError, RulesError, LookupError, TypeError) as error:
        raise ConditionInvalid(str(error), pointer="/cases") from error


def expected_days(text: str) -> Days:
    """Days typed as one period a line, `first - last`, an open side left out. Raises ValueError."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return Days.of(*(_period(line) for line in lines))


def case_of(name: str, sample: Sample, expected: Days) -> Case:
    """The case as a version keeps it."""
    return {"name": name, "person": person_json(sample), "expected": str(expected)}


def errors_of(name: str, days: str) -> Mapping[str, str]:
    """A marked text for each wrong field of the new case."""
    errors = {} if 0 < len(name) <= 200 else {"case_name": mark("Enter a name of at most 200 characters")}
    try:
        expected_days(days)
    except (ValueError, ReversedPeriod):
        errors["case_days"] = mark("Enter one period a line, such as 01/03/2026 - 31/05/2026")
    return errors


def person_json(sample: Sample) -> dict[str, Any]:
    """The sample in the shape of a case: rows in which nothing is chosen are left out."""
    groups: dict[str, list[list[str | None]]] = {}
    for row in sample["groups"]:
        if row["group"]:
            groups.setdefault(row["group"], []).append([row["from"], row["to"]])
    return {
        "born": sample["born"],
        "died": sample["died"],
        "facts": [_fact(row) for row in sample["facts"] if row["kind"]],
        "groups": groups,
        "relations": [_relation(row) for row in sample["relations"] if row["kind"]],
    }


def _fact(row: Mapping[str, Any]) -> dict[str, Any]:
    fact = {key: row[key] for key in ("kind", "value", "from", "to")}
    return fact | ({"num": row["num"].replace(",", ".")} if row["num"] else {})


def _relation(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: row[key] for key in ("kind", "from", "to")} | {"person": person_json(row["person"])}


def _period(line: str) -> Period:
    first, *last = _DASH.split(line.replace("–", " - "), maxsplit=1)
    start = parse_day(first) if first.strip() else None
    if not last:
        return Period.inclusive(start, start)
    return Period.inclusive(start, parse_day(last[0]) if last[0].strip() else None)

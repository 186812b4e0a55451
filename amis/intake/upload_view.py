"""An uploaded list as its page shows it: some rows as they were read, every sort of fault, and counts."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from amis.intake.upload_rows import Judged
from amis.intake.uploads import View
from amis.intake.wording import EXPLAINED
from sync import personal_code
from sync.errors import PersonalCodeInvalid
from sync.verdict import Verdict

FIRST = 20
"""Rows from the top that are shown."""
_FAULTS = 50


@dataclass(frozen=True, slots=True, repr=False)
class ShownRow:
    """A row in the words of the list; days that are none stay as they were written; `why` is a marked text."""

    number: int
    code: str
    name: str
    status: str
    first: date | str
    last: date | str | None
    verdict: Verdict
    why: str
    restored: bool


@dataclass(frozen=True, slots=True, repr=False)
class Shown:
    """What there is to see of an upload; `faults` are refused rows below the first ones."""

    rows: Sequence[ShownRow]
    faults: Sequence[ShownRow]
    counts: dict[Verdict, int]
    restored: int
    total: int


def shown(view: View) -> Shown | None:
    """What the page shows; None until it is known where the personal codes are."""
    if view.prospect is None:
        return None
    every = view.prospect.rows
    bad = (row for row in every[FIRST:] if row.verdict in (Verdict.REJECTED, Verdict.CONFLICT))
    return Shown(
        rows=[_row(row) for row in every[:FIRST]],
        faults=[_row(row) for row in islice(bad, _FAULTS)],
        counts=Counter(row.verdict for row in every),
        restored=sum(row.line.restored for row in every),
        total=len(every),
    )


def _row(row: Judged) -> ShownRow:
    data = row.line.data
    person = data["person"]
    return ShownRow(
        number=row.line.number,
        code=_code(person["code"]),
        name=" ".join(person[part] for part in ("given_name", "family_name") if part in person),
        status=data["status"],
        first=_day(data["valid_from"]),
        last=_day(data["valid_to"]) if data["valid_to"] else None,
        verdict=row.verdict,
        why=EXPLAINED[row.error.code] if row.error else "",
        restored=row.line.restored,
    )


def _code(text: str) -> str:
    try:
        return personal_code.hyphenated(personal_code.parse(text).digits)
    except PersonalCodeInvalid:
        return text


def _day(text: str) -> date | str:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text

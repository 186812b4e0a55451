"""The form that says how an uploaded list is to be read, and what is wrong with what was typed there."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date

from amis.intake.upload_words import COLUMNS
from amis.web.formats import parse_day
from amis.web.i18n import mark
from sync.cells import DATES
from sync.files import ENCODINGS
from sync.headings import HIGHEST
from sync.profile import KINDS, Profile

_CHOSEN: Mapping[str, Collection[str]] = {"encoding": ENCODINGS, "dates": DATES, "kind": KINDS}
_MARKS = {"semicolon": ";", "comma": ",", "tab": "\t"}
_PARTING = ("encoding", "delimiter", "heading")
"""Fields that decide where rows and columns are."""
TWICE = mark("This column is used twice")
FIELDS = (
    *(f"column-{what}" for what in COLUMNS),
    *("encoding", "delimiter", "dates", "kind", "status", "valid_from", "valid_to", "heading"),
)


def read_form(
    values: Mapping[str, str], present: Collection[str], statuses: Collection[str], before: Mapping[str, str]
) -> tuple[Profile, dict[str, str]]:
    """The profile that was typed, and what is wrong by field; what is wrong is left out of it.

    Where the rows were parted otherwise `before`, the columns are looked for anew.
    """
    errors: dict[str, str] = {}
    profile = Profile(
        delimiter=_MARKS.get(values["delimiter"], ""),
        status=values["status"] if values["status"] in statuses else "",
        valid_from=_day(values, "valid_from", errors),
        valid_to=_day(values, "valid_to", errors),
        heading=_heading(values["heading"], errors),
    )
    picked = {name: values[name] for name, allowed in _CHOSEN.items() if values[name] in allowed}
    profile = replace(profile, **picked)  # type: ignore[arg-type]  # all of these are texts
    if any(values[name] != before[name] for name in _PARTING):
        return profile, errors
    columns = {what: values[f"column-{what}"] for what in COLUMNS}
    profile = replace(profile, columns={what: name if name in present else "" for what, name in columns.items()})
    return profile, errors | _missing(profile, errors)


def _missing(profile: Profile, errors: Mapping[str, str]) -> dict[str, str]:
    """What a list cannot do without, and columns that were given away twice."""
    columns, found = profile.columns, dict[str, str]()
    used = [column for column in columns.values() if column]
    found |= {f"column-{what}": TWICE for what, column in columns.items() if used.count(column) > 1}
    if not columns["code"]:
        found["column-code"] = mark("Say which column has the personal codes")
    if not columns["status"] and not profile.status:
        found["status"] = mark("Choose the status or the column that has it")
    if not columns["valid_from"] and not profile.valid_from and "valid_from" not in errors:
        found["valid_from"] = mark("Enter the first day or choose the column that has it")
    return found


def typed(profile: Profile, columns: Mapping[str, str], heading: int) -> dict[str, str]:
    """The fields of the form as the profile fills them."""
    names = {sign: name for name, sign in _MARKS.items()}
    filled = {f"column-{what}": columns.get(what, "") for what in COLUMNS}
    filled |= {"encoding": profile.encoding, "delimiter": names.get(profile.delimiter, ""), "dates": profile.dates}
    filled |= {"kind": profile.kind, "status": profile.status, "heading": str(heading + 1)}
    return filled | {name: _shown(getattr(profile, name)) for name in ("valid_from", "valid_to")}


def _shown(day: str) -> str:
    return f"{date.fromisoformat(day):%d/%m/%Y}" if day else ""


def _day(values: Mapping[str, str], name: str, errors: dict[str, str]) -> str:
    if not values[name]:
        return ""
    try:
        return parse_day(values[name]).isoformat()
    except ValueError:
        errors[name] = mark("Enter a day such as 31/05/2026")
        return ""


def _heading(typed_number: str, errors: dict[str, str]) -> int:
    number = int(typed_number) if typed_number.isascii() and typed_number.isdigit() and len(typed_number) < 3 else -1
    if not typed_number or 1 <= number <= HIGHEST:
        return max(number, 0)
    errors["heading"] = mark("Enter a number from 1 to 20")
    return 0

"""How the lists of one source are to be read: which column is what, and what stands where a list says nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from sync import cells
from sync.errors import ColumnsMismatch, ProfileInvalid
from sync.files import DELIMITERS, ENCODINGS, Rows
from sync.headings import HIGHEST, KNOWN, folded, guessed, heading_row, names

NEEDED = ("code",)
"""What every list has to have a column for; the rest is made or may be missing."""
KINDS = ("delta", "snapshot")
_LONGEST = 200
_CHOICES: Mapping[str, Collection[str]] = {
    "encoding": ("", *ENCODINGS),
    "delimiter": ("", *DELIMITERS),
    "dates": ("", *cells.DATES),
    "kind": KINDS,
}


@dataclass(frozen=True, slots=True)
class Profile:
    """`columns` maps what a row states to the name of a column; an empty text is found out or left out.

    `status`, `valid_from` and `valid_to` (yyyy-mm-dd) hold for rows that have none. `heading` is the number of the
    lowest row of headings, 0 where it is to be found.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    encoding: str = ""
    delimiter: str = ""
    dates: str = ""
    status: str = ""
    valid_from: str = ""
    valid_to: str = ""
    kind: str = "delta"
    heading: int = 0

    def to_json(self) -> dict[str, Any]:
        """The inverse of `profile_from_json`."""
        return asdict(self)


@dataclass(frozen=True, slots=True, repr=False)
class Line:
    """A row of the list: its number in the file, the `data` it states, whether a zero of the code was put back.

    `anonymous` is a row of which it cannot be told which record it is about; `versioned` one that says its version.
    """

    number: int
    data: dict[str, Any]
    restored: bool
    anonymous: bool
    versioned: bool


@dataclass(frozen=True, slots=True)
class Given:
    """What rows say nothing of.

    `statuses` are those of the source, found whatever their case; `authority` took the decisions that name none;
    `version` is of rows without one; `named` makes a record's name of what it is about.
    """

    statuses: Collection[str]
    authority: str
    version: int
    named: Callable[[str], str]


def profile_from_json(stored: Any) -> Profile:
    """Read a profile.

    Raises:
        ProfileInvalid
    """
    known = {one.name for one in fields(Profile)}
    if not isinstance(stored, dict) or stored.keys() - known or not isinstance(stored.get("columns", {}), dict):
        raise ProfileInvalid("a profile has columns and what else there is to say")
    columns, heading = stored.get("columns", {}), stored.get("heading", 0)
    texts = {name: value for name, value in stored.items() if name not in ("columns", "heading")}
    if columns.keys() - KNOWN.keys() or not all(map(_is_text, (*columns.values(), *texts.values()))):
        raise ProfileInvalid("columns are named by texts")
    if any(texts.get(name, "") not in allowed for name, allowed in _CHOICES.items() if name in texts):
        raise ProfileInvalid("an encoding, mark, kind or way to write days is not known")
    if isinstance(heading, bool) or not isinstance(heading, int) or not 0 <= heading <= HIGHEST:
        raise ProfileInvalid(f"the headings end in one of the first {HIGHEST} rows")
    return Profile(columns=columns, heading=heading, **texts)


def heading_of(profile: Profile, rows: Rows) -> int:
    """The place (from 0) of the lowest row of headings; of those that nothing is known of, the first with most cells.

    Raises:
        ColumnsMismatch: the list has no headings.
    """
    found = profile.heading - 1 if profile.heading else _saved_heading(profile, rows)
    if found is None:
        found = heading_row(rows)
    if found is None:
        found = max(range(min(HIGHEST, len(rows))), key=lambda place: (len(rows[place]), -place), default=0)
    # what stands in a heading is kept: it may be no person's
    if found >= len(rows) or any(map(cells.looks_like_code, names(rows, found))):
        raise ColumnsMismatch("the list has no row of headings", found + 1)
    return found


def fitted(profile: Profile, rows: Rows) -> dict[str, str]:
    """The columns as they are in this file: those of the profile that it has, and for the rest what headings tell."""
    present = names(rows, heading_of(profile, rows))
    kept = {what: column for what, column in profile.columns.items() if column in present}
    taken = {*kept.values()}
    more = {what: column for what, column in guessed(present).items() if column not in taken}
    # what somebody has left out on purpose stays left out
    return {what: column for what, column in more.items() if profile.columns.get(what) != ""} | kept


def lines(profile: Profile, rows: Rows, given: Given) -> Iterator[Line]:
    """What each row under the headings states; empty rows are none.

    Raises:
        ColumnsMismatch
    """
    place = heading_of(profile, rows)
    present = names(rows, place)
    at = {what: present.index(column) for what, column in fitted(profile, rows).items()}
    if any(what not in at for what in NEEDED):
        raise ColumnsMismatch("no column has personal codes", place + 1)
    for number, row in enumerate(rows[place + 1 :], place + 2):
        said = {what: row[column] for what, column in at.items() if column < len(row) and row[column]}
        if said:
            yield _line(profile, number, said, given)


def _line(profile: Profile, number: int, said: Mapping[str, str], given: Given) -> Line:
    code, restored = cells.personal_code(said.get("code", ""))
    first = cells.day(said.get("valid_from", ""), profile.dates)
    last = cells.day(said.get("valid_to", ""), profile.dates)
    status = _status(said.get("status") or profile.status, given.statuses)
    # a day that is the same for all of them names no row: it may be another one with the next list
    about = f"{code.replace('-', '')}|{status}|{first}"
    data: dict[str, Any] = {
        "record_id": said.get("record_id") or given.named(about),
        "version": _number(said["version"]) if "version" in said else given.version,
        "op": cells.operation(said.get("op", "")),
        "person": {"code": code} | _person(said, profile.dates),
        "status": status,
        "valid_from": first or profile.valid_from,
        "valid_to": last or profile.valid_to or None,
    }
    data |= _decision(said, profile.dates, given.authority)
    data |= {"household": said["household"]} if "household" in said else {}
    return Line(number, data, restored, "record_id" not in said, "version" in said)


def _status(said: str, statuses: Collection[str]) -> str:
    return next((status for status in statuses if folded(status) == folded(said)), said)


def _person(said: Mapping[str, str], dates: str) -> dict[str, str]:
    names = {what: said[what] for what in ("given_name", "family_name") if what in said}
    return names | ({"birth_date": cells.day(said["birth_date"], dates)} if "birth_date" in said else {})


def _decision(said: Mapping[str, str], dates: str, authority: str) -> dict[str, Any]:
    """The decision, of which a number without a day says too little to be kept."""
    if "decision_number" not in said or "decision_date" not in said:
        return {}
    on = cells.day(said["decision_date"], dates)
    taken_by = said.get("decision_authority", authority)
    return {"decision": {"number": said["decision_number"], "date": on, "authority": taken_by}}


def _saved_heading(profile: Profile, rows: Rows) -> int | None:
    """Where most of the profile's columns are, that of personal codes among them."""
    found: dict[int, int] = {}
    for place in range(min(HIGHEST, len(rows))):
        present = names(rows, place)
        if profile.columns.get("code") in present:
            found[place] = sum(column in present for column in profile.columns.values())
    return max(found, key=lambda place: (found[place], -place), default=None)


def _number(text: str) -> int | str:
    # what is no number stays as it is, for the reader to refuse
    return int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(2**53)) else text


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= _LONGEST

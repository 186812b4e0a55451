"""The plain fields of a version's form, read into what granting writes, with an error beside each wrong field."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from amis.granting.editor import Editor
from amis.kernel.log import scrub
from amis.web.formats import parse_day
from amis.web.i18n import mark

ON_BECOMING: Mapping[str, str] = {
    "automatic": mark("The right begins by itself"),
    "invite": mark("The person is invited to apply"),
    "on_application": mark("The right begins on application"),
}
ON_CEASING: Mapping[str, str] = {
    "immediate_termination": mark("The right ends at once"),
    "use_until_expiry": mark("The right runs to its known end"),
    "terminate_after_grace_period": mark("The right ends after some months of grace"),
}
_GRACE = "terminate_after_grace_period"
_LONGEST = 1000
_DAY = mark("Enter a day such as 31/05/2026")


@dataclass(frozen=True, slots=True)
class Plain:
    """What the plain fields say: days half-open, `grace_months` only where the right ends after a time."""

    code: str
    concession_code: str
    legal_clause: str
    valid_from: date
    valid_to: date | None
    on_becoming: str
    on_ceasing: str
    grace_months: int | None
    note: str


def read_plain(editor: Editor) -> tuple[Plain | None, dict[str, str]]:
    """The plain fields, or None with a marked text for each that is wrong."""
    errors: dict[str, str] = {}
    first = _day(editor, "valid_from", errors)
    last = _day(editor, "last_day", errors) if editor.get("last_day") else None
    if first and last and last < first:
        errors["last_day"] = mark("The last day is before the first day")
    grace = _grace(editor, errors)
    for name, text in _REQUIRED.items():
        if not editor.get(name):
            errors[name] = text
    for name, known in (("on_becoming", ON_BECOMING), ("on_ceasing", ON_CEASING)):
        if editor.get(name) not in known:
            errors[name] = mark("Choose from the list")
    errors |= {name: mark("At most 1000 characters") for name in _TEXTS if len(editor.get(name)) > _LONGEST}
    if errors or first is None:
        return None, errors
    return _plain(editor, first, last, grace), {}


_TEXTS = ("legal_clause", "note", "code")
_REQUIRED: Mapping[str, str] = {
    "concession_code": mark("Choose the concession"),
    "legal_clause": mark("Enter the legal clause"),
}


def _plain(editor: Editor, first: date, last: date | None, grace: int | None) -> Plain:
    return Plain(
        editor.get("code") or editor.get("concession_code"),
        editor.get("concession_code"),
        scrub(editor.get("legal_clause")),
        first,
        None if last is None or last == date.max else last + timedelta(days=1),
        editor.get("on_becoming"),
        editor.get("on_ceasing"),
        grace,
        scrub(editor.get("note")),
    )


def _grace(editor: Editor, errors: dict[str, str]) -> int | None:
    if editor.get("on_ceasing") != _GRACE:
        return None
    typed = editor.get("grace_months")
    if not (typed.isascii() and typed.isdigit() and len(typed) <= 4 and 1 <= int(typed) <= 1200):
        errors["grace_months"] = mark("Enter whole months from 1 to 1200")
        return None
    return int(typed)


def _day(editor: Editor, name: str, errors: dict[str, str]) -> date | None:
    try:
        return parse_day(editor.get(name))
    except ValueError:
        errors[name] = _DAY
        return None

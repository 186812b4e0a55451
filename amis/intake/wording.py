"""Verdicts and refusals in plain words, and how long something took."""

from collections.abc import Mapping
from datetime import timedelta

from amis.web.i18n import mark
from amis.web.labels import Label
from sync.verdict import RowCode, Verdict

VERDICTS: Mapping[str, Label] = {
    Verdict.APPLIED: Label(mark("Applied"), "tick", "green"),
    Verdict.UNCHANGED: Label(mark("Repeated, nothing new"), "dot", "grey"),
    Verdict.STALE: Label(mark("Older than what is known"), "dot", "grey"),
    Verdict.CONFLICT: Label(mark("Contradicts what is known"), "warning", "red"),
    Verdict.REJECTED: Label(mark("Rejected"), "cross", "red"),
    Verdict.HELD: Label(mark("Waiting"), "clock", "yellow"),
    Verdict.UNSUPPORTED: Label(mark("Not acted upon"), "pause", "yellow"),
}
STATES: Mapping[str, Label] = {
    "open": Label(mark("Waiting for a decision"), "clock", "yellow"),
    "replayed": Label(mark("Sent again"), "tick", "green"),
    "dismissed": Label(mark("Dismissed"), "cross", "grey"),
    "active": Label(mark("Active"), "tick", "green"),
    "suspended": Label(mark("Suspended"), "pause", "yellow"),
}
EXPLAINED: Mapping[str, str] = {
    RowCode.RECORD_ID_MISSING: mark("The notice does not say which record of the sender it is about."),
    RowCode.VERSION_INVALID: mark("The version of the record is not a whole number from 1."),
    RowCode.VERSION_CONFLICT: mark(
        "This version of the record came before with other content. The sender has to send a higher version."
    ),
    RowCode.PERSON_CODE_INVALID: mark("What stands for the personal code is none, or it belongs to another person."),
    RowCode.PERSON_CODE_UNKNOWN: mark("The person is not in the register of this municipality."),
    RowCode.STATUS_UNKNOWN: mark("The table of this sender has no such status. Agree on its meaning, then add it."),
    RowCode.VALID_FROM_INVALID: mark("The first day is missing or is no date."),
    RowCode.VALID_TO_INVALID: mark("The last day is missing or is no date."),
    RowCode.VALID_REVERSED: mark("The last day lies before the first."),
    RowCode.OP_UNKNOWN: mark("The notice neither states nor withdraws anything."),
    RowCode.SOURCE_NOT_AUTHORITATIVE: mark("This sender may not speak for that source or about that status."),
    RowCode.SCHEMA_UNSUPPORTED: mark("The notice has a field, a type or a value that is not agreed upon."),
    RowCode.ENCODING_INVALID: mark("The text has characters that are not allowed."),
    RowCode.COLUMNS_MISMATCH: mark("The columns are not the agreed ones."),
}
_UNITS = ((86_400, mark("%(n)s d")), (3_600, mark("%(n)s h")), (60, mark("%(n)s min")), (1, mark("%(n)s s")))


def took(span: timedelta) -> tuple[float, str]:
    """A length of time as a number and the marked text of its unit: 90 minutes are (1.5, "%(n)s h").

    A clock of a sender that runs ahead makes no negative time.
    """
    seconds = max(0.0, span.total_seconds())
    unit, text = next(((unit, text) for unit, text in _UNITS if seconds >= unit), (1, _UNITS[-1][1]))
    return round(seconds / unit, 1), text

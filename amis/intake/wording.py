"""What the pages of notices say: verdicts, refusals, states, fields in plain words, and how long something took."""

from collections.abc import Mapping
from datetime import timedelta

from amis.granting.words import FACTS
from amis.intake.heartbeat import Health
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
    "revoked": Label(mark("Revoked"), "cross", "grey"),
    "new": Label(mark("Not paired yet"), "clock", "yellow"),
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
UNREADABLE = mark("The message could not be read.")
HEALTH: Mapping[str, Label] = {
    Health.OK: Label(mark("As expected"), "tick", "green"),
    Health.LATE: Label(mark("Late"), "clock", "yellow"),
    Health.SILENT: Label(mark("Silent"), "warning", "red"),
}
BATCH_STATES: Mapping[str, Label] = {
    "received": Label(mark("In the queue"), "clock", "grey"),
    "checking": Label(mark("Being checked"), "clock", "teal"),
    "held": Label(mark("Waiting for a decision"), "warning", "yellow"),
    "applying": Label(mark("Being applied"), "clock", "teal"),
    "done": Label(mark("Done"), "tick", "green"),
    "refused": Label(mark("Refused"), "cross", "red"),
    "cancelled": Label(mark("Cancelled"), "cross", "grey"),
}
BATCH_KINDS: Mapping[str, str] = {
    "delta": mark("Changes"),
    "snapshot": mark("Everything that stands"),
}
WAYS: Mapping[str, str] = {
    "api": mark("sent by the source's system"),
    "upload": mark("uploaded by a member of staff"),
    "pull": mark("fetched by AMIS"),
    "spdci": mark("from a social registry"),
}
FILE_FAULTS: Mapping[str, str] = {
    "encoding.invalid": mark("The file is not in UTF-8."),
    "columns.mismatch": mark("The heading does not name the columns agreed upon."),
    "line.too_long": mark("A line is longer than a row can be."),
    "csv.invalid": mark("The file's quotation marks do not fit together."),
    "gzip.invalid": mark("The file is not compressed as it says."),
    "gzip.truncated": mark("The compressed file ends too early."),
    "gzip.too_large": mark("The file is too large once it is decompressed."),
    "file.damaged": mark("The file that was kept cannot be opened any more."),
}
STAGES: Mapping[str, str] = {
    "received": mark("Received by the service"),
    "applied": mark("Applied"),
    "sequenced": mark("Ready for terminals"),
    "acked": mark("Held by all terminals that are online"),
}
FIELDS: Mapping[str, str] = {
    "record_id": mark("Record of the source"),
    "version": mark("Version of the record"),
    "op": mark("What the notice does"),
    "person-code": mark("Personal code"),
    "person-given_name": mark("Given name"),
    "person-family_name": mark("Family name"),
    "person-birth_date": mark("Date of birth"),
    "status": mark("Status of a person"),
    "valid_from": mark("First day"),
    "valid_to": mark("Last day"),
    "decision": mark("Decision"),
    "decision-number": mark("Number of the decision"),
    "decision-date": mark("Date of the decision"),
    "decision-authority": mark("Who decided"),
    "household": mark("Household"),
    "new_code": mark("New personal code"),
    "changed_on": mark("Changed on"),
    "merged-code": mark("Personal code of the second record"),
    "unmerged_on": mark("Parted on"),
    "died_on": mark("Date of death"),
    "municipality": mark("Code of the municipality"),
    "since": mark("Since"),
    "sequence": mark("Number of the sign of life"),
    "pending": mark("Notices still to be sent"),
    "content": mark("Content"),
}
"""What the fields of events are called, by their place with hyphens."""
OPS: Mapping[str, str] = {
    "upsert": mark("States that this is so"),
    "withdraw": mark("Takes the record back"),
}
TYPES: Mapping[str, str] = {
    "status.fact.v1": mark("Status of a person"),
    "person.code_changed.v1": mark("Change of a personal code"),
    "person.merged.v1": mark("Two records are one person"),
    "person.unmerged.v1": mark("Two records are two persons after all"),
    "person.died.v1": mark("Death of a person"),
    "residence.changed.v1": mark("Change of residence"),
    "household.changed.v1": mark("Change of household"),
    "source.heartbeat.v1": mark("Sign of life of a source"),
}
_UNITS = ((86_400, mark("%(n)s d")), (3_600, mark("%(n)s h")), (60, mark("%(n)s min")), (1, mark("%(n)s s")))


def value_said(kind: str, value: str, language: str) -> str:
    """What a value of a kind of fact is called in `lv` or `en`; its code where it has no other name."""
    phrase = FACTS.get(f"{kind}:{value}")
    return phrase.of(language) if phrase else value


def took(span: timedelta) -> tuple[float, str]:
    """A length of time as a number and the marked text of its unit: 90 minutes are (1.5, "%(n)s h").

    A clock of a sender that runs ahead makes no negative time.
    """
    seconds = max(0.0, span.total_seconds())
    unit, text = next(((unit, text) for unit, text in _UNITS if seconds >= unit), (1, _UNITS[-1][1]))
    return round(seconds / unit, 1), text

"""What an uploaded list is said to state, to be and to do, in plain words."""

from collections.abc import Mapping

from amis.web.i18n import mark
from amis.web.labels import Label
from sync.verdict import Verdict

COLUMNS: Mapping[str, str] = {
    "code": mark("Personal code"),
    "given_name": mark("Given name"),
    "family_name": mark("Family name"),
    "birth_date": mark("Birth date"),
    "status": mark("Status stated"),
    "valid_from": mark("First day"),
    "valid_to": mark("Last day"),
    "decision_number": mark("Number of the decision"),
    "decision_date": mark("Day of the decision"),
    "decision_authority": mark("Who took the decision"),
    "household": mark("Household"),
    "op": mark("Stated or withdrawn"),
    "record_id": mark("Number of the record"),
    "version": mark("Version of the record"),
}
ENCODINGS: Mapping[str, str] = {
    "": mark("found out"),
    "utf-8": "UTF-8",
    "cp1257": "Windows-1257",
    "utf-16": "UTF-16",
    "xlsx": "XLSX",
}
DELIMITERS: Mapping[str, str] = {
    "": mark("found out"),
    ";": mark("semicolon"),
    ",": mark("comma"),
    "\t": mark("tab"),
}
DATES: Mapping[str, str] = {
    "": mark("any of these"),
    "dotted": "31.05.2026.",
    "iso": "2026-05-31",
    "serial": mark("number of a day in a spreadsheet"),
}
KINDS: Mapping[str, tuple[str, str]] = {
    "delta": (mark("New and changed entries"), mark("Whoever is not on it stays as they are")),
    "snapshot": (mark("The whole list of this source"), mark("Whatever is not on it is withdrawn")),
}
PROSPECTS: Mapping[str, Label] = {
    Verdict.APPLIED: Label(mark("Will be taken"), "tick", "green"),
    Verdict.UNCHANGED: Label(mark("Nothing new"), "dot", "grey"),
    Verdict.STALE: Label(mark("Older than what is known"), "dot", "grey"),
    Verdict.CONFLICT: Label(mark("Contradicts another row"), "warning", "red"),
    Verdict.REJECTED: Label(mark("Will be refused"), "cross", "red"),
}

"""The form filled in with a version that exists, and the made-up person kept as a case."""

from dataclasses import replace

from amis.granting import case_form
from amis.granting.editor import FIRST, MOST_CASES, Editor
from amis.granting.errors import RuleUnknown
from amis.granting.store import RuleView
from amis.web.formats import day, last_day
from amis.web.i18n import mark


def of_version(rule: RuleView, number: int, language: str, *, further: bool = False) -> Editor:
    """The form of a version; for a `further` one the days are left to be entered.

    Raises:
        RuleUnknown
    """
    row = next((one for one in rule.versions if one.version == number), None)
    if row is None:
        raise RuleUnknown
    end = row.valid_to and last_day(row.valid_to)
    days = {"valid_from": day(row.valid_from, language), "last_day": day(end, language) if end else ""}
    values = {
        **FIRST,
        "code": rule.names.code,
        "concession_code": rule.names.concession_code,
        "legal_clause": row.legal_clause,
        "on_becoming": row.on_becoming,
        "on_ceasing": row.on_ceasing,
        "grace_months": str(row.grace_months or ""),
        "note": "" if further else row.note,
    }
    of_draft = days | {"seen": row.changed_at.isoformat()}
    return Editor(values | ({} if further else of_draft), dict(row.condition), cases=tuple(row.cases))


def kept_case(editor: Editor) -> Editor:
    """The form with the made-up person as one more case, or with what is wrong."""
    name, typed = editor.get("case_name"), editor.get("case_days")
    errors = dict(case_form.errors_of(name, typed))
    if len(editor.cases) >= MOST_CASES:
        errors["case_name"] = mark("A version has at most 50 cases")
    if errors:
        return replace(editor, errors={**editor.errors, **errors})
    case = case_form.case_of(name, editor.sample, case_form.expected_days(typed))
    values = {**editor.values, "case_name": "", "case_days": ""}
    return replace(editor, cases=(*editor.cases, case), values=values)

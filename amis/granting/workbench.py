"""Everything that stands beside the form of a version: its sentence, what is wrong, and the days of the sample."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from amis.granting.choices import Choices
from amis.granting.editor import Editor
from amis.granting.part_view import Part, Shown, part_view
from amis.granting.preview import findings, preview, timeline_rows
from amis.granting.sample_person import Read, read_person
from amis.granting.tree_faults import Checked, check
from amis.granting.words import Named, Phrase, said
from amis.web.timeline import Row
from rules.condition import canonical
from rules.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Workbench:
    """A draft as it is seen: `said` and `canonical` are None while it is wrong, `rows` while the sample is, too."""

    editor: Editor
    choices: Choices
    part: Part
    checked: Checked
    said: Phrase | None
    canonical: str | None
    findings: Sequence[tuple[str, tuple[str, str]]]
    sample: Read
    rows: Sequence[Row] | None


def workbench(
    editor: Editor, vocabulary: Vocabulary, known: Sequence[Named], language: str, title: str, today: date
) -> Workbench:
    """Reads the draft and evaluates it for the sample."""
    checked, sample = check(editor.tree, vocabulary), read_person(editor.sample)
    condition = checked.condition
    found = findings(condition, vocabulary) if condition else {}
    seen = preview(condition, sample.person, vocabulary) if condition and sample.person else None
    shown = Shown(vocabulary, known, checked.faults, found, seen.at(today) if seen else {}, editor.focus)
    return Workbench(
        editor,
        Choices.of(vocabulary, known),
        part_view(editor.tree, shown),
        checked,
        said(condition, known) if condition else None,
        canonical(condition) if condition else None,
        [(place, texts) for place, listed in found.items() for texts in listed],
        sample,
        timeline_rows(seen, title, language, known) if seen else None,
    )

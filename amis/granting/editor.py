"""The form in which a version of a rule is written: what stands in it, and what a press of a button makes of it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from amis.granting import builder, condition_form, sample, table_form
from amis.granting.builder import Tree, at
from amis.granting.case_form import kept_cases
from amis.granting.condition_form import Posted
from amis.granting.errors import ConditionInvalid
from amis.granting.sample import Sample
from amis.granting.tree_text import read_tree
from rules.table import Table

FIELDS = (
    *("code", "concession_code", "legal_clause", "valid_from", "last_day"),
    *("on_becoming", "on_ceasing", "grace_months", "note", "case_name", "case_days", "seen"),
)
VIEWS = ("tree", "table", "json")
FIRST: Mapping[str, str] = {"on_becoming": "automatic", "on_ceasing": "immediate_termination"}
MOST_CASES = 50


@dataclass(frozen=True, slots=True)
class Editor:
    """The texts of its plain fields, the draft of the condition, the sample, the cases kept, and what is wrong.

    `json` and `table` are what stands in those views, `focus` is the place of a part that has just been made.
    """

    values: Mapping[str, str] = field(default_factory=lambda: dict(FIRST))
    tree: Tree = field(default_factory=lambda: {"all": []})
    sample: Sample = field(default_factory=sample.blank)
    cases: tuple[dict[str, Any], ...] = ()
    view: str = "tree"
    json: str = ""
    table: Table = field(default_factory=lambda: Table((), ()))
    errors: Mapping[str, str] = field(default_factory=dict)
    focus: str | None = None

    def get(self, name: str) -> str:
        """What stands in a plain field."""
        return self.values.get(name, "")

    @property
    def tree_text(self) -> str:
        """The draft as the form carries it."""
        return json.dumps(self.tree, ensure_ascii=False, sort_keys=True)

    @property
    def sample_text(self) -> str:
        """The sample as the form carries it."""
        return json.dumps(self.sample, ensure_ascii=False)

    @property
    def cases_text(self) -> str:
        """The cases as the form carries them."""
        return json.dumps(self.cases, ensure_ascii=False)


def read_editor(posted: Posted) -> Editor:
    """The form as it was posted, before its button has done anything.

    Raises:
        ConditionInvalid: what the form carries beside its fields was tampered with.
    """
    values = {name: posted.get(name) for name in FIELDS}
    kept = read_tree(posted.get("tree") or '{"all":[]}')
    person = sample.fill(sample.read_sample(posted.get("sample")), posted)
    view = posted.get("view") if posted.get("view") in VIEWS else "tree"
    cases = kept_cases(posted.get("cases"))[:MOST_CASES]
    editor = Editor(values, kept, person, cases, view, posted.get("json"), table_form.read_table(posted))
    return replace(editor, tree=condition_form.fill(kept, posted)) if view == "tree" else editor


def press(editor: Editor, posted: Posted) -> Editor:
    """What the pressed button makes of the form; a button that is not known changes nothing.

    Raises:
        ConditionInvalid: the button speaks of a part that is not there.
    """
    verb, _, place = posted.get("do").partition(":")
    step = _STEPS.get(verb)
    if step is None:
        return editor
    try:
        return _readable(step(editor, place, posted))
    except (LookupError, ValueError, TypeError, AttributeError) as error:
        raise ConditionInvalid(place, pointer=place) from error


def _readable(editor: Editor) -> Editor:
    """A draft that has become too deep for a form to carry is refused before it is sent out."""
    read_tree(editor.tree_text)
    return editor


def _add(editor: Editor, place: str, posted: Posted) -> Editor:
    tree = builder.add(editor.tree, place, posted.get(f"{place}:new"))
    return replace(editor, tree=tree, focus=f"{place}{builder.slots(at(tree, place))[-1]}")


def _kind(editor: Editor, place: str, posted: Posted) -> Editor:
    return replace(editor, tree=builder.become(editor.tree, place, posted.get(f"{place}:kind")), focus=place)


def _wrap(editor: Editor, place: str, posted: Posted) -> Editor:
    return replace(editor, tree=builder.wrap(editor.tree, place, posted.get(f"{place}:wrap")), focus=place)


def _unwrap(editor: Editor, place: str, _: Posted) -> Editor:
    return replace(editor, tree=builder.unwrap(editor.tree, place), focus=place)


def _remove(editor: Editor, place: str, _: Posted) -> Editor:
    around, _slash, number = place.rpartition("/")
    focus = around.rpartition("/")[0] if number.isdigit() else place
    return replace(editor, tree=builder.remove(editor.tree, place), focus=focus)


def _move(step: int) -> "Step":
    def moved(editor: Editor, place: str, _: Posted) -> Editor:
        around, _slash, number = place.rpartition("/")
        return replace(editor, tree=builder.move(editor.tree, place, step), focus=f"{around}/{int(number) + step}")

    return moved


def _row(editor: Editor, place: str, _: Posted) -> Editor:
    return replace(editor, sample=sample.add(editor.sample, place))


def _unrow(editor: Editor, place: str, _: Posted) -> Editor:
    return replace(editor, sample=sample.remove(editor.sample, place))


def _column(editor: Editor, _: str, posted: Posted) -> Editor:
    return replace(editor, table=table_form.add_column(editor.table, posted.get("new_column")))


def _uncase(editor: Editor, number: str, _: Posted) -> Editor:
    kept = list(editor.cases)
    del kept[int(number)]
    return replace(editor, cases=tuple(kept))


Step = Callable[[Editor, str, Posted], Editor]
_STEPS: Mapping[str, Step] = {
    "add": _add,
    "kind": _kind,
    "wrap": _wrap,
    "unwrap": _unwrap,
    "remove": _remove,
    "up": _move(-1),
    "down": _move(1),
    "addrow": lambda editor, _, __: replace(editor, table=table_form.add_row(editor.table)),
    "delrow": lambda editor, row, _: replace(editor, table=table_form.remove_row(editor.table, int(row))),
    "addcolumn": _column,
    "delcolumn": lambda editor, at_, _: replace(editor, table=table_form.remove_column(editor.table, int(at_))),
    "row": _row,
    "unrow": _unrow,
    "uncase": _uncase,
}

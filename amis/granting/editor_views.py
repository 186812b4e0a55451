"""The three views of one condition: parts, decision table, JSON. Whichever is shown is the one that was typed into."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from amis.granting.builder import Tree
from amis.granting.editor import VIEWS, Editor
from amis.granting.errors import ConditionInvalid
from amis.granting.table_form import TableDraft, check_table
from amis.granting.tree_faults import check
from amis.granting.tree_text import read_tree
from amis.web.i18n import mark
from rules.condition import All, Any, Condition, to_json
from rules.table import Table, to_table
from rules.vocabulary import Vocabulary

NAMES: Mapping[str, str] = {"tree": mark("Parts"), "table": mark("Decision table"), "json": mark("JSON")}
_EMPTY: tuple[Tree, ...] = ({"all": []}, {"any": []}, {})


@dataclass(frozen=True, slots=True)
class Settled:
    """The form with the condition that its view writes down, and the table with what is wrong in it."""

    editor: Editor
    table: TableDraft


def settled(editor: Editor, vocabulary: Vocabulary) -> Settled:
    """Takes the condition over from the view that was typed into; what cannot be read leaves it as it was."""
    if editor.view == "json":
        return Settled(_of_json(editor), TableDraft())
    if editor.view == "table":
        condition, draft = check_table(editor.table, vocabulary)
        tree = editor.tree if condition is None else to_json(condition)
        return Settled(replace(editor, tree=tree, errors={**editor.errors, **draft.errors}), draft)
    return Settled(editor, TableDraft())


def turned(editor: Editor, view: str, vocabulary: Vocabulary) -> Editor:
    """The same condition in another view; refused while the present view has something that cannot be read."""
    if view not in VIEWS or editor.errors:
        return editor
    if view == "json":
        return replace(editor, view=view, json=json.dumps(editor.tree, ensure_ascii=False, indent=2))
    if view == "tree":
        return replace(editor, view=view)
    table = _table(editor, vocabulary)
    if table is None:
        return replace(editor, errors={"view": mark("This condition cannot be written as a table")})
    return replace(editor, view=view, table=table)


def _table(editor: Editor, vocabulary: Vocabulary) -> Table | None:
    if editor.tree in _EMPTY:
        return Table((), ())
    condition = check(editor.tree, vocabulary).condition
    return None if condition is None else to_table(_bare(condition), vocabulary)


def _bare(node: Condition) -> Condition:
    """The same without any all or any of a single part."""
    if not isinstance(node, All | Any):
        return node
    parts = tuple(_bare(part) for part in node.of)
    return parts[0] if len(parts) == 1 else type(node)(parts)


def _of_json(editor: Editor) -> Editor:
    try:
        return replace(editor, tree=read_tree(editor.json))
    except ConditionInvalid as error:
        where = error.pointer or error.detail
        return replace(editor, errors={**editor.errors, "json": mark("This is no condition in JSON"), "": where})

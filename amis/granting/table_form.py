"""The condition as a decision table in the form: cells as they were typed, and what is wrong with each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from amis.granting.choices import Choices
from amis.granting.condition_form import Posted
from amis.granting.words import Phrase
from amis.web.i18n import mark
from rules.condition import Condition
from rules.errors import BadCell, Refused
from rules.lint import Finding
from rules.table import NO_MATTER, Table, faults, from_table
from rules.vocabulary import Vocabulary

MOST_ROWS, MOST_COLUMNS = 100, 20
_HOW: Mapping[str, str] = {
    "age": mark("Write an age such as >=65 or <18"),
    "fact": mark("Write values of the fact such as I; II, or yes, no, -"),
    "num": mark("Write an amount such as <=343,00 or >100"),
    "group": mark("Write yes, no or -"),
    "calendar": mark("Write yes, no or -"),
    "relation": mark("Write yes, no or a number such as >=3"),
    "day": mark("Write days such as 2026-01-01..2026-12-31"),
}
_EMPTY = mark("Each row has to say something: fill in a cell or remove the row")


@dataclass(frozen=True, slots=True)
class TableDraft:
    """A table while it is being typed; `errors` maps a field (`cell:<row>:<column>`) to a marked text."""

    table: Table = field(default_factory=lambda: Table((), ()))
    errors: Mapping[str, str] = field(default_factory=dict)
    idle: Mapping[int | None, tuple[str, str]] = field(default_factory=dict)
    """Rows that never decide, in Latvian and English; None = the table as a whole."""


def read_table(posted: Posted) -> Table:
    """The cells as they were posted."""
    columns = posted.all("column")[:MOST_COLUMNS]
    count = min(int(posted.get("rows", "0")) if posted.get("rows").isdecimal() else 0, MOST_ROWS)
    cells = (tuple(posted.get(name(row, at)) for at in range(len(columns))) for row in range(count))
    return Table(columns, tuple(cells))


def name(row: int, column: int) -> str:
    """The name of a cell's field, both counted from 0."""
    return f"cell:{row}:{column}"


def check_table(table: Table, vocabulary: Vocabulary) -> tuple[Condition | None, TableDraft]:
    """The condition that the table writes down, None where a cell cannot be read; and the table with what is wrong."""
    try:
        condition = from_table(table, vocabulary)
        return condition, TableDraft(table, {}, dict(_idle(table, vocabulary)))
    except BadCell as error:
        return None, TableDraft(table, {_field(table, error): _message(table, error)})
    except Refused:
        return None, TableDraft(table, {"new_column": mark("The condition is too large")})


def add_row(table: Table) -> Table:
    """One row more that says nothing yet."""
    return replace(table, rows=(*table.rows, (NO_MATTER,) * len(table.columns)))


def remove_row(table: Table, row: int) -> Table:
    """Without a row."""
    return replace(table, rows=tuple(cells for at, cells in enumerate(table.rows) if at != row))


def add_column(table: Table, column: str) -> Table:
    """One column more, which does not matter in any row yet."""
    if not column or column in table.columns:
        return table
    rows = tuple((*cells, NO_MATTER) for cells in table.rows) or ((NO_MATTER,) * (len(table.columns) + 1),)
    return Table((*table.columns, column), rows)


def remove_column(table: Table, column: int) -> Table:
    """Without a column."""
    without = tuple(tuple(cell for at, cell in enumerate(cells) if at != column) for cells in table.rows)
    return Table(tuple(one for at, one in enumerate(table.columns) if at != column), without)


def column_names(choices: Choices) -> dict[str, Phrase]:
    """Every column that can be added, as people call it."""
    named = {"age": Phrase("Vecums", "Age"), "day": Phrase("Dienas", "Days")}
    kinds = ("fact", choices.facts), ("num", choices.numeric), ("group", choices.groups)
    for kind, options in (*kinds, ("calendar", choices.calendars), ("relation", choices.relations)):
        named |= {f"{kind}:{code}": _headed(kind, phrase) for code, phrase in options}
    return named


_HEADS = {
    "num": Phrase("{}, skaitlis", "{}, number"),
    "group": Phrase("Grupa „{}”", "Group “{}”"),
    "calendar": Phrase("Kalendārs „{}”", "Calendar “{}”"),
}


def _headed(kind: str, phrase: Phrase) -> Phrase:
    head = _HEADS.get(kind, Phrase("{}", "{}"))
    return Phrase(_capital(head.lv.format(phrase.lv)), _capital(head.en.format(phrase.en)))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _field(table: Table, error: BadCell) -> str:
    if error.row is None:
        return "new_column"
    return name(error.row, error.column if error.column is not None else 0)


def _message(table: Table, error: BadCell) -> str:
    if error.row is None:
        return mark("Add a column and a row") if not table.rows else mark("A column is not known here")
    if error.column is None:
        return _EMPTY
    return _HOW[table.columns[error.column].partition(":")[0]]


def _idle(table: Table, vocabulary: Vocabulary) -> Iterator[tuple[int | None, tuple[str, str]]]:
    for one in faults(table, vocabulary):
        found = Finding("", one.fault)
        yield one.row, (found.said("lv"), found.said("en"))

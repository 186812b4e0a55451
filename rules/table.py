"""Decision tables: the same conditions as rows of cells, the way ordinances print them and offices keep them.

A column is what a leaf looks at, a cell is the test of that column (see `rules.cell`), a row is all its tests together,
and the table holds where any of its rows does. Only conditions of that shape are tables; the tree stays the source.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rules import cell
from rules.column import Unreadable, check_column, column
from rules.condition import to_json
from rules.errors import BadCell, Refused
from rules.lint import Fault, lint
from rules.node import All, Any, Condition, Not
from rules.reading import bounded, parse
from rules.vocabulary import Vocabulary

NO_MATTER = "-"


@dataclass(frozen=True, slots=True)
class Table:
    """Names of columns, and rows of as many cells, all as text."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class RowFault:
    """What does nothing in a table: a cell, a row (`column` None) or the whole table (both None); counted from 0."""

    row: int | None
    column: int | None
    fault: Fault


def to_table(condition: Condition, vocabulary: Vocabulary | None = None) -> Table | None:
    """The condition as a table, columns in the order in which they are first named; None where it has no such shape.

    With the vocabulary, presence of a fact without values is written `yes`, otherwise `any`.
    """
    read: list[dict[str, list[str]]] = []
    for row in _flat(Any, condition):
        cells: dict[str, list[str]] = {}
        for test in _flat(All, row):
            written = _written(test, vocabulary)
            if written is None:
                return None
            cells.setdefault(written[0], []).append(written[1])
        read.append(cells)
    columns = tuple(dict.fromkeys(name for cells in read for name in cells))
    return Table(columns, tuple(tuple(" & ".join(cells.get(name, (NO_MATTER,))) for name in columns) for cells in read))


def _flat(kind: type[All | Any], node: Condition) -> Iterator[Condition]:
    if not isinstance(node, kind):
        yield node
        return
    for part in node.of:
        yield from _flat(kind, part)


def _written(test: Condition, vocabulary: Vocabulary | None) -> tuple[str, str] | None:
    """The column of a test and its text there."""
    if isinstance(test, Not):
        turned = _written(test.of, vocabulary)
        return None if turned is None else (turned[0], f"not {turned[1]}")
    name = column(test)
    return None if name is None else (name, cell.written(test, _figure(test), vocabulary))


def _figure(leaf: Condition) -> str:
    """What the leaf compares with, as its JSON says it."""
    inner = next(iter(to_json(leaf).values()))
    figure = inner.get("value", inner.get("years", "")) if isinstance(inner, dict) else ""
    return str(figure) if not isinstance(figure, dict) else ":".join(map(str, *figure.items()))


def from_table(table: Table, vocabulary: Vocabulary) -> Condition:
    """The condition that the table writes down. Raises BadCell, which knows the row and the column, and TooLarge."""
    _check_columns(table.columns, vocabulary)
    if not table.rows:
        raise BadCell("a table has at least one row", None, None)
    rows = [_row(at, table, vocabulary) for at in range(len(table.rows))]
    condition = _joined(Any, [_joined(All, [test for _, test in row]) for row in rows])
    bounded(condition, vocabulary.definitions, "")
    return condition


def _joined(kind: type[All | Any], parts: list[Condition]) -> Condition:
    return parts[0] if len(parts) == 1 else kind(tuple(parts))


def _check_columns(columns: tuple[str, ...], vocabulary: Vocabulary) -> None:
    for at, name in enumerate(columns):
        try:
            check_column(name, vocabulary)
        except Unreadable as error:
            raise BadCell(str(error), None, at) from error
        if name in columns[:at]:
            raise BadCell(f"the column {name} is there twice", None, at)


def _row(at: int, table: Table, vocabulary: Vocabulary) -> list[tuple[int, Condition]]:
    """The tests of a row, each with its column."""
    if len(table.rows[at]) != len(table.columns):
        raise BadCell(f"{len(table.columns)} cells are expected, there are {len(table.rows[at])}", at, None)
    found = [(index, test) for index in range(len(table.columns)) for test in _tests(at, index, table, vocabulary)]
    if not found:
        raise BadCell("a row tests something: this one would let in everybody", at, None)
    return found


def _tests(row: int, index: int, table: Table, vocabulary: Vocabulary) -> Iterable[Condition]:
    name = table.columns[index]
    try:
        documents = cell.tests(name, table.rows[row][index], vocabulary)
        return [parse(dict(document), vocabulary) for document in documents]
    except Unreadable as error:
        raise BadCell(f"{name}: {error}", row, index) from error
    except Refused as error:  # its own place is one within the JSON, which nobody who fills in a table sees
        raise BadCell(f"{name}: {error.said}", row, index) from error


def faults(table: Table, vocabulary: Vocabulary) -> tuple[RowFault, ...]:
    """Rows and cells that never decide: contradictory, or covered by those before them. Raises like `from_table`."""
    condition = from_table(table, vocabulary)
    columns = [[index for index, _ in _row(at, table, vocabulary)] for at in range(len(table.rows))]
    # what never holds inside a negation makes its cell hold always, which is told of the cell or the table itself
    found = (one for one in lint(condition, vocabulary) if "not" not in one.place.split("/"))
    return tuple(_placed(one.place, one.fault, columns) for one in found)


def _placed(place: str, fault: Fault, columns: list[list[int]]) -> RowFault:
    """A JSON pointer into the condition as a place in the table."""
    steps = [int(step) for step in place.split("/") if step.isdecimal()]
    row = 0 if len(columns) == 1 else (steps.pop(0) if steps else None)
    if row is None:
        return RowFault(None, None, fault)
    return RowFault(row, columns[row][steps[0]] if steps else None, fault)

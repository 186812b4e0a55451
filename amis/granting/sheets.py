"""Decision tables that come as a file: the first row names the columns, each further one is a row of the table."""

import csv
from dataclasses import dataclass
from io import StringIO

from amis.granting.errors import TableInvalid
from amis.kernel import sheet
from rules.condition import MAX_NODES
from rules.errors import BadCell, Refused
from rules.node import Condition
from rules.table import NO_MATTER, Table, from_table
from rules.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class TableSheet:
    """A table and the rows of the file, counted from 0, on which its heading and each of its rows stand."""

    table: Table
    lines: tuple[int, ...]

    def line(self, row: int | None) -> int:
        """Where a row of the table stands in the file; None asks for the heading."""
        return self.lines[0] if row is None else self.lines[row + 1]


def read_table(name: str, content: bytes, vocabulary: Vocabulary) -> TableSheet:
    """The decision table in a CSV or XLSX file (see `rules.cell`), which is one that can be understood.

    Raises SheetUnreadable, and TableInvalid with the address of the cell: its column letter and its row in the file.
    """
    found = _table(sheet.read(content, MAX_NODES))
    try:
        from_table(found.table, vocabulary)
    except BadCell as error:
        at = sheet.address(found.line(error.row), error.column)
        raise TableInvalid(f"{name}, {at}: {error.said}", pointer=error.place) from error
    except Refused as error:
        raise TableInvalid(f"{name}: {error.said}", pointer=error.place) from error
    return found


def read_sheet(name: str, content: bytes, vocabulary: Vocabulary) -> Condition:
    """The condition that such a file writes down. Raises like `read_table`."""
    return from_table(read_table(name, content, vocabulary).table, vocabulary)


def write_sheet(table: Table) -> str:
    """The table as CSV with semicolons, which spreadsheets in Latvia open without a question."""
    text = StringIO()
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows([table.columns, *table.rows])
    return text.getvalue()


def _table(rows: sheet.Rows) -> TableSheet:
    """Empty rows of the file are no rows of the table."""
    lines = tuple(at for at, row in enumerate(rows) if row)
    width = max((len(rows[at]) for at in lines), default=0)
    filled = [tuple(rows[at] + [NO_MATTER] * (width - len(rows[at]))) for at in lines]
    return TableSheet(Table(filled[0], tuple(filled[1:])), lines) if filled else TableSheet(Table((), ()), (0,))

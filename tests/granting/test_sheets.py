"""Decision tables that come as a file."""

import pytest
from hypothesis import given

from amis.granting.errors import TableInvalid
from amis.granting.sheets import read_sheet, write_sheet
from amis.kernel.errors import SheetUnreadable
from rules.condition import Age, All, Any, Condition, Has, Member, Not
from rules.table import from_table, to_table
from tests.kernel.test_sheet import xlsx
from tests.rules.draws import KINDS
from tests.rules.test_table import tabular

RULE = Any(
    (
        All((Age("ge", 65), Has("disability", frozenset({"I", "II"})))),
        All((Not(Has("needy")), Member("repressed"))),
    )
)
TEXT = 'age;fact:disability;fact:needy;group:repressed\n\n>=65;"I; II"\n-;-;no;jā\n'


@pytest.mark.parametrize("encoding", ["utf-8", "cp1257"])
def test_a_table_in_csv_is_a_condition(encoding: str) -> None:
    assert read_sheet("rule.csv", TEXT.encode(encoding), KINDS) == RULE


def test_a_table_in_xlsx_is_a_condition() -> None:
    heading = ["age", "fact:disability", "fact:needy", "group:repressed"]
    content = xlsx([heading, [], [">=65", "I; II"], ["-", None, False, True]])
    assert read_sheet("rule.xlsx", content, KINDS) == RULE


@pytest.mark.parametrize(
    ("text", "said", "pointer"),
    [
        ("age;fact:rich\n>=65;yes\n", "rule.csv, B1: 'rich' is not one of", "/rows/1"),
        ("age;fact:needy\n\n>=65;yes\n65;yes\n", "rule.csv, A4: age: '65': a comparison", "/rows/1/0"),
        ("age;fact:needy\n>=65;yes\n\n;-\n", "rule.csv, 4: a row tests something", "/rows/1"),
        ("age\n>=65;yes\n", "rule.csv, B1: a column is one of", "/rows/1"),
        ("age\n", "rule.csv, 1: a table has at least one row", "/rows"),
        ("", "rule.csv, 1: a table has at least one row", "/rows"),
        ("age\n" + ">=65 & >=66\n" * 250, "rule.csv: more than 500 nodes", ""),
    ],
)
def test_a_fault_is_told_by_the_address_of_its_cell(text: str, said: str, pointer: str) -> None:
    with pytest.raises(TableInvalid) as caught:
        read_sheet("rule.csv", text.encode(), KINDS)
    assert caught.value.detail.startswith(said)
    assert caught.value.pointer == pointer


def test_a_table_longer_than_any_condition_is_not_read_to_its_end() -> None:
    with pytest.raises(SheetUnreadable, match="more than 500 rows"):
        read_sheet("rule.csv", b"age\n" + b">=65\n" * 500, KINDS)


@given(tabular)
def test_a_table_that_is_written_is_read_back(condition: Condition) -> None:
    table = to_table(condition, KINDS)
    assert table is not None
    assert read_sheet("rule.csv", write_sheet(table).encode(), KINDS) == from_table(table, KINDS)

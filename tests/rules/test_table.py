"""Decision tables over the same tree."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.cell import written
from rules.column import column
from rules.condition import (
    Age,
    All,
    Any,
    Cohort,
    Condition,
    Count,
    During,
    Except,
    Has,
    Held,
    Member,
    Not,
    Num,
    Param,
    Related,
    parse,
    to_json,
)
from rules.errors import BadCell, TooLarge
from rules.evaluate import PersonFacts, evaluate
from rules.lint import Fault
from rules.period import Period
from rules.table import RowFault, Table, faults, from_table, to_table
from rules.vocabulary import FactKind, Vocabulary
from tests.rules.draws import KINDS, LEAVES, periods, persons

_leaves = st.one_of(
    st.sampled_from([leaf for leaf in LEAVES if column(leaf) is not None]),
    st.builds(During, periods()),
    st.builds(Count, st.just("child"), st.sampled_from(["lt", "le", "eq", "ge", "gt"]), st.integers(0, 9)),
)
_cell_tests = st.recursive(_leaves, lambda part: st.builds(Not, part), max_leaves=2)
_rows = st.lists(_cell_tests, min_size=1, max_size=4).map(lambda parts: parts[0] if len(parts) == 1 else All((*parts,)))
tabular = st.lists(_rows, min_size=1, max_size=4).map(lambda rows: rows[0] if len(rows) == 1 else Any((*rows,)))


def test_an_ordinance_s_table_reads_as_its_rule() -> None:
    table = Table(
        ("age", "fact:disability", "num:income", "group:repressed"),
        ((">=65", "-", "<=100,50", ""), (">=18 & <65", "I; II", "", "-"), ("-", "not III", "", "yes")),
    )
    assert from_table(table, KINDS) == Any(
        (
            All((Age("ge", 65), Num("income", "le", Decimal("100.50")))),
            All((Age("ge", 18), Age("lt", 65), Has("disability", frozenset({"I", "II"})))),
            All((Not(Has("disability", frozenset({"III"}))), Member("repressed"))),
        )
    )


@pytest.mark.parametrize(
    ("name", "text", "leaf"),
    [
        ("age", ">=param:majority", Age("ge", Param("majority"))),
        ("age", "<cohort:pension", Age("lt", Cohort("pension"))),
        ("age:02-28", "<18", Age("lt", 18, "02-28")),
        ("num:income", ">param:threshold", Num("income", "gt", Param("threshold"))),
        ("num:income", "50", Num("income", "eq", Decimal(50))),
        ("fact:needy", "yes", Has("needy")),
        ("fact:study", "any", Has("study")),
        ("fact:study", "day", Has("study", frozenset({"day"}))),
        ("fact:study", "not any", Not(Has("study"))),
        ("group:repressed", "not yes", Not(Member("repressed"))),
        ("calendar:school", "yes", During("school")),
        ("relation:child", "yes", Related("child")),
        ("relation:child", ">=3", Count("child", "ge", 3)),
        ("relation:child/group:helped", "0", Count("child", "eq", 0, Member("helped"))),
        ("day", "2026-01-01..2026-12-31", During(Period(date(2026, 1, 1), date(2027, 1, 1)))),
        ("day", "..2026-12-31", During(Period(None, date(2027, 1, 1)))),
        ("day", "2026-01-01..", During(Period(date(2026, 1, 1), None))),
        ("day", "..", During(Period(None, None))),
    ],
)
def test_every_kind_of_cell_is_read_and_written_so(name: str, text: str, leaf: Condition) -> None:
    table = Table((name,), ((text,),))
    assert from_table(table, KINDS) == leaf
    assert to_table(leaf, KINDS) == table


@pytest.mark.parametrize(
    ("name", "text", "same"),
    [
        ("group:repressed", "no", "not yes"),
        ("group:repressed", "jā", "yes"),
        ("group:repressed", "Nē", "not yes"),
        ("group:repressed", "not  no", "not not yes"),
        ("fact:needy", "YES", "any"),
        ("fact:needy", "no", "not any"),
        ("num:income", "<= 1 200,5", "<=1200.5"),
        ("num:income", "<=1\u00a0200.50", "<=1200.5"),
        ("day", "2026-01-01 .. 9999-12-31", "2026-01-01.."),
        ("age", " >= 65 ", ">=65"),
        ("fact:disability", "II;I", "I; II"),
        ("relation:child", "no", "not yes"),
        ("relation:child", "=3", "3"),
    ],
)
def test_people_may_write_a_cell_in_other_ways(name: str, text: str, same: str) -> None:
    assert to_table(from_table(Table((name,), ((text,),)), KINDS)) == Table((name,), ((same,),))


HEADINGS = [
    ("ages", "a column is one of age, day, fact:CODE, num:CODE, group:CODE, calendar:CODE, relation:CODE"),
    ("fact:rich", "'rich' is not one of disability, income, needy, rooms, study"),
    ("num:needy", "'needy' is not one of income, rooms"),
    ("relation:aunt", "'aunt' is not one of child, guardian"),
    ("relation:child/group:nobody", "no group is called 'nobody'"),
    ("age:02-29", "a column is one of"),
]
CELLS = [
    ("age", "65", "'65': a comparison such as >=65 is expected"),
    ("age", ">=65.5", "an age is in whole years"),
    ("age", "<=65", "is not one of ge, lt"),
    ("age", ">=151", "0 to 150 expected"),
    ("age", ">=cohort:threshold", "'threshold' is not one of pension"),
    ("num:income", "<=a lot", "'a lot': a number, param:CODE or cohort:CODE is expected"),
    ("num:income", "<=cohort:pension", "known are param"),
    ("num:income", "<=1.23456", "an amount such as"),
    ("fact:disability", "IV", "'IV' is not one of I, II, III"),
    ("fact:disability", 'I; "II', "a quotation mark is missing"),
    ("fact:disability", "I;", "characters expected"),
    ("fact:needy", "I", "the fact needy has no values"),
    ("group:repressed", "maybe", "'maybe': yes, no or - is expected"),
    ("relation:child", "three", "'three': a number, param:CODE or cohort:CODE is expected"),
    ("relation:child", ">=1.5", "a number of persons is expected"),
    ("relation:child", ">=param:majority", "a number of persons is expected"),
    ("day", "2026-01-01", "days such as 2026-01-01..2026-12-31 are expected"),
    ("day", "..2026-02-30", "2026-02-30: no such day in the calendar"),
    ("day", "2026-02-30..", "no such day in the calendar"),
    ("day", "2026-03-01..2026-02-01", "reversed"),
    ("age", ">=18 & ", "a test is missing beside &"),
]


@pytest.mark.parametrize(("name", "detail"), HEADINGS)
def test_a_column_that_does_not_exist_is_named(name: str, detail: str) -> None:
    with pytest.raises(BadCell) as caught:
        from_table(Table(("age", name), ((">=65", "-"),)), KINDS)
    assert (caught.value.row, caught.value.column, caught.value.place) == (None, 1, "/rows/1")
    assert detail in caught.value.said


@pytest.mark.parametrize(("name", "text", "detail"), CELLS)
def test_a_cell_that_cannot_be_read_is_named(name: str, text: str, detail: str) -> None:
    columns = ("group:helped", name)
    with pytest.raises(BadCell) as caught:
        from_table(Table(columns, (("yes", "-"), ("yes", text))), KINDS)
    assert (caught.value.row, caught.value.column, caught.value.place) == (1, 1, "/rows/1/1")
    assert caught.value.said.startswith(f"{name}: ")
    assert detail in caught.value.said


@pytest.mark.parametrize(
    ("table", "row", "column"),
    [
        (Table(("age", "age"), ((">=65", "<70"),)), None, 1),
        (Table(("age",), ()), None, None),
        (Table(("age",), ((">=65",), ("-",))), 1, None),
        (Table(("age", "day"), ((">=65",),)), 0, None),
    ],
)
def test_a_table_that_is_none_is_refused(table: Table, row: int | None, column: int | None) -> None:
    with pytest.raises(BadCell) as caught:
        from_table(table, KINDS)
    assert (caught.value.row, caught.value.column) == (row, column)


def test_a_table_may_be_no_larger_than_a_condition() -> None:
    with pytest.raises(TooLarge):
        from_table(Table(("age",), ((">=65",),) * 500), KINDS)


@given(tabular, persons)
def test_a_table_means_what_its_condition_means(condition: Condition, person: PersonFacts) -> None:
    table = to_table(condition)
    assert table is not None
    read = from_table(table, KINDS)
    assert evaluate(read, person, KINDS) == evaluate(condition, person, KINDS)
    assert to_table(read) == table
    assert from_table(replace(table, rows=table.rows[::-1]), KINDS) == _reversed(read)
    assert to_table(condition, KINDS) == to_table(from_table(table, KINDS), KINDS)


def _reversed(condition: Condition) -> Condition:
    return Any(condition.of[::-1]) if isinstance(condition, Any) else condition


@given(tabular, st.data())
def test_the_order_of_columns_does_not_matter(condition: Condition, data: st.DataObject) -> None:
    table = to_table(condition)
    assert table is not None
    order = data.draw(st.permutations(range(len(table.columns))))
    columns, *rows = (tuple(line[at] for at in order) for line in (table.columns, *table.rows))
    assert cells(to_table(from_table(Table(columns, tuple(rows)), KINDS))) == cells(table)


def cells(table: Table | None) -> list[dict[str, str]]:
    assert table is not None
    return [{name: text for name, text in zip(table.columns, row, strict=True) if text != "-"} for row in table.rows]


_nested = st.lists(st.one_of(tabular, _rows.map(lambda row: All((row, row)))), min_size=1, max_size=3)


@given(_nested.map(tuple).map(Any), persons)
def test_rows_within_rows_are_rows(condition: Condition, person: PersonFacts) -> None:
    table = to_table(condition)
    assert table is not None
    assert evaluate(from_table(table, KINDS), person, KINDS) == evaluate(condition, person, KINDS)


@pytest.mark.parametrize(
    "condition",
    [
        Held(Has("needy"), 1),
        Except(Has("needy"), Member("repressed")),
        Not(Any((Has("needy"), Member("repressed")))),
        All((Has("needy"), Any((Member("repressed"), Age("ge", 65))))),
        Related("child", Has("study")),
    ],
)
def test_what_has_another_shape_is_no_table(condition: Condition) -> None:
    assert to_table(condition) is None


_ODD = ["yes", "no", "any", "-", "not I", "a;b", "a&b", '"', 'a"b', " a", "NĒ", "jā", "not", "I"]


@given(st.sets(st.sampled_from(_ODD), min_size=1), st.booleans())
def test_a_value_that_looks_like_something_else_is_read_back(values: set[str], turned: bool) -> None:
    words = Vocabulary.of(FactKind("odd", frozenset(_ODD)))
    leaf: Condition = Has("odd", frozenset(values))
    condition = Not(leaf) if turned else leaf
    table = to_table(condition, words)
    assert table is not None
    assert from_table(table, words) == condition
    assert parse(to_json(condition), words) == condition


def test_an_unquoted_yes_is_the_value_where_there_is_one() -> None:
    words = Vocabulary.of(FactKind("employed", frozenset({"yes", "no"})))
    assert from_table(Table(("fact:employed",), (("yes",),)), words) == Has("employed", frozenset({"yes"}))
    assert from_table(Table(("fact:employed",), (("no",),)), words) == Has("employed", frozenset({"no"}))
    assert from_table(Table(("fact:employed",), (("any",),)), words) == Has("employed")
    plain = Vocabulary.of(FactKind("needy", frozenset({"yes"})))
    for text, leaf in (("yes", Has("needy", frozenset({"yes"}))), ("not yes", Not(Has("needy", frozenset({"yes"}))))):
        assert from_table(Table(("fact:needy",), ((text,),)), plain) == leaf
        assert to_table(leaf, plain) == to_table(leaf) == Table(("fact:needy",), ((text,),))
    for text in ("no", "Nē", "not jā"):
        assert from_table(Table(("fact:needy",), ((text,),)), plain) == Not(Has("needy", frozenset({"yes"})))
    assert written(Has("employed"), "", words) == "any"


COVERED = Table(
    ("fact:needy", "age", "group:repressed"),
    (
        ("yes", ">=65", "-"),
        ("-", ">=65 & <18", "yes"),
        ("yes", ">=75", "-"),
        ("-", ">=65 & >=18", "yes"),
    ),
)


def test_rows_and_cells_that_never_decide_are_named() -> None:
    assert faults(COVERED, KINDS) == (
        RowFault(1, None, Fault.CONTRADICTION),
        RowFault(2, None, Fault.NEVER_DECIDES),
        RowFault(3, 1, Fault.NEVER_DECIDES),
    )


def test_faults_of_a_single_row_and_of_a_whole_table_are_placed() -> None:
    assert faults(Table(("age",), ((">=65 & <18",),)), KINDS) == (RowFault(0, None, Fault.CONTRADICTION),)
    assert faults(Table(("fact:needy", "age"), (("yes", ">=65 & >=18"),)), KINDS) == (
        RowFault(0, 1, Fault.NEVER_DECIDES),
    )
    everybody = Table(("fact:needy",), (("yes",), ("no",)))
    assert faults(everybody, KINDS) == (RowFault(None, None, Fault.ALWAYS),)


def test_a_row_that_always_holds_is_not_called_contradictory_for_what_it_negates() -> None:
    table = Table(("fact:needy", "relation:child"), (("any", "-"), ("-", "not <0")))
    assert faults(table, KINDS) == (RowFault(None, None, Fault.ALWAYS), RowFault(0, None, Fault.NEVER_DECIDES))


@given(tabular, persons)
def test_a_row_that_never_decides_can_be_struck_out(condition: Condition, person: PersonFacts) -> None:
    table = to_table(condition)
    assert table is not None
    one_number = replace(person, facts=tuple(fact for fact in person.facts if fact.num is None), relations=())
    before = evaluate(condition, one_number, KINDS)
    for one in faults(table, KINDS):
        if one.row is not None and one.column is None and len(table.rows) > 1 and one.fault is not Fault.TOO_COMPLEX:
            left = table.rows[: one.row] + table.rows[one.row + 1 :]
            assert evaluate(from_table(replace(table, rows=left), KINDS), one_number, KINDS).true == before.true

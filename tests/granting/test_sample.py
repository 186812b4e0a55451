"""The made-up person: its fields, the person the rules take, the case that is kept."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from amis.granting import sample
from amis.granting.case_form import case_of, errors_of, expected_days, kept_cases
from amis.granting.cases import read_cases
from amis.granting.condition_form import Posted
from amis.granting.errors import ConditionInvalid
from amis.granting.preview import preview, timeline_rows
from amis.granting.sample_person import read_person
from rules.condition import All, Has, Num, Related
from rules.period import Days
from tests.granting.town import days
from tests.rules.draws import KINDS

TYPED = {
    "sample:born": "01.03.1962.",
    "sample/facts/0:what": "disability:I",
    "sample/facts/0:from": "01.03.2026",
    "sample/facts/0:to": "31.05.2026",
    "sample/facts/1:what": "income",
    "sample/facts/1:num": "343,50",
    "sample/groups/0:group": "repressed",
    "sample/groups/0:from": "2026-01-01",
    "sample/relations/0:kind": "child",
    "sample/relations/0/person:born": "2015-02-01",
    "sample/relations/0/person/facts/0:what": "study:day",
}


def filled(**change: str) -> sample.Sample:
    """A sample with a row of everything, typed into."""
    person = sample.blank()
    for place in ("/facts", "/facts", "/groups", "/relations", "/relations/0/person/facts"):
        person = sample.add(person, place)
    return sample.fill(person, Posted({name: (value,) for name, value in (TYPED | change).items()}))


def test_what_is_typed_is_the_person_that_the_rules_take() -> None:
    person = read_person(filled()).person
    assert person is not None
    assert person.born == date(1962, 3, 1)
    assert [(fact.kind, fact.value, fact.num) for fact in person.facts] == [
        ("disability", "I", None),
        ("income", None, Decimal("343.50")),
    ]
    assert Days.of(person.facts[0].period) == days("{[2026-03-01,2026-06-01)}")
    assert person.groups == {"repressed": days("{[2026-01-01,)}")}
    [child] = person.relations
    assert (child.relation, child.person.born, child.person.facts[0].value) == ("child", date(2015, 2, 1), "day")


def test_a_row_in_which_nothing_is_chosen_is_left_out() -> None:
    person = sample.add(sample.add(sample.add(sample.blank(), "/facts"), "/groups"), "/relations")
    read = read_person(person).person
    assert read is not None
    assert (read.facts, read.groups, read.relations) == ((), {}, ())


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("sample:born", "1962"),
        ("sample/facts/0:from", "31.02.2026"),
        ("sample/facts/0:to", "01.02.2026"),
        ("sample/facts/1:num", "much"),
        ("sample/relations/0/person:born", "yesterday"),
    ],
)
def test_a_field_that_cannot_be_read_is_named(field: str, typed: str) -> None:
    read = read_person(filled(**{field: typed}))
    assert read.person is None
    assert set(read.errors) == {field}


def test_rows_are_taken_away_and_others_stay() -> None:
    left = sample.remove(filled(), "/facts/0")
    assert [row["kind"] for row in left["facts"]] == ["income"]


@pytest.mark.parametrize("place", ["/facts/9", "/hobbies/0"])
def test_a_row_that_is_not_there_cannot_be_taken_away(place: str) -> None:
    with pytest.raises(LookupError):
        sample.remove(filled(), place)


def test_relatives_of_relatives_end_somewhere() -> None:
    person, place = sample.blank(), "/relations"
    for _ in range(3):
        person = sample.add(person, place)
        place = f"{place}/0/person/relations"
    with pytest.raises(LookupError):
        sample.add(person, place)


@pytest.mark.parametrize("text", ["[]", "1", '{"facts": [1]}', '{"facts": 7}', "{"])
def test_a_sample_that_was_tampered_with_is_refused(text: str) -> None:
    with pytest.raises(ConditionInvalid):
        sample.read_sample(text)


def test_a_kept_case_is_read_back_as_the_same_person() -> None:
    case = case_of("Somebody", filled(), days("{[2026-03-01,2026-06-01)}"))
    [read] = read_cases([case], KINDS)
    person = read_person(filled()).person
    assert person is not None
    assert (read.name, read.expected) == ("Somebody", days("{[2026-03-01,2026-06-01)}"))
    assert (read.person.born, read.person.groups) == (person.born, person.groups)
    assert [(fact.kind, fact.period, fact.num) for fact in read.person.facts] == [
        (fact.kind, fact.period, fact.num) for fact in person.facts
    ]
    assert read.person.relations[0].person.facts[0].value == "day"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("", "{}"),
        ("01.03.2026. - 31.05.2026.", "{[2026-03-01,2026-06-01)}"),
        ("01.03.2026–31.05.2026\n\n01.01.2027 -", "{[2026-03-01,2026-06-01),[2027-01-01,)}"),
        ("- 2026-05-31", "{(,2026-06-01)}"),
        ("01/03/2026", "{[2026-03-01,2026-03-02)}"),
    ],
)
def test_expected_days_are_typed_as_one_period_a_line(typed: str, meant: str) -> None:
    assert expected_days(typed) == days(meant)


@pytest.mark.parametrize("typed", ["soon", "31.05.2026 - 01.03.2026", "01.03.2026 - 31.05.2026 - 01.06.2026"])
def test_expected_days_that_are_no_periods_are_refused(typed: str) -> None:
    assert set(errors_of("x", typed)) == {"case_days"}
    assert set(errors_of("", "")) == {"case_name"}


@pytest.mark.parametrize(
    "text",
    ["{", "7", '{"a": 1}', '[{"name": 1, "person": {}, "expected": "{}"}]', '[{"name": "a", "expected": "{x}"}]'],
)
def test_cases_that_were_tampered_with_are_refused(text: str) -> None:
    with pytest.raises(ConditionInvalid):
        kept_cases(text)


def test_the_days_of_each_part_are_shown_and_those_without_data_apart() -> None:
    condition = All((Has("disability"), Num("income", "le", Decimal(400)), Related("child", Has("study"))))
    person = read_person(filled(**{"sample/facts/1:from": "01.04.2026", "sample/facts/1:to": "30.04.2026"})).person
    assert person is not None
    seen = preview(condition, person, KINDS)
    assert [place for place, _, _ in seen.parts] == ["", "/all/0", "/all/1", "/all/2"]
    rows = timeline_rows(seen, "All of it", "en", [])
    shown: list[Any] = [(row.label, len(row.spans), len(row.open)) for row in rows]
    assert shown == [
        ("All of it", 1, 2),
        ("disability", 1, 0),
        ("income: at most 400", 1, 2),
        ("child: there is one for whom this holds: study", 1, 0),
    ]
    assert seen.at(date(2026, 3, 2)) == {"": None, "/all/0": True, "/all/1": None, "/all/2": True}

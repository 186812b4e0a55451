"""What the form of a suspension order reads, and what it says beside a field."""

from datetime import date

import pytest

from amis.granting.suspension_form import FIELDS, beside, choices, read
from rules.vocabulary import FactKind, Vocabulary

FORM = dict.fromkeys(FIELDS, "") | {
    "code": "covid-1",
    "legal_basis": " Rīkojums ",
    "concessions": "jlg-pens*, JLG-REPR20\nJLG-PENS*",
    "valid_from": "22.10.2021.",
    "valid_to": "15.11.2021",
}


def test_codes_are_read_once_in_capitals_and_the_last_day_belongs_to_the_order() -> None:
    draft, errors = read(FORM)
    assert errors == {}
    assert draft is not None
    assert (draft.code, draft.concessions) == ("COVID-1", ("JLG-PENS*", "JLG-REPR20"))
    assert (draft.valid_from, draft.valid_to) == (date(2021, 10, 22), date(2021, 11, 16))
    assert draft.exceptions == ()


@pytest.mark.parametrize(
    ("typed", "exception"),
    [
        ({"who_1": "grade", "values_1": "3, 1 2"}, {"condition": {"has": {"fact": "grade", "in": ["1", "2", "3"]}}}),
        ({"who_2": "needy"}, {"condition": {"has": {"fact": "needy"}}}),
        ({"who_1": "group:helped", "values_1": "1"}, {"condition": {"member": {"group": "helped"}}}),
        (
            {"who_1": "needy", "from_1": "01.11.2021", "to_1": "05.11.2021"},
            {"condition": {"has": {"fact": "needy"}}, "from": "2021-11-01", "to": "2021-11-06"},
        ),
        ({"who_1": "needy", "to_1": "05.11.2021"}, {"condition": {"has": {"fact": "needy"}}, "to": "2021-11-06"}),
    ],
)
def test_an_exception_is_a_condition_with_its_days(typed: dict[str, str], exception: dict[str, object]) -> None:
    draft, _ = read(FORM | typed)
    assert draft is not None
    assert draft.exceptions == (exception,)


def test_an_order_may_have_no_last_day() -> None:
    draft, _ = read(FORM | {"valid_to": ""})
    assert draft is not None
    assert draft.valid_to is None


def test_what_an_order_refuses_is_said_beside_the_field_it_came_from() -> None:
    assert list(beside("/exceptions/1")) == ["who_2"]
    assert list(beside("/concessions")) == ["concessions"]
    assert "last day" in beside("/valid_to")["valid_to"]


def test_facts_without_numbers_and_groups_can_be_spared() -> None:
    words = Vocabulary.of(FactKind("needy"), FactKind("income", numeric=True), groups=frozenset({"helped"}))
    assert [value for value, _ in choices(words, [])] == ["needy", "group:helped"]

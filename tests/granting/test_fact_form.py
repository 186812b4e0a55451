"""The form of a fact entered by hand."""

from decimal import Decimal

import pytest

from amis.granting import fact_form
from rules.vocabulary import FactKind, Vocabulary

VOCABULARY = Vocabulary.of(FactKind("needy", frozenset({"yes"})))
TYPED = {"fact": "needy:yes", "valid_from": "01.03.2026", "valid_to": "", "decision_number": "7", "reason": "Lēmums"}


def test_a_personal_code_typed_into_number_or_reason_is_not_kept() -> None:
    typed = TYPED | {"decision_number": "7/32010112345", "reason": "Lēmums par 320101-12345"}
    change, errors = fact_form.read(typed, VOCABULARY, "clerk-1")
    assert errors == {}
    assert change is not None
    assert change.decision == {"number": "7/[personal code]"}
    assert change.provenance == {"account": "clerk-1", "reason": "Lēmums par [personal code]"}


INCOME = Vocabulary.of(FactKind("income", numeric=True), FactKind("note"))


def test_a_kind_with_numbers_can_be_chosen_and_one_with_free_text_cannot() -> None:
    assert [value for value, _ in fact_form.choices(INCOME)] == ["income:"]


@pytest.mark.parametrize(
    ("typed", "number"), [("377,50", "377.50"), ("1 250.5", "1250.5"), ("-3", "-3"), ("0.0001", "0.0001")]
)
def test_a_number_is_read_as_people_write_it(typed: str, number: str) -> None:
    change, errors = fact_form.read(TYPED | {"fact": "income:", "num": typed}, INCOME, "clerk-1")
    assert errors == {}
    assert change is not None
    assert (change.kind, change.num, change.text) == (
        "income",
        Decimal(number),
        format(Decimal(number).normalize(), "f"),
    )


@pytest.mark.parametrize("typed", ["", "much", "1e5", "0.00001", "12345678901", "NaN", "1,000.00"])
def test_what_is_no_number_is_told_beside_the_field(typed: str) -> None:
    change, errors = fact_form.read(TYPED | {"fact": "income:", "num": typed}, INCOME, "clerk-1")
    assert (change, errors) == (None, {"num": "Enter a number such as 377.50"})


def test_a_kind_without_numbers_takes_none() -> None:
    change, errors = fact_form.read(TYPED | {"num": "5"}, VOCABULARY, "clerk-1")
    assert errors == {}
    assert change is not None
    assert change.num is None

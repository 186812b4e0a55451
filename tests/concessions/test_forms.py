"""What was typed into the forms of a concession, read or refused field by field."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import FormData

from amis.concessions.drafts import UNLIMITED
from amis.concessions.forms import Form, read_code, read_description, read_terms
from rules.tariff import Discount, DiscountKind, Per, Quota
from rules.terms import Terms

TYPED = {
    "code": "JLG-PENS",
    "name_lv": "Pensionāri",
    "name_en": "Pensioners",
    "group_code": "NEEDY",
    "legal_basis": "5. punkts",
    "funder": "JLG",
    "discount_kind": "percent",
    "discount_value": "12,5",
    "quota_n": "20",
    "quota_per": "month",
    "zones": "city",
    "valid_from": "01.03.2026",
    "last_day": "31.05.2026",
}


def _errors(typed: dict[str, str]) -> dict[str, str]:
    form = Form.of(FormData(typed))
    read_code(form)
    read_description(form)
    read_terms(form, UNLIMITED)
    return form.errors


def test_a_filled_form_is_read_into_terms() -> None:
    terms = read_terms(Form.of(FormData(TYPED)), UNLIMITED)
    assert terms is not None
    assert terms.discount == Discount(DiscountKind.PERCENT, Decimal("12.5"))
    assert terms.quota == Quota(20, Per.MONTH)
    assert terms.terms == Terms(zones=frozenset({"city"}))
    assert (terms.valid_from, terms.valid_to) == (date(2026, 3, 1), date(2026, 6, 1))


def test_limits_that_the_form_does_not_show_are_kept() -> None:
    before = Terms(zones=frozenset({"regional_local"}), weekdays=frozenset({1}), companions=1)
    terms = read_terms(Form.of(FormData(TYPED)), before)
    assert terms is not None
    assert terms.terms == Terms(zones=frozenset({"city"}), weekdays=frozenset({1}), companions=1)


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("code", "jlg pens", "Enter 2 to 32 capital letters"),
        ("code", "Ā1", "Enter 2 to 32 capital letters"),
        ("name_lv", "", "Enter the name in Latvian"),
        ("group_code", "", "Choose a group"),
        ("legal_basis", " ", "Enter the legal basis"),
        ("goal", "a" * 1001, "Enter at most 1000 characters"),
        ("discount_kind", "gift", "Choose a kind of discount"),
        ("discount_value", "101", "Enter a number such as 50"),
        ("discount_value", "NaN", "Enter a number such as 50"),
        ("discount_value", "1e9", "Enter a number such as 50"),
        ("discount_value", "0,00001", "Enter a number such as 50"),
        ("discount_value", "-1", "Enter a number such as 50"),
        ("quota_n", "0", "Enter a whole number from 1"),
        ("quota_n", "1.5", "Enter a whole number from 1"),
        ("quota_n", "٣", "Enter a whole number from 1"),
        ("quota_n", "9" * 5000, "Enter a whole number from 1"),
        ("quota_per", "hour", "Choose from the list"),
        ("zones", "moon", "Choose from the list"),
        ("valid_from", "31.02.2026", "Enter a day such as"),
        ("valid_from", "", "Enter a day such as"),
        ("last_day", "28.02.2026", "The last day must not be before the first"),
        ("last_day", "31.12.9999", "Enter a day such as"),
    ],
)
def test_a_fault_belongs_to_its_field_alone(field: str, typed: str, message: str) -> None:
    [(wrong, said)] = _errors(TYPED | {field: typed}).items()
    assert wrong == field
    assert said.startswith(message)


@given(st.dictionaries(st.sampled_from(sorted(TYPED)), st.text(max_size=12)))
def test_whatever_is_typed_is_read_or_refused_and_what_is_read_can_be_stored(typed: dict[str, str]) -> None:
    form = Form.of(FormData(TYPED | typed))
    terms = read_terms(form, UNLIMITED)
    assert (terms is None) is bool(form.errors)
    if terms is not None:
        terms.check()
        assert Discount.from_json(terms.discount.to_json()) == terms.discount
        assert Terms.from_json(terms.terms.to_json()) == terms.terms

"""What is typed of a concession or a card beside the terms, read or refused field by field."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import FormData

from amis.concessions.cards import CardDraft
from amis.concessions.forms import Form, read_card, read_code, read_description

TYPED = {
    "code": "JLG-OWN",
    "name_lv": "Pensionāri",
    "name_en": "Pensioners",
    "group_code": "NEEDY",
    "legal_basis": "5. punkts",
    "funder": "JLG",
    "budget": "12000,50",
    "administration_cost": "",
}
CARD = {
    "code": "RIX-CARD",
    "name_lv": "Rīdzinieka karte",
    "name_en": "Riga resident's card",
    "legal_basis": "5. punkts",
    "first_fee": "0",
    "replacement_fee": "2,85",
    "valid_months": "120",
    "valid_from": "01.03.2026",
    "last_day": "",
}


def _errors(typed: dict[str, str]) -> dict[str, str]:
    form = Form.of(FormData(typed))
    read_code(form)
    read_description(form)
    return form.errors


def test_what_is_set_aside_and_what_running_it_costs_are_amounts() -> None:
    said = read_description(Form.of(FormData(TYPED)))
    assert (said.budget, said.administration_cost) == (Decimal("12000.50"), Decimal("0.00"))
    said.check()
    assert read_description(Form.of(FormData(TYPED | {"budget": ""}))).budget is None


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("code", "jlg pens", "Enter 2 to 32 capital letters"),
        ("code", "Ā1", "Enter 2 to 32 capital letters"),
        ("name_lv", "", "Enter the name in Latvian"),
        ("group_code", "", "Choose a group"),
        ("legal_basis", " ", "Enter the legal basis"),
        ("goal", "a" * 1001, "Enter at most 1000 characters"),
        ("budget", "12,505", "Enter euros with at most two decimals"),
        ("budget", "NaN", "Enter euros with at most two decimals"),
        ("administration_cost", "-1", "Enter euros with at most two decimals"),
    ],
)
def test_a_fault_belongs_to_its_field_alone(field: str, typed: str, message: str) -> None:
    [(wrong, said)] = _errors(TYPED | {field: typed}).items()
    assert wrong == field
    assert said.startswith(message)


def test_a_filled_form_is_read_into_a_card() -> None:
    names = "RIX-CARD", "Rīdzinieka karte", "Riga resident's card"
    fees = Decimal("0.00"), Decimal("2.85")
    assert read_card(Form.of(FormData(CARD))) == CardDraft(*names, *fees, 120, "5. punkts", date(2026, 3, 1))


@given(st.dictionaries(st.sampled_from(sorted(CARD)), st.text(max_size=12)))
def test_whatever_is_typed_is_a_card_that_can_be_kept_or_refused(typed: dict[str, str]) -> None:
    form = Form.of(FormData(CARD | typed))
    card = read_card(form)
    assert (card is None) is bool(form.errors)
    if card is not None and card.replacement_fee <= 1000 >= card.first_fee:
        card.check()

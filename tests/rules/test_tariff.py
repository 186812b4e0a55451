"""Prices."""

from decimal import Decimal

import pytest
from hypothesis import given

from rules.errors import MissingKey, OutOfRange, Refused, UnknownKey, UnknownWord, WrongType
from rules.tariff import QUANTUM, Discount, DiscountKind, to_cents
from tests.rules.draws import amounts, discounts

FARE = Decimal("0.85")
HALF = Discount(DiscountKind.PERCENT, Decimal(50))


@given(discounts, amounts)
def test_a_price_is_never_negative_nor_above_the_full_price(discount: Discount, gross: Decimal) -> None:
    price = discount.price(gross)
    assert 0 <= price <= gross
    assert price == price.quantize(QUANTUM)


@given(discounts)
def test_a_discount_written_and_read_is_the_same(discount: Discount) -> None:
    assert Discount.from_json(discount.to_json()) == discount


@pytest.mark.parametrize(
    ("discount", "gross", "price"),
    [
        ({"kind": "free"}, "0.85", "0.0000"),
        ({"kind": "percent", "value": "50"}, "0.85", "0.4250"),
        ({"kind": "percent", "value": "100"}, "0.85", "0.0000"),
        ({"kind": "percent", "value": "90"}, "0.85", "0.0850"),
        ({"kind": "amount_off", "value": "0.50"}, "1.00", "0.5000"),
        ({"kind": "amount_off", "value": "0.50"}, "0.40", "0.0000"),
        ({"kind": "fixed_price", "value": "0.05"}, "0.85", "0.0500"),
        ({"kind": "fixed_price", "value": "0.05"}, "0.03", "0.0300"),
        ({"kind": "cap", "value": "0.60"}, "0.85", "0.6000"),
        ({"kind": "cap", "value": "0.60"}, "0.55", "0.5500"),
    ],
)
def test_prices(discount: object, gross: str, price: str) -> None:
    assert str(Discount.from_json(discount).price(Decimal(gross))) == price


def test_t19_a_product_may_have_a_discount_of_its_own() -> None:
    season = {"kind": "percent", "value": "40"}
    goda = Discount.from_json({"kind": "percent", "value": "50", "products": {"season": season}})
    assert goda.price(Decimal(40), "season") == 24
    assert goda.price(Decimal(40), "single") == 20
    assert Discount.from_json(goda.to_json()) == goda


def test_cents_are_a_separate_step_half_up() -> None:
    assert [str(to_cents(Decimal(amount))) for amount in ("0.4250", "0.4249", "4.635")] == ["0.43", "0.42", "4.64"]


@pytest.mark.parametrize(
    ("value", "error", "place"),
    [
        ("free", WrongType, ""),
        ({}, MissingKey, "/kind"),
        ({"kind": "half"}, UnknownWord, "/kind"),
        ({"kind": "free", "value": "1"}, OutOfRange, "/value"),
        ({"kind": "percent"}, WrongType, "/value"),
        ({"kind": "percent", "value": 50}, WrongType, "/value"),
        ({"kind": "percent", "value": "101"}, OutOfRange, "/value"),
        ({"kind": "amount_off", "value": "-1"}, WrongType, "/value"),
        ({"kind": "amount_off", "value": "1e3"}, WrongType, "/value"),
        ({"kind": "amount_off", "value": "0.00001"}, WrongType, "/value"),
        ({"kind": "free", "note": ""}, UnknownKey, "/note"),
        ({"kind": "free", "products": {"season": {"kind": "x"}}}, UnknownWord, "/products/season/kind"),
        ({"kind": "free", "products": []}, WrongType, "/products"),
    ],
)
def test_a_discount_that_does_not_fit_is_refused_with_its_place(
    value: object, error: type[Refused], place: str
) -> None:
    with pytest.raises(error) as caught:
        Discount.from_json(value)
    assert caught.value.place == place

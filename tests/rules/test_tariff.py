"""Prices and quotas."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given

from rules.errors import MissingKey, OutOfRange, Refused, UnknownKey, UnknownWord, WrongType
from rules.period import Days
from rules.tariff import QUANTUM, Discount, DiscountKind, Per, Quota, to_cents
from tests.rules.draws import amounts, day_sets, days_of_pool, discounts, quotas

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


@given(quotas)
def test_a_quota_written_and_read_is_the_same(quota: Quota) -> None:
    assert Quota.from_json(quota.to_json()) == quota


@given(quotas, days_of_pool, day_sets)
def test_a_window_starts_on_or_before_its_day_and_holds_its_own_start(quota: Quota, day: date, periods: Days) -> None:
    start = quota.window(day, periods)
    assert start <= day
    assert quota.window(start, periods) == start


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
    ("per", "start"),
    [(Per.DAY, "2026-05-10"), (Per.WEEK, "2026-05-04"), (Per.MONTH, "2026-05-01"), (Per.YEAR, "2026-01-01"),
     (Per.PERIOD, "2026-03-15")],
)  # fmt: skip
def test_windows_of_a_sunday_in_may(per: Per, start: str) -> None:
    periods = Days.parse("{[2025-01-01,2025-06-01),[2026-03-15,2026-09-01)}")
    assert Quota(1, per).window(date(2026, 5, 10), periods) == date.fromisoformat(start)


def test_t04_a_month_is_not_restarted_when_the_right_is_renewed_in_it() -> None:
    renewed = Days.parse("{[2026-03-01,2026-05-15),[2026-05-15,2026-08-15)}")
    assert Quota(20, Per.MONTH).window(date(2026, 5, 20), renewed) == date(2026, 5, 1)
    assert Quota(20, Per.PERIOD).window(date(2026, 5, 20), renewed) == date(2026, 3, 1)


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


@pytest.mark.parametrize(
    "value", [{"n": 0, "per": "day"}, {"n": 1, "per": "hour"}, {"n": True, "per": "day"}, {"n": 1}]
)
def test_a_quota_that_does_not_fit_is_refused(value: object) -> None:
    with pytest.raises(Refused):
        Quota.from_json(value)

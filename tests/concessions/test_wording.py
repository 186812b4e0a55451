"""Terms in plain words."""

from datetime import date
from decimal import Decimal

import pytest

from amis.concessions.models import ConcessionTerms
from amis.concessions.wording import discount_in_words, in_words, quota_in_words
from rules.tariff import Discount, DiscountKind, Per, Quota
from rules.terms import Terms

NEEDY = ConcessionTerms(
    valid_from=date(2026, 1, 1),
    valid_to=date(2027, 1, 1),
    discount=Discount(DiscountKind.FREE).to_json(),
    quota=Quota(20, Per.MONTH).to_json(),
    terms=Terms(zones=frozenset({"city"}), weekdays=frozenset({1, 7}), windows=((1320, 240),), companions=1).to_json(),
)


def test_a_revision_in_english() -> None:
    assert in_words(NEEDY, "en") == [
        ("Discount", "free of charge"),
        ("Quota", "20 times a calendar month"),
        ("In force", "01/01/2026 – 31/12/2026"),
        ("Where", "city routes"),
        ("Weekdays", "Mon, Sun"),
        ("Times of day", "22:00–04:00"),
        ("Companions", "1"),
    ]


def test_a_revision_in_latvian() -> None:
    assert in_words(NEEDY, "lv") == [
        ("Atlaide", "bez maksas"),
        ("Limits", "20 reizes kalendāra mēnesī"),
        ("Spēkā", "01.01.2026. – 31.12.2026."),
        ("Kur", "pilsētas maršruti"),
        ("Nedēļas dienas", "pirmd., svētd."),
        ("Diennakts laiks", "22:00–04:00"),
        ("Pavadoņi", "1"),
    ]


@pytest.mark.parametrize(
    ("kind", "value", "latvian", "english"),
    [
        (
            DiscountKind.PERCENT,
            "100",
            "100 % no cenas, saņēmējs nemaksā neko",
            "100 % of the price, the holder pays nothing",
        ),
        (DiscountKind.PERCENT, "50", "50 % atlaide no cenas", "50 % off the price"),
        (
            DiscountKind.AMOUNT_OFF,
            "0.5",
            "0,50 EUR atlaide, cena nav mazāka par nulli",
            "EUR 0.50 off the price, never below zero",
        ),
        (DiscountKind.FIXED_PRICE, "0.05", "saņēmējs maksā 0,05 EUR", "the holder pays EUR 0.05"),
        (DiscountKind.CAP, "2", "devējs maksā ne vairāk kā 2,00 EUR", "the grantor pays at most EUR 2.00"),
    ],
)
def test_each_kind_of_discount(kind: DiscountKind, value: str, latvian: str, english: str) -> None:
    discount = Discount(kind, Decimal(value))
    assert discount_in_words(discount, "lv") == latvian
    assert discount_in_words(discount, "en") == english


def test_discounts_of_products_follow_the_general_one() -> None:
    season = Discount(DiscountKind.PERCENT, Decimal(40))
    discount = Discount(DiscountKind.PERCENT, Decimal(50), (("season_ticket", season),))
    assert discount_in_words(discount, "en") == "50 % off the price; season_ticket: 40 % off the price"


@pytest.mark.parametrize(
    ("n", "latvian", "english"), [(1, "1 reize dienā", "1 time a day"), (21, "21 reize dienā", "21 times a day")]
)
def test_a_quota_is_counted_as_each_language_counts(n: int, latvian: str, english: str) -> None:
    quota = Quota(n, Per.DAY)
    assert quota_in_words(quota, "lv") == latvian
    assert quota_in_words(quota, "en") == english

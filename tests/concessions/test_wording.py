"""Terms in plain words."""

from datetime import date
from decimal import Decimal

import pytest

from amis.concessions.limits import limits_in_words
from amis.concessions.models import ConcessionTerms
from amis.concessions.wording import discount_in_words, funding_in_words, in_words, quota_in_words
from rules.funding import Funding, Part
from rules.period import Days
from rules.tariff import Discount, DiscountKind, Per, Quota
from rules.terms import Amber, Offline, Terms

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
        (DiscountKind.CAP, "2", "saņēmējs maksā ne vairāk kā 2,00 EUR", "the holder pays at most EUR 2.00"),
    ],
)
def test_each_kind_of_discount(kind: DiscountKind, value: str, latvian: str, english: str) -> None:
    discount = Discount(kind, Decimal(value))
    assert discount_in_words(discount, "lv") == latvian
    assert discount_in_words(discount, "en") == english


def test_discounts_of_products_follow_the_general_one() -> None:
    season = Discount(DiscountKind.PERCENT, Decimal(40))
    discount = Discount(DiscountKind.PERCENT, Decimal(50), (("season", season), ("zoo", season)))
    assert (
        discount_in_words(discount, "en")
        == "50 % off the price; season ticket: 40 % off the price; zoo: 40 % off the price"
    )


@pytest.mark.parametrize(
    ("n", "latvian", "english"), [(1, "1 reize dienā", "1 time a day"), (21, "21 reize dienā", "21 times a day")]
)
def test_a_quota_is_counted_as_each_language_counts(n: int, latvian: str, english: str) -> None:
    quota = Quota(n, Per.DAY)
    assert quota_in_words(quota, "lv") == latvian
    assert quota_in_words(quota, "en") == english


def test_quotas_that_are_carried_over_or_count_money() -> None:
    carried, money = Quota(20, Per.MONTH, "10-31"), Quota(0, Per.YEAR, None, Decimal("30.00"))
    assert quota_in_words(carried, "lv") == "20 reizes kalendāra mēnesī; atlikušo var izmantot līdz 31.10. (ieskaitot)"
    assert (
        quota_in_words(carried, "en") == "20 times a calendar month; what is left may be used up to and including 31/10"
    )
    assert quota_in_words(money, "lv") == "atlaides kopā ne vairāk kā 30,00 EUR kalendāra gadā"
    assert quota_in_words(money, "en") == "discounts of at most EUR 30.00 a calendar year"


def test_half_cents_of_a_funder_are_told_as_they_are() -> None:
    funding = Funding((Part("LV", amount=Decimal("1.5450")), Part("RIX", Decimal(100))))
    assert funding_in_words(funding, "lv") == "LV: 1,545 EUR par katru reizi; RIX: 100 % no atlaides"
    assert funding_in_words(funding, "en") == "LV: EUR 1.545 of each use; RIX: 100 % of the discount"


EVERYTHING = Terms(
    weekdays=frozenset({6}),
    windows=((420, 540),),
    calendar=Days.parse("{[2026-09-01,2027-06-01)}"),
    waiver="summer_work",
    dates=frozenset({"05-04", "2026-09-01"}),
    modes=frozenset({"tram", "bus"}),
    zones=frozenset({"city"}),
    routes=frozenset({"7"}),
    providers=frozenset({"RS"}),
    places=frozenset({"ZOO"}),
    products=frozenset({"single"}),
    companions=1,
    exclusive_group="goda",
    pass_back_seconds=60,
    check_photo=True,
    offline=Offline(Amber.DENY, 1),
    priority=10,
    universal=True,
    by_sight=True,
    holder_mode=True,
    per_household=2,
    cut_off_day=27,
)


def test_every_limit_is_said_in_english() -> None:
    assert limits_in_words(EVERYTHING, "en") == [
        ("For whom", "everybody, without a token; nobody is recorded, no token is needed, the driver sees it"),
        ("Where", "city routes"),
        ("Modes of transport", "bus, tram: the holder chooses one"),
        ("Routes", "7"),
        ("Providers", "RS"),
        ("Stops and venues", "ZOO"),
        ("Products", "single ticket"),
        ("Weekdays", "Sat"),
        ("Times of day", "07:00–09:00"),
        ("Dates", "04/05, 01/09/2026"),
        ("Calendar", "01/09/2026 – 31/05/2027 (lifted for those with the fact “summer_work”)"),
        ("Least time between two uses", "60 seconds"),
        ("Companions", "1"),
        ("Most persons of a household", "2"),
        ("The right begins", "asked for by day 27 of a month, from the 1st of the next month; later, a month later"),
        ("Only one at a time of the group", "goda"),
        ("Place in the order of use", "10"),
        ("Photo", "is looked at on each use"),
        ("Without a connection", "in doubt, the concession is not given; uses not yet sent: at most 1"),
    ]


def test_every_limit_is_said_in_latvian() -> None:
    said = dict(limits_in_words(EVERYTHING, "lv"))
    assert len(said) == 19
    assert said["Transporta veidi"] == "autobuss, tramvajs: saņēmējs izvēlas vienu"
    assert said["Datumi"] == "04.05., 01.09.2026."
    assert said["Mazākais laiks starp divām lietošanas reizēm"] == "60 sekundes"
    assert said["Tiesības sākas"] == (
        "ja pieteikts līdz mēneša 27. datumam, no nākamā mēneša 1. datuma; ja vēlāk, mēnesi vēlāk"
    )


def test_no_limit_is_not_said() -> None:
    assert limits_in_words(Terms(), "lv") == []
    assert limits_in_words(Terms(offline=Offline(online_only=True)), "en") == [
        ("Without a connection", "the concession is never given")
    ]

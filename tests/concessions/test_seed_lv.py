"""The concessions of Latvia, as the service reads them back."""

from datetime import date
from decimal import Decimal

import pytest

from amis.concessions import cards, store
from amis.concessions.drafts import TermsDraft
from amis.concessions.forms import Form
from amis.concessions.lv.edition import Edition
from amis.concessions.seed_lv import CLASSIFIERS, DAUGAVPILS, JELGAVA, RIGA, VENTSPILS, retire_old, seed
from amis.concessions.service import described
from amis.concessions.terms_form import read_terms
from amis.concessions.terms_values import draft_of, form_of
from amis.concessions.wording import in_words
from amis.kernel.actor import Actor, system
from amis.kernel.db import transaction
from amis.kernel.models import STATE
from rules.funding import split
from rules.tariff import Discount
from tests.concessions.rows import row_of

FARE = Decimal("0.85")
COUNTS = {STATE: 12, JELGAVA: 5, RIGA: 14, DAUGAVPILS: 9, VENTSPILS: 2}
ALL = {"city", "regional_intercity", "regional_local"}
REGIONAL = {"regional_intercity", "regional_local"}
EDITIONS = [one for classifier in CLASSIFIERS.values() for one in classifier.editions]
TERMS = [(one.draft.code, terms) for one in EDITIONS for terms in (one.draft.terms, *one.later)]


def given(code: str) -> Edition:
    [found] = [one for one in EDITIONS if one.draft.code == code]
    return found


def terms_on(code: str, day: date) -> TermsDraft | None:
    one = given(code)
    found = [terms for terms in (one.draft.terms, *one.later) if terms.valid_from <= day]
    return next((terms for terms in found if terms.valid_to is None or day < terms.valid_to), None)


def test_there_are_44_editions_of_42_concessions_and_a_card() -> None:
    assert {number: len(one.editions) for number, one in CLASSIFIERS.items()} == COUNTS
    editions_of_pensioners = 1 + len(given("JLG-PENS").later)
    assert sum(COUNTS.values()) - 1 + editions_of_pensioners == 44
    assert [card.code for one in CLASSIFIERS.values() for card in one.cards] == ["RIX-CARD"]


@pytest.mark.parametrize("grantor", CLASSIFIERS)
async def test_what_is_seeded_is_read_back_and_seeding_again_changes_nothing(jelgava: Actor, grantor: int) -> None:
    actor = system("seed", grantor)
    for expected in (COUNTS[grantor], 0):
        async with transaction(actor) as tx:
            assert await seed(tx) == expected
    async with transaction(actor) as tx:
        for one in CLASSIFIERS[grantor].editions:
            row = await store.by_code(tx, grantor, one.draft.code)
            assert row is not None
            assert described(row, row.group.code) == one.draft.description
            assert [draft_of(terms) for terms in row.revisions] == [one.draft.terms, *one.later]
        kept = [card for card in await cards.list_cards(tx) if card.municipality_id == grantor]
        assert [card.code for card in kept] == [card.code for card in CLASSIFIERS[grantor].cards]


async def test_only_what_is_wanted_is_seeded(jelgava: Actor) -> None:
    async with transaction(jelgava) as tx:
        assert await seed(tx, {"JLG-PENS", "LV-GODA-50"}) == 1
        assert [row.code for row in await store.list_concessions(tx)] == ["JLG-PENS"]


async def test_what_ventspils_gave_in_lats_is_retired_once(jelgava: Actor) -> None:
    async with transaction(system("seed", VENTSPILS)) as tx:
        await seed(tx)
        assert [await retire_old(tx), await retire_old(tx)] == [2, 0]
        assert {row.state for row in await store.list_concessions(tx)} == {"retired"}


@pytest.mark.parametrize("one", EDITIONS, ids=lambda one: one.draft.code)
def test_every_concession_names_its_basis_goal_indicator_budget_line_and_proof(one: Edition) -> None:
    one.draft.check()
    for terms in one.later:
        terms.check()
    said = one.draft.description
    assert all((said.goal, said.indicator, said.budget_line, said.proof_lv, said.proof_en))
    assert said.group_code in {
        group.code for given in CLASSIFIERS.values() if one in given.editions for group in given.groups
    }


@pytest.mark.parametrize(("code", "terms"), TERMS, ids=[f"{code} {terms.valid_from}" for code, terms in TERMS])
def test_every_edition_goes_through_its_form_and_is_said_in_both_languages(code: str, terms: TermsDraft) -> None:
    for language in ("lv", "en"):
        form = form_of(terms, language)
        assert read_terms(Form(form.values, form.ticked)) == terms, form.errors
    latvian, english = in_words(row_of(terms), "lv"), in_words(row_of(terms), "en")
    assert len(latvian) == len(english) >= 3
    assert all(label != other for (label, _), (other, _) in zip(latvian, english, strict=True))


IN_2026 = date(2026, 4, 15)
PRICES = [
    ("LV-DIS-1-2", IN_2026, "single", "0.85", "0"),
    ("LV-GODA-50", IN_2026, "single", "0.85", "0.4250"),
    ("LV-GODA-40", IN_2026, "season", "40", "24"),
    ("LV-GODA-STUD", IN_2026, "single", "0.85", "0.0850"),
    ("LV-RURAL-10-12", IN_2026, "fare_refund", "12.40", "6.2"),
    ("JLG-PENS", date(2018, 4, 15), "single", "0.85", "0.4250"),
    ("JLG-PENS", date(2022, 3, 15), "single", "0.85", "0"),
    ("DGP-PENSION", IN_2026, "single", "1.00", "0.50"),
    ("DGP-PENSION", IN_2026, "single", "0.40", "0"),
    ("RIX-PARENT3", IN_2026, "single", "1.50", "0.75"),
    ("VNT-CHILD47", date(2013, 4, 15), "single", "0.85", "0.0711"),
]


@pytest.mark.parametrize(("code", "day", "product", "gross", "price"), PRICES)
def test_the_holder_pays_what_the_regulation_says(code: str, day: date, product: str, gross: str, price: str) -> None:
    terms = terms_on(code, day)
    assert terms is not None
    assert terms.discount.price(Decimal(gross), product) == Decimal(price)


def test_the_three_editions_of_jelgavas_pensioners_differ_by_date() -> None:
    days = (date(2017, 9, 30), date(2018, 4, 15), date(2022, 3, 15), IN_2026)
    quotas = [terms.quota.to_json() if (terms := terms_on("JLG-PENS", day)) and terms.quota else None for day in days]
    month = {"per": "month"}
    assert quotas == [None, {"n": 20} | month, {"n": 10} | month, {"n": 20, "carry_until": "10-31"} | month]


def test_three_lunches_are_shared_to_the_half_cent() -> None:
    meal = given("RIX-MEAL-1-4").draft
    parts = [split(Decimal("3.09"), meal.terms.funding, meal.description.funder) for _ in range(3)]
    assert sum(dict(part)["LV"] for part in parts) == sum(dict(part)["RIX"] for part in parts) == Decimal("4.635")


@pytest.mark.parametrize(
    ("code", "day", "minute_open"),
    [
        ("RIX-ALL-DAYS", date(2026, 12, 31), True),
        ("RIX-ALL-DAYS", date(2027, 1, 1), True),
        ("RIX-ALL-DAYS", date(2026, 9, 1), True),
        ("RIX-ALL-DAYS", date(2024, 9, 2), True),  # the first of September was a Sunday
        ("RIX-ALL-DAYS", date(2024, 9, 1), False),
        ("RIX-ALL-DAYS", date(2026, 12, 30), False),
        ("LV-GODA-DAYS", date(2026, 11, 18), True),
        ("LV-GODA-DAYS", date(2026, 11, 17), False),
        ("JLG-PUPIL4", date(2026, 4, 15), True),
        ("JLG-PUPIL4", date(2026, 7, 15), False),
    ],
)
def test_days_on_which_it_counts(code: str, day: date, minute_open: bool) -> None:
    terms = terms_on(code, day)
    assert terms is not None
    assert terms.terms.open_at(day, 600, frozenset()) is minute_open


def test_summer_work_lifts_the_school_year_of_a_pupil() -> None:
    terms = given("JLG-PUPIL4").draft.terms.terms
    assert terms.open_at(date(2026, 7, 15), 600, frozenset({"summer_work"}))


def test_limits_by_household_and_choice_of_mode_are_those_of_the_regulations() -> None:
    limits = {one.draft.code: one.draft.terms.terms.per_household for one in EDITIONS}
    assert {code: limit for code, limit in limits.items() if limit} == {"RIX-PARENT3": 1, "DGP-LARGE2": 2}
    chosen = {one.draft.code for one in EDITIONS if one.draft.terms.terms.holder_mode}
    assert chosen == {"DGP-CHAES", "DGP-AFGHAN", "DGP-CARE"}
    assert [one.draft.code for one in EDITIONS if one.draft.terms.terms.companions] == ["LV-COMPANION"]
    assert [one.draft.code for one in EDITIONS if one.draft.terms.terms.universal] == ["RIX-ALL-DAYS"]


@pytest.mark.parametrize(
    ("code", "zones"),
    [("LV-DIS-1-2", ALL), ("LV-REPRESSED", REGIONAL), ("JLG-NEEDY20", {"city"}), ("RIX-UA", {"city"})],
)
def test_where_it_counts(code: str, zones: set[str]) -> None:
    assert given(code).draft.terms.terms.zones == zones


def test_orphans_of_the_state_begin_with_the_amendment_and_needy_persons_of_jelgava_end_with_2026() -> None:
    assert terms_on("LV-ORPHAN", date(2024, 3, 22)) is None
    assert terms_on("LV-ORPHAN", date(2024, 3, 23)) is not None
    assert terms_on("JLG-NEEDY20", date(2026, 12, 31)) is not None
    assert terms_on("JLG-NEEDY20", date(2027, 1, 1)) is None


def test_free_of_charge_and_the_whole_price_off_cost_the_holder_nothing() -> None:
    for code in ("JLG-ORPHAN5", "LV-DIS-CHILD"):
        assert Discount.from_json(given(code).draft.terms.discount.to_json()).price(FARE) == 0

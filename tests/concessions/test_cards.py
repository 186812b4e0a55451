"""Card products: fees by date."""

import asyncio
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from amis.concessions.cards import CardDraft, define_card, list_cards
from amis.concessions.errors import CardInvalid, CardOverlap, PeriodReversed
from amis.kernel.actor import Actor
from amis.kernel.db import transaction

CARD = CardDraft(
    "JLG-CARD", "Karte", "Card", Decimal("0.00"), Decimal("2.85"), 120, "Saistošie noteikumi", date(2020, 1, 1)
)


async def test_new_fees_end_the_ones_before_and_keep_them(jelgava: Actor) -> None:
    async with transaction(jelgava) as tx:
        await define_card(tx, CARD)
        await define_card(tx, replace(CARD, replacement_fee=Decimal("3.50"), valid_from=date(2026, 1, 1)))
        found = [(card.replacement_fee, card.valid_from, card.valid_to) for card in await list_cards(tx)]
    assert found == [
        (Decimal("3.50"), date(2026, 1, 1), None),
        (Decimal("2.85"), date(2020, 1, 1), date(2026, 1, 1)),
    ]


async def test_fees_of_the_same_days_are_refused(jelgava: Actor) -> None:
    async with transaction(jelgava) as tx:
        await define_card(tx, CARD)
        for days in ((date(2020, 1, 1), None), (date(2019, 1, 1), date(2020, 1, 2))):
            with pytest.raises(CardOverlap):
                await define_card(tx, replace(CARD, valid_from=days[0], valid_to=days[1]))
        await define_card(tx, replace(CARD, valid_from=date(2019, 1, 1), valid_to=date(2020, 1, 1)))


async def test_of_the_same_fees_sent_twice_at_once_the_second_are_refused(jelgava: Actor) -> None:
    async def define() -> None:
        async with transaction(jelgava) as tx:
            await define_card(tx, CARD)

    outcomes = await asyncio.gather(define(), define(), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["CardOverlap", "NoneType"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("code", "jlg"),
        ("name_lv", " "),
        ("legal_basis", ""),
        ("first_fee", Decimal("-1")),
        ("replacement_fee", Decimal("2.855")),
        ("replacement_fee", Decimal("1000.01")),
        ("valid_months", 0),
        ("valid_months", 601),
    ],
)
def test_a_fault_names_its_field(field: str, value: object) -> None:
    with pytest.raises(CardInvalid) as refused:
        replace(CARD, **{field: value}).check()  # type: ignore[arg-type]  # keyed by name
    assert refused.value.pointer == f"/{field}"


def test_a_card_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(PeriodReversed):
        replace(CARD, valid_to=date(2020, 1, 1)).check()


async def test_another_town_does_not_see_it(jelgava: Actor, riga: Actor) -> None:
    async with transaction(jelgava) as tx:
        await define_card(tx, CARD)
    async with transaction(riga) as tx:
        assert await list_cards(tx) == []

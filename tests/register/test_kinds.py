"""Kinds of facts: the state's, and what a municipality may make of them."""

from datetime import date

import pytest

from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.register import service, store
from amis.register.errors import FactKindNarrowed
from amis.register.seed_lv import STATE_KINDS
from amis.register.service import FactChange
from rules.vocabulary import FactKind, WhenMissing
from tests.register.persons import somebody

PARTLY = FactChange("needy", "partly", date(2026, 3, 1), date(2026, 6, 1), "sopa", "r-1", 1)


async def test_a_kind_of_fact_is_defined_once_and_own_kinds_win(town: Actor) -> None:
    own = FactKind("needy", frozenset({"yes", "partly"}), WhenMissing.UNKNOWN)
    async with transaction(town) as tx:
        assert await service.define_fact_kind(tx, own)
        assert not await service.define_fact_kind(tx, own)
        words = await store.vocabulary(tx)
        assert await service.record(tx, await somebody(tx), PARTLY)
    assert words.facts["needy"] == own
    assert words.facts["disability"].values == {"I", "II", "III", "child"}


async def test_a_municipality_cannot_make_the_states_rules_unreadable_or_surer(town: Actor) -> None:
    async with transaction(town) as tx:
        for values, missing in ((None, WhenMissing.FALSE), (frozenset({"yes", "no"}), WhenMissing.FALSE)):
            with pytest.raises(FactKindNarrowed):
                await service.define_fact_kind(tx, FactKind("in_care", values, missing))
        with pytest.raises(FactKindNarrowed):
            await service.define_fact_kind(tx, FactKind("disability", frozenset({"severe"})))


async def test_every_kind_of_the_state_has_a_name_in_both_languages(town: Actor) -> None:
    async with transaction(town) as tx:
        known = await store.fact_kinds(tx)
    assert {code: (row.name_lv, row.name_en) for code, row in known.items()} == {
        kept.kind.code: (kept.name_lv, kept.name_en) for kept in STATE_KINDS
    }
    assert all(kept.name_lv and kept.name_en for kept in STATE_KINDS)


async def test_a_kind_with_numbers_stays_one(town: Actor) -> None:
    async with transaction(town) as tx:
        with pytest.raises(FactKindNarrowed):
            await service.define_fact_kind(tx, FactKind("needy", frozenset({"yes"}), numeric=True))

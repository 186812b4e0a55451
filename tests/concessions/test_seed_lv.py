"""The concessions of Latvia, as the service reads them back."""

from datetime import date
from decimal import Decimal

from amis.concessions import store
from amis.concessions.seed_lv import JELGAVA, JELGAVA_CONCESSIONS, STATE_CONCESSIONS, seed
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from rules.tariff import Discount
from rules.terms import Terms

ALL = {"city", "regional_intercity", "regional_local"}
REGIONAL = {"regional_intercity", "regional_local"}
FARE = Decimal("0.85")
BEFORE_2024 = date(2024, 3, 22)
IN_2026 = date(2026, 12, 31)


async def test_seeding_again_changes_nothing(jelgava: Actor, state: Actor) -> None:
    for expected in (4, 0):
        async with transaction(state) as tx:
            assert await seed(tx) == expected
    for expected in (3, 0):
        async with transaction(jelgava) as tx:
            assert await seed(tx) == expected
            assert len(await store.list_concessions(tx)) == 7


GIVEN = [
    (1, "LV-DIS-1-2", None, ALL, IN_2026, True),
    (1, "LV-DIS-CHILD", None, ALL, IN_2026, True),
    (1, "LV-ORPHAN", None, ALL, IN_2026, True),
    (1, "LV-ORPHAN", None, ALL, BEFORE_2024, False),
    (1, "LV-REPRESSED", None, REGIONAL, IN_2026, True),
    (JELGAVA, "JLG-NEEDY20", {"n": 20, "per": "month"}, {"city"}, IN_2026, True),
    (JELGAVA, "JLG-NEEDY20", {"n": 20, "per": "month"}, {"city"}, date(2027, 1, 1), False),
    (JELGAVA, "JLG-REPR20", {"n": 20, "per": "month"}, {"city"}, IN_2026, True),
    (JELGAVA, "JLG-ORPHAN5", {"n": 5, "per": "day"}, {"city"}, IN_2026, True),
]


async def test_each_concession_is_encoded_fully(jelgava: Actor, state: Actor) -> None:
    for actor in (state, jelgava):
        async with transaction(actor) as tx:
            await seed(tx)
    async with transaction(jelgava) as tx:
        for grantor, code, quota, zones, day, in_force in GIVEN:
            concession = await store.by_code(tx, grantor, code)
            assert concession is not None, code
            row = await store.terms_at(tx, concession.id, day)
            assert (row is not None) is in_force, code
            if row is not None:
                assert Discount.from_json(row.discount).price(FARE) == 0, code
                assert Terms.from_json(row.terms) == Terms(zones=frozenset(zones)), code
                assert row.quota == quota, code


def test_every_concession_names_its_basis_goal_indicator_budget_line_and_proof() -> None:
    for draft in (*STATE_CONCESSIONS, *JELGAVA_CONCESSIONS):
        draft.check()
        said = draft.description
        assert all((said.goal, said.indicator, said.budget_line, said.proof_lv, said.proof_en))

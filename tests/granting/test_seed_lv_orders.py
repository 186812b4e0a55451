"""The orders of the past that are seeded: what they rest comes back by itself."""

from collections.abc import Awaitable, Callable
from datetime import date

from amis.concessions import seed_lv as concessions_seed
from amis.granting import seed_lv, store
from amis.kernel.db import transaction
from tests.granting.town import JELGAVA_ACTOR, STATE_ACTOR, Somebody, fact

Make = Callable[..., Awaitable[Somebody]]
WANTED = {"JLG-PUPIL4", "JLG-ORPHAN5"}


async def suspended(who: Somebody) -> dict[str, str]:
    async with transaction(JELGAVA_ACTOR) as tx:
        return {one.rule.code: str(one.suspended) for one in await store.entitlements_of(tx, who.id)}


async def test_t24_pupils_of_the_first_grades_get_theirs_back_on_1_november_and_all_on_16_november(
    somebody: Make,
) -> None:
    for actor in (STATE_ACTOR, JELGAVA_ACTOR):
        async with transaction(actor) as tx:
            await concessions_seed.seed(tx, WANTED)
            await seed_lv.seed(tx, WANTED)
    async with transaction(JELGAVA_ACTOR) as tx:
        assert [await seed_lv.seed_orders(tx), await seed_lv.seed_orders(tx)] == [1, 0]
    small, big = await somebody(date(2013, 5, 17)), await somebody(date(2007, 5, 17))
    for who, grade in ((small, "2"), (big, "8")):
        year = {"first": "2021-09-01", "end": "2022-06-01"}
        await who.state(fact("grade", grade, **year), fact("residence", "JLG", **year), fact("orphan", **year))
    both = "{[2021-10-22,2021-11-16)}"
    first_grades = "{[2021-10-22,2021-11-01)}"
    assert await suspended(small) == {"JLG-PUPIL4": first_grades, "JLG-ORPHAN5": first_grades}
    assert await suspended(big) == {"JLG-PUPIL4": both, "JLG-ORPHAN5": both}

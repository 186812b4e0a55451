"""What is left of each kind of quota, as a holder is told it after a tap."""

from decimal import Decimal

import pytest
from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

from amis.holder.home import Left, what_i_have
from amis.kernel import clock
from amis.kernel.db import transaction
from rules.quota import Per, Quota
from tests.holder.conftest import Holder
from tests.town import CLERK, days, needy


async def left(holder: Holder) -> Left | None:
    person = await holder.site.person()
    async with transaction(CLERK) as tx:
        (have,) = await what_i_have(tx, person)
        return have.left


async def limited(holder: Holder, quota: Quota | None) -> None:
    """Gives all concessions of the town another quota, before any terminal has asked for them."""
    assert holder.site.settings.database_owner_url is not None
    written = None if quota is None else Jsonb(quota.to_json())
    async with await AsyncConnection.connect(holder.site.settings.database_owner_url) as owner:
        await owner.execute("ALTER TABLE concession_terms DISABLE TRIGGER USER")
        await owner.execute("UPDATE concession_terms SET quota = %s", (written,))


@pytest.mark.parametrize(
    ("quota", "after"),
    [
        (Quota(5, Per.PERIOD), Left(Decimal(4), Decimal(5), "period", money=False)),
        (Quota(0, Per.YEAR, amount=Decimal(10)), Left(Decimal("9.15"), Decimal(10), "year", money=True)),
        (None, None),
    ],
    ids=["period", "money", "none"],
)
async def test_a_tap_takes_from_what_is_left(holder: Holder, quota: Quota | None, after: Left | None) -> None:
    await limited(holder, quota)
    answer = await holder.site.tap(holder.paper)
    assert answer.verdict == "ACCEPT"
    assert await left(holder) == after


async def test_uses_stay_used_when_the_period_is_corrected(holder: Holder) -> None:
    await limited(holder, Quota(5, Per.PERIOD))
    await holder.site.tap(holder.paper)
    await holder.site.states(needy("R1", 2, holder.since - days(31), None))
    assert await left(holder) == Left(Decimal(4), Decimal(5), "period", money=False)


async def test_uses_of_earlier_months_are_left_where_they_are_carried_over(holder: Holder) -> None:
    await limited(holder, Quota(9, Per.MONTH, "12-31"))
    await holder.site.tap(holder.paper)
    so_far = 9 * clock.today().month
    assert await left(holder) == Left(Decimal(so_far - 1), Decimal(so_far), "month", money=False)

"""Sets of days go to the database and come back as they were."""

from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Text, cast, literal, select

from amis.kernel.actor import system
from amis.kernel.days import DayRanges
from amis.kernel.db import transaction
from amis.kernel.settings import Settings
from rules.period import ALWAYS, EMPTY, Days

day_sets = st.builds(
    lambda edges, ever: Days(tuple(sorted(edges)), ever),
    st.lists(st.dates(date(1, 1, 2), date(9999, 12, 31)), unique=True, max_size=6),
    st.booleans(),
)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(day_sets, min_size=1, max_size=5))
async def test_sets_of_days_survive_the_database_and_read_as_its_own_text(database: Settings, sets: list[Days]) -> None:
    async with transaction(system("test")) as tx:
        for one in (*sets, EMPTY, ALWAYS):
            query = select(literal(one, DayRanges), cast(literal(one, DayRanges), Text))
            back, written = (await tx.session.execute(query)).one()
            assert back == one
            assert written == str(one)


async def test_no_set_is_no_set(database: Settings) -> None:
    async with transaction(system("test")) as tx:
        assert await tx.session.scalar(select(literal(None, DayRanges))) is None

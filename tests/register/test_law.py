"""Figures and calendars of the law: the state's for everybody, and a municipality's own beside them."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amis.kernel.actor import Actor, system
from amis.kernel.db import transaction
from amis.register import service, store
from amis.register.errors import CalendarMalformed, FigureMalformed, SetByTheState
from amis.register.law import Step, figures, laid
from amis.register.service import CalendarDraft
from rules.period import Days, Period
from tests.register.persons import JANUARY, JUNE, MARCH

STATE = system("test", 1)
WHOLE_YEAR = Step(Period(JANUARY, None), Decimal(343), "MK 809")
SCHOOL = CalendarDraft("school_year", "Mācību gads", "School year", Days.of(Period(JANUARY, JUNE)))


async def test_a_new_figure_gives_way_to_nothing_but_its_own_days(town: Actor) -> None:
    async with transaction(town) as tx:
        assert await service.define_figure(tx, "parameter", "threshold", WHOLE_YEAR)
        assert await service.define_figure(tx, "parameter", "threshold", Step(Period(MARCH, JUNE), Decimal("377.5")))
        assert not await service.define_figure(
            tx, "parameter", "threshold", Step(Period(MARCH, JUNE), Decimal("377.50"))
        )
        known = (await store.vocabulary(tx)).parameters["threshold"]
        assert [known.at(day) for day in (JANUARY, MARCH, JUNE)] == [343, Decimal("377.5"), 343]
        assert [step.legal_basis for step in await figures(tx, "parameter", "threshold")] == ["MK 809", "", "MK 809"]


async def test_the_states_figures_and_calendars_hold_here_and_are_not_to_be_replaced(town: Actor) -> None:
    async with transaction(STATE) as tx:
        await service.define_figure(tx, "parameter", "threshold", WHOLE_YEAR)
        await service.define_figures(
            tx, "cohort", "pension", [Step(Period(None, date(1960, 1, 1)), Decimal("63.75")), WHOLE_YEAR]
        )
        await service.define_calendar(tx, SCHOOL)
    async with transaction(town) as tx:
        words = await store.vocabulary(tx)
        assert words.parameters["threshold"].at(MARCH) == 343
        assert words.cohorts["pension"].at(date(1950, 1, 1)) == Decimal("63.75")
        assert words.calendars == {"school_year": SCHOOL.days}
        with pytest.raises(SetByTheState):
            await service.define_figure(tx, "parameter", "threshold", Step(Period(MARCH, None), Decimal(400)))
        with pytest.raises(SetByTheState):
            await service.define_calendar(tx, replace(SCHOOL, days=Days.of(Period(MARCH, JUNE))))
        assert await service.define_figure(tx, "cohort", "threshold", WHOLE_YEAR)


async def test_a_figure_that_the_state_sets_later_takes_the_place_of_the_towns(town: Actor) -> None:
    async with transaction(town) as tx:
        await service.define_figure(tx, "parameter", "threshold", Step(Period(JANUARY, None), Decimal(400)))
        await service.define_calendar(tx, replace(SCHOOL, days=Days.of(Period(MARCH, JUNE))))
    async with transaction(STATE) as tx:
        await service.define_figure(tx, "parameter", "threshold", WHOLE_YEAR)
        await service.define_calendar(tx, SCHOOL)
    async with transaction(town) as tx:
        words = await store.vocabulary(tx)
    assert words.parameters["threshold"].at(MARCH) == 343
    assert words.calendars == {"school_year": SCHOOL.days}


async def test_the_same_again_changes_nothing(town: Actor) -> None:
    async with transaction(town) as tx:
        assert await service.define_figures(tx, "cohort", "pension", [WHOLE_YEAR])
        assert not await service.define_figures(tx, "cohort", "pension", [WHOLE_YEAR])
        assert await service.define_calendar(tx, SCHOOL)
        assert not await service.define_calendar(tx, SCHOOL)


async def test_what_is_no_figure_and_no_calendar_is_refused(town: Actor) -> None:
    overlapping = [WHOLE_YEAR, Step(Period(MARCH, JUNE), Decimal(1))]
    async with transaction(town) as tx:
        for code, steps in (("Threshold", [WHOLE_YEAR]), ("threshold", []), ("threshold", overlapping)):
            with pytest.raises(FigureMalformed):
                await service.define_figures(tx, "parameter", code, steps)
        with pytest.raises(CalendarMalformed):
            await service.define_calendar(tx, CalendarDraft("school_year", "Mācību gads", "School year", Days()))


_days = st.sampled_from([date(2026, 1, day) for day in range(1, 8)])
_periods = st.tuples(st.none() | _days, st.none() | _days).filter(lambda p: None in p or p[0] < p[1])  # type: ignore[operator]
_steps = st.builds(lambda period, n: Step(Period(*period), Decimal(n)), _periods, st.integers(1, 3))


@given(st.lists(_steps, max_size=6))
def test_on_every_day_the_figure_laid_last_holds(many: list[Step]) -> None:
    table: list[Step] = []
    for step in many:
        table = laid(table, step)
    for day in (date(2025, 12, 31), *(date(2026, 1, day) for day in range(1, 9))):
        last = [step.figure for step in many if day in Days.of(step.period)][-1:]
        assert [step.figure for step in table if day in Days.of(step.period)] == last

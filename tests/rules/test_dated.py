"""Figures of the law."""

from datetime import date
from decimal import Decimal

import pytest

from rules.dated import Dated
from rules.errors import OverlappingPeriods
from rules.period import Period

SPRING = Period(date(2026, 3, 1), date(2026, 6, 1))


def test_a_figure_holds_on_its_days_and_is_not_known_between_them() -> None:
    figure = Dated(((SPRING, Decimal(1)), (Period(date(2026, 9, 1), None), Decimal(2))))
    days = [date(2026, 2, 28), date(2026, 3, 1), date(2026, 5, 31), date(2026, 6, 1), date(2026, 9, 1)]
    assert [figure.at(day) for day in days] == [None, 1, 1, None, 2]
    assert str(figure.known) == "{[2026-03-01,2026-06-01),[2026-09-01,)}"


def test_two_figures_for_one_day_are_refused() -> None:
    for before in ((), ((Period(date(2026, 6, 1), date(2026, 7, 1)), Decimal(1)),)):
        late = Period(date(2026, 5, 31), date(2026, 6, 1))
        with pytest.raises(OverlappingPeriods, match=r"\[2026-05-31,2026-06-01\)"):
            Dated(((SPRING, Decimal(1)), *before, (late, Decimal(1))))

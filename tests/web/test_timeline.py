from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from amis.web.timeline import Row, Span, draw, state

AT = date(2026, 5, 31)
DAYS = st.dates(date(1920, 1, 1), date(2120, 1, 1))
SPANS = st.builds(Span, st.none() | DAYS, st.none() | DAYS)


def row(*spans: Span, kind: str = "fact") -> Row:
    return Row("r", kind, spans)  # type: ignore[arg-type]


@given(st.lists(st.builds(row, SPANS, SPANS), max_size=4))
def test_every_bar_stays_on_the_axis(rows: list[Row]) -> None:
    drawing = draw(rows, AT)
    assert drawing.first < AT < drawing.last
    assert 0 < drawing.today < 100
    for _, bars in drawing.rows:
        for bar in bars:
            assert bar.x >= 0
            assert bar.width > 0
            assert bar.x + bar.width <= 100.01


def test_an_open_period_reaches_the_edges() -> None:
    ((_, (bar,)),) = draw([row(Span(None, None))], AT).rows
    assert (bar.x, bar.width) == (0, 100)


def test_what_lies_before_the_window_is_left_to_the_table() -> None:
    ((_, bars),) = draw([row(Span(date(1990, 1, 1), date(1991, 1, 1)))], AT).rows
    assert bars == ()


def test_a_period_that_is_over_looks_past() -> None:
    over, current = Span(AT - timedelta(9), AT), Span(AT - timedelta(9), AT + timedelta(1))
    ((_, bars),) = draw([row(over, current, kind="entitlement")], AT).rows
    assert [bar.style for bar in bars] == ["past", "entitlement"]


def test_days_on_which_a_datum_is_missing_are_drawn_apart_and_stay_in_view() -> None:
    line = Row("r", "fact", (Span(AT, AT + timedelta(9)),), open=(Span(AT + timedelta(200), AT + timedelta(400)),))
    drawing = draw([line], AT)
    ((_, bars),) = drawing.rows
    assert [bar.style for bar in bars] == ["fact", "open"]
    assert drawing.last >= AT + timedelta(400)


def test_the_end_is_the_first_day_outside() -> None:
    assert state(Span(AT, AT + timedelta(1)), AT) == "current"
    assert state(Span(AT - timedelta(1), AT), AT) == "past"
    assert state(Span(AT + timedelta(1), None), AT) == "future"
    assert state(Span(None, None), AT) == "current"


def test_years_are_marked_at_new_year() -> None:
    drawing = draw([row(Span(date(2024, 1, 1), date(2028, 1, 1)))], AT)
    assert [year for _, year in drawing.ticks] == [2024, 2025, 2026, 2027, 2028]
    assert drawing.ticks[0][0] == 0


def test_a_leap_day_has_its_window() -> None:
    assert draw([row(Span(None, None))], date(2028, 2, 29)).first.year == 2027

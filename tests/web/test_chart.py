import pytest
from hypothesis import given
from hypothesis import strategies as st

from amis.web.chart import BASE, TOP, Chart, Series, draw, scale


def chart(*series: tuple[float, ...], kind: str = "stacked") -> Chart:
    names = tuple(Series(f"s{n}", values) for n, values in enumerate(series))
    return Chart("t", "d", tuple("abcdefgh"[: len(series[0])]), names, "c", kind)  # type: ignore[arg-type]


@given(st.floats(min_value=0.001, max_value=1e12))
def test_the_axis_reaches_the_highest_value_in_at_most_five_round_steps(highest: float) -> None:
    step, top = scale(highest)
    assert top >= highest * (1 - 1e-6)
    assert 1 <= round(top / step) <= 5
    assert f"{step:e}"[0] in "125"


def test_an_empty_axis_still_has_a_step() -> None:
    assert scale(0) == (1.0, 1.0)


def test_stacked_bars_stand_on_each_other() -> None:
    lower, upper = draw(chart((10,), (30,))).bars
    assert lower.y + lower.height == pytest.approx(BASE)
    assert upper.y + upper.height == pytest.approx(lower.y)
    assert upper.height == pytest.approx(3 * lower.height, abs=0.05)


@given(st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 10**9)), min_size=1, max_size=8))
def test_everything_stays_inside_the_picture(values: list[tuple[int, int]]) -> None:
    for bar in draw(chart(*zip(*values, strict=True))).bars:
        assert bar.x >= 0
        assert bar.x + bar.width <= 100
        assert TOP - 0.1 <= bar.y <= bar.y + bar.height <= BASE + 0.1


def test_a_zero_has_no_bar() -> None:
    assert [bar.category for bar in draw(chart((0, 5))).bars] == ["b"]


def test_a_line_joins_neighbours() -> None:
    first, second = draw(chart((1, 3, 2), kind="line")).strokes
    assert (first.x2, first.y2) == (second.x1, second.y1)
    assert first.y2 < first.y1


def test_an_hour_of_minutes_keeps_only_labels_that_have_room() -> None:
    plan = Chart("t", "d", tuple(map(str, range(60))), (Series("s", (1.0,) * 60),), "c")
    labels = draw(plan).labels
    assert [sparse for _, _, sparse in labels] == [False] * 6


def test_many_categories_keep_six_labels_on_a_narrow_screen() -> None:
    plan = Chart("t", "d", tuple(map(str, range(24))), (Series("s", (1.0,) * 24),), "c")
    labels = draw(plan).labels
    assert len(labels) == 24
    assert sum(not sparse for _, _, sparse in labels) == 6


def test_a_chart_without_categories_is_an_empty_one() -> None:
    drawing = draw(Chart("t", "d", (), (Series("s", ()),), "c"))
    assert (drawing.bars, drawing.labels) == ((), ())


@pytest.mark.parametrize("series", [((1,), (1, 2)), ((-1,),), ((1,),) * 9])
def test_what_cannot_be_drawn_is_refused(series: tuple[tuple[float, ...], ...]) -> None:
    with pytest.raises(ValueError):
        chart(*series)

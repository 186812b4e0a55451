"""What a list would do: a verdict for each row, and a diff that does not depend on the order of rows."""

import random
from collections.abc import Mapping
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amis.register.listing import Change, ListDiff, Mode, Verdict, compared
from amis.register.sheet import Line
from rules.period import EMPTY, Days, Period
from sync.personal_code import draw_newer

SINCE = date(2026, 3, 1)
_rng = random.Random(3)
CODES = [draw_newer(_rng) for _ in range(4)]
IDS = {code: UUID(int=n) for n, code in enumerate(CODES[:3], start=1)}
FOREVER = Days.of(Period(SINCE, None))


def line(code: str, first: str = "", last: str = "") -> Line:
    return Line(1, code, first, last)


VERDICTS = [
    (line(CODES[0]), Verdict.OK),
    (line(CODES[1]), Verdict.UNCHANGED),
    (line(CODES[3]), Verdict.UNKNOWN),
    (line("123"), Verdict.BAD_CODE),
    (line("010190-12340"), Verdict.BAD_CODE),
    (line(CODES[0], "soon"), Verdict.BAD_PERIOD),
    (line(CODES[0], "31.05.2026.", "01.05.2026."), Verdict.BAD_PERIOD),
]


@pytest.mark.parametrize(("row", "verdict"), VERDICTS)
def test_each_row_gets_its_verdict(row: Line, verdict: Verdict) -> None:
    diff = compared([row], {IDS[CODES[1]]: FOREVER}, IDS, Mode.DELTA, SINCE)
    assert [judged.verdict for judged in diff.rows] == [verdict]


def test_the_same_row_twice_is_a_duplicate_and_another_period_is_not() -> None:
    rows = [line(CODES[0]), line(CODES[0], "2026-03-01"), line(CODES[0], "2025-01-01", "2025-12-31")]
    diff = compared(rows, {}, IDS, Mode.DELTA, SINCE)
    assert [judged.verdict for judged in diff.rows] == [Verdict.OK, Verdict.DUPLICATE, Verdict.OK]
    assert str(diff.changes[0].after) == "{[2025-01-01,2026-01-01),[2026-03-01,)}"


def test_a_whole_list_takes_off_those_it_does_not_name_from_its_day_on_and_leaves_the_past() -> None:
    before = Days.parse("{[2020-01-01,)}")
    known = {IDS[CODES[0]]: before, IDS[CODES[1]]: before}
    diff = compared([line(CODES[1])], known, IDS, Mode.WHOLE, SINCE)
    assert diff.changes == (Change(IDS[CODES[0]], before, Days.parse("{[2020-01-01,2026-03-01)}")),)
    assert (diff.joins, diff.leaves, diff.unchanged) == (0, 1, 1)
    assert compared([line(CODES[1])], known, IDS, Mode.DELTA, SINCE).changes == ()


_days = st.integers(-5, 5).map(lambda n: SINCE + timedelta(days=n))
_lines = st.builds(
    Line,
    st.just(1),
    st.sampled_from([*CODES, "123"]),
    _days.map(str) | st.just(""),
    _days.map(str) | st.just(""),
)
_periods = st.tuples(_days, st.integers(1, 5)).map(lambda drawn: Period(drawn[0], drawn[0] + timedelta(days=drawn[1])))
_members = st.dictionaries(
    st.sampled_from(list(IDS.values())), st.lists(_periods, min_size=1, max_size=2).map(lambda many: Days.of(*many))
)


def _applied(known: Mapping[UUID, Days], diff: ListDiff) -> dict[UUID, Days]:
    return {**known, **{change.person_id: change.after for change in diff.changes}}


@given(st.lists(_lines, max_size=6), _members, st.sampled_from(Mode), st.randoms())
def test_once_applied_a_list_does_nothing_more_and_the_order_of_its_rows_is_nothing(
    lines: list[Line], known: dict[UUID, Days], mode: Mode, rng: random.Random
) -> None:
    diff = compared(lines, known, IDS, mode, SINCE)
    again = compared(lines, _applied(known, diff), IDS, mode, SINCE)
    assert again.changes == ()
    assert {judged.verdict for judged in again.rows} <= set(Verdict) - {Verdict.OK}
    shuffled = list(lines)
    rng.shuffle(shuffled)
    other = compared(shuffled, known, IDS, mode, SINCE)
    assert (other.changes, other.digest, other.unchanged) == (diff.changes, diff.digest, diff.unchanged)


@given(st.lists(_lines, max_size=6), _members)
def test_a_list_of_additions_takes_nothing_away_and_a_whole_list_is_the_truth_from_its_day_on(
    lines: list[Line], known: dict[UUID, Days]
) -> None:
    added = compared(lines, known, IDS, Mode.DELTA, SINCE)
    assert added.leaves == 0
    listed = _applied({}, compared(lines, {}, IDS, Mode.DELTA, SINCE))
    after = _applied(known, compared(lines, known, IDS, Mode.WHOLE, SINCE))
    for person_id in after:
        assert after[person_id] & FOREVER == listed.get(person_id, EMPTY) & FOREVER

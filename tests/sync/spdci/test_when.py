from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.spdci.when import blank, day, moment

MOMENTS = [
    ("2026-03-10T17:20:07-04:00", datetime(2026, 3, 10, 21, 20, 7, tzinfo=UTC)),
    ("2026-03-10T08:00:00.555Z", datetime(2026, 3, 10, 8, 0, 0, 555_000, tzinfo=UTC)),
    ("2026-03-10T08:00:00.123456789Z", datetime(2026, 3, 10, 8, 0, 0, 123_456, tzinfo=UTC)),
    ("1995-09-21T11:20:00", datetime(1995, 9, 21, 11, 20, tzinfo=UTC)),
    ("2026-03-10", datetime(2026, 3, 10, tzinfo=UTC)),
    ("10.03.2026", datetime(2026, 3, 10, tzinfo=UTC)),
]
NOT_MOMENTS: list[Any] = [None, "", " ", 7, "soon", "2026-13-01", "31.02.2026", "2026-03-10T25:00:00Z", "2026-3-1", []]


@pytest.mark.parametrize(("written", "meant"), MOMENTS)
def test_moments_are_read_as_the_samples_write_them(written: str, meant: datetime) -> None:
    assert moment(written) == meant


@pytest.mark.parametrize("written", NOT_MOMENTS)
def test_what_is_no_moment_is_none(written: Any) -> None:
    assert (moment(written), day(written) if written != "2026-03-10T25:00:00Z" else None) == (None, None)


def test_a_day_is_the_one_that_is_written_whatever_the_time_behind_it() -> None:
    assert day("2026-03-10T23:30:00-04:00") == day("10.03.2026") == date(2026, 3, 10)


WRITTEN: list[Any] = [None, "", "  ", 0, False, [], "x"]


def test_what_the_samples_leave_out_is_blank() -> None:
    assert [blank(value) for value in WRITTEN] == [True, True, True] + [False] * 4


@given(st.text() | st.none() | st.integers())
def test_anything_can_be_asked(value: Any) -> None:
    assert moment(value) is None or moment(value).tzinfo is UTC  # type: ignore[union-attr]

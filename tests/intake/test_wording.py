"""Everything that can be said of a notice has words."""

from datetime import timedelta

import pytest

from amis.intake.wording import EXPLAINED, STATES, VERDICTS, took
from sync.verdict import RowCode, Verdict


def test_every_verdict_and_every_refusal_is_explained() -> None:
    assert set(VERDICTS) == {verdict.value for verdict in Verdict}
    assert set(EXPLAINED) == {code.value for code in RowCode}
    assert {"open", "replayed", "dismissed", "active", "suspended"} <= set(STATES)


@pytest.mark.parametrize(
    ("span", "shown"),
    [
        (timedelta(milliseconds=420), (0.4, "%(n)s s")),
        (timedelta(seconds=59), (59.0, "%(n)s s")),
        (timedelta(minutes=90), (1.5, "%(n)s h")),
        (timedelta(seconds=61), (1.0, "%(n)s min")),
        (timedelta(days=3), (3.0, "%(n)s d")),
        (timedelta(seconds=-5), (0.0, "%(n)s s")),
    ],
)
def test_a_length_of_time_has_one_unit(span: timedelta, shown: tuple[float, str]) -> None:
    assert took(span) == shown

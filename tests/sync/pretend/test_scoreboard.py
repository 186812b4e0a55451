from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sync.pretend.exchange import Answer, Exchange, Message, Outcome
from sync.pretend.scoreboard import Scoreboard, percentile

AT = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)
MESSAGE = Message(b"", {}, "v1", "m1")
MUST = Answer(200, (("applied", ""), ("rejected", "op.unknown")))


def outcome(came: Answer, mischief: str = "", seconds: float = 0.01) -> Outcome:
    return Outcome(Exchange("events-binary", MESSAGE, MUST, mischief), came, seconds)


def test_what_came_back_is_counted_by_way() -> None:
    board = Scoreboard("sopa", AT)
    for seconds in (0.01, 0.02, 0.4):
        came = outcome(MUST, "bad rows", seconds)
        board.note(came, AT, came.as_it_must)
    told = board.to_json()
    assert told["ways"]["events-binary"] == {
        "exchanges": 3,
        "verdicts": {"applied": 3, "rejected": 3},
        "p50_ms": 20.0,
        "p99_ms": 400.0,
    }
    assert told["mischief"] == {"bad rows": {"done": 3, "as_it_must": 3}}
    assert told["well"] is True


def test_what_came_back_otherwise_is_shown_in_a_line() -> None:
    board, came = Scoreboard("sopa", AT), outcome(Answer(200, (("applied", ""), ("applied", ""))), "bad rows")
    board.note(came, AT, came.as_it_must)
    assert not board.is_well
    assert board.to_json()["mischief"] == {"bad rows": {"done": 1, "as_it_must": 0}}
    (line,) = board.differences
    assert line["what"] == "must 200 1 applied, 1 rejected op.unknown; came 200 2 applied"


def test_drift_or_a_gap_in_the_feed_is_not_well() -> None:
    board = Scoreboard("sopa", AT)
    assert board.to_json()["ledger"]["drift"] is None
    board.compared([], AT)
    assert board.is_well
    board.compared([3, 7], AT)
    assert not board.is_well
    assert board.to_json()["ledger"]["drift"] == 2
    board.compared([], AT)
    board.outflow.gaps = 1
    assert not board.is_well
    board.outflow.gaps, board.outflow.fault = 0, "feed.cursor_too_old"
    assert not board.is_well


@pytest.mark.parametrize(
    ("values", "share", "found"), [([], 0.5, 0.0), ([3.0, 1.0, 2.0], 0.5, 2.0), ([1.0], 0.99, 1.0)]
)
def test_a_percentile_is_one_of_the_values(values: list[float], share: float, found: float) -> None:
    assert percentile(values, share) == found

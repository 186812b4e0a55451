from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from sync.outbox import Outbox
from sync.verdict import EventVerdict, RowCode, RowError, Verdict, rejected

EVENTS = [{"id": str(number), "data": {"code": "16117519997", "name": "Ēriks"}} for number in range(5)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "outbox.sqlite3"


def test_what_was_added_is_still_there_after_a_restart(path: Path) -> None:
    first = Outbox(path)
    assert first.add(EVENTS) == 5
    first.close()
    second = Outbox(path)
    assert [json.loads(event) for _, event in second.pending(10)] == EVENTS
    second.close()


def test_the_oldest_come_first_and_no_more_than_asked_for() -> None:
    box = Outbox(":memory:")
    box.add(EVENTS)
    assert [json.loads(event)["id"] for _, event in box.pending(2)] == ["0", "1"]


def test_an_answered_event_is_pending_no_more() -> None:
    box = Outbox(":memory:")
    box.add(EVENTS)
    (first, _), (second, _), *_ = box.pending(10)
    refused = rejected(RowError(RowCode.STATUS_UNKNOWN, "/data/status", "1"))
    box.settle([(first, EventVerdict("0", Verdict.APPLIED)), (second, refused)])
    assert [json.loads(event)["id"] for _, event in box.pending(10)] == ["2", "3", "4"]
    assert box.counts() == {"applied": 1, "rejected": 1, "pending": 3}
    assert box.refused() == [(second, "rejected", "status.unknown", "/data/status")]


def test_personal_data_leaves_the_file_with_the_verdict(path: Path) -> None:
    box = Outbox(path)
    box.add(EVENTS)
    box.settle([(seq, EventVerdict(None, Verdict.APPLIED)) for seq, _ in box.pending(10)])
    box.close()
    assert b"16117519997" not in path.read_bytes()


def test_a_refused_event_stays_to_be_corrected(path: Path) -> None:
    box = Outbox(path)
    box.add(EVENTS[:1])
    box.settle([(1, rejected(RowError(RowCode.STATUS_UNKNOWN, "/data/status")))])
    box.close()
    assert b"16117519997" in path.read_bytes()


def test_nobody_else_may_read_the_file(path: Path) -> None:
    Outbox(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sync.diary import Diary, resume

AT = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)


def test_a_first_start_begins_with_everything(tmp_path: Path) -> None:
    diary = Diary(tmp_path / "diary.txt")
    simulator, events = resume(diary, "sopa", 1, 50, AT)
    assert diary.moments() == [AT]
    assert len(events) == 50 + len(simulator.expected())


def test_a_restart_on_a_later_day_carries_on_where_it_stopped(tmp_path: Path) -> None:
    diary = Diary(tmp_path / "diary.txt")
    simulator, last = resume(diary, "sopa", 1, 50, AT)
    for hour in range(1, 30):
        moment = AT + timedelta(hours=hour)
        diary.note(moment)
        last = simulator.step(moment)
    again, events = resume(Diary(tmp_path / "diary.txt"), "sopa", 1, 50, AT + timedelta(days=40))
    assert again.expected() == simulator.expected()
    assert events == last
    tomorrow = AT + timedelta(days=41)
    assert again.step(tomorrow) == simulator.step(tomorrow)

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sync.diary import Diary, Moment
from sync.errors import DiaryOfAnother

AT = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)
PLAN = {"seed": 1, "source": "sopa"}
MOMENTS = [Moment(AT, "first load"), Moment(AT + timedelta(hours=1), "turn")]


def test_what_was_noted_is_there_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "new" / "diary.txt"
    diary = Diary(path)
    assert diary.open(PLAN) == []
    for moment in MOMENTS:
        diary.note(moment)
    assert Diary(path).open(PLAN) == MOMENTS


def test_a_line_that_was_cut_off_by_a_crash_is_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "diary.txt"
    diary = Diary(path)
    diary.open(PLAN)
    diary.note(MOMENTS[0])
    with path.open("a") as file:
        file.write("2026-03-1")
    again = Diary(path)
    assert again.open(PLAN) == MOMENTS[:1]
    again.note(MOMENTS[1])
    assert Diary(path).open(PLAN) == MOMENTS


def test_a_diary_that_ends_in_its_first_line_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "diary.txt"
    path.write_text('{"see')
    assert Diary(path).open(PLAN) == []
    assert Diary(path).open(PLAN) == []


def test_another_plan_does_not_go_on_with_this_diary(tmp_path: Path) -> None:
    Diary(tmp_path / "diary.txt").open(PLAN)
    with pytest.raises(DiaryOfAnother):
        Diary(tmp_path / "diary.txt").open({**PLAN, "seed": 2})

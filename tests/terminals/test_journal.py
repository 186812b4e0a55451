"""The terminal's journal: numbers are never given twice, requests wait until they are answered."""

from pathlib import Path

import pytest

from terminals.journal import Journal


def body(seq: int) -> bytes:
    return f"tap {seq}".encode()


def test_numbers_count_up_and_survive_reopening(tmp_path: Path) -> None:
    first = Journal(tmp_path / "journal")
    given = [first.begin(body)[0] for _ in range(3)]
    first.close()
    second = Journal(tmp_path / "journal")
    given.append(second.begin(body)[0])
    assert given == sorted(set(given))


def test_a_request_waits_until_it_is_answered(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    seq, content = journal.begin(body)
    other, _ = journal.begin(body)
    assert journal.pending()[0] == (seq, content) == (seq, body(seq))
    journal.settle(seq, b"{}")
    assert [number for number, _ in journal.pending()] == [other]


def test_a_request_that_cannot_be_made_leaves_no_trace(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    with pytest.raises(ZeroDivisionError):
        journal.begin(lambda seq: bytes(seq // 0))
    assert journal.pending() == []

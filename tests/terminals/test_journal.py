"""The terminal's journal: numbers are never given twice, nothing is lost, and no line can be touched unseen."""

import json
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terminals.errors import JournalDamaged, JournalForeign, JournalFull, StoreDamaged
from terminals.journal import FILE, LINES_KEPT, RESERVE, Journal, journal_in
from terminals.keeping import STORE_KEY, destroy_store_key
from terminals.line import KNOWN, RECORDED, REFUSED, Outcome, digest
from terminals.message import Tap
from terminals.remembered import UNITS_KEPT, Reserve
from tests.terminals.taken import MONTH, NOW, TEXT, decided, take, use


def body(seq: int) -> bytes:
    return f"tap {seq}".encode()


def told(*seqs: int, outcome: str = RECORDED) -> list[Outcome]:
    return [Outcome(seq, outcome, b'{"detail":"no"}') for seq in seqs]


def test_numbers_count_up_and_survive_reopening(tmp_path: Path) -> None:
    first = journal_in(tmp_path)
    given = [first.begin(body, NOW)[0] for _ in range(3)]
    first.close()
    second = journal_in(tmp_path)
    given.append(second.begin(body, NOW)[0])
    assert given == sorted(set(given))


def test_numbers_of_pruned_requests_are_not_given_again(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    journal.answered(last := journal.begin(body, NOW)[0])
    journal.prune(NOW + 2 * LINES_KEPT)
    assert journal.latest() == 0
    assert journal.begin(body, NOW)[0] > last


def test_a_request_waits_until_it_is_answered_decided_or_refused(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    first, second, third, fourth = (journal.begin(body, NOW)[0] for _ in range(4))
    assert journal.pending()[0] == (first, body(first))
    journal.answered(first)
    journal.refused(second, b"no such place")
    journal.decided(decided(third, body(third)))
    assert journal.pending() == [(fourth, body(fourth))]
    assert journal.refusals() == [(second, b"no such place")]


def test_requests_of_other_kinds_are_told_apart(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    seq, content = journal.begin(body, NOW, RESERVE)
    assert (journal.pending(), journal.pending(RESERVE)) == ([], [(seq, content)])


def test_a_request_that_cannot_be_made_leaves_no_trace(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    with pytest.raises(ZeroDivisionError):
        journal.begin(lambda seq: bytes(seq // 0), NOW)
    assert journal.pending() == []


def test_a_journal_serves_one_pairing(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    journal.bind("m-1 1")
    journal.bind("m-1 1")
    with pytest.raises(JournalForeign):
        journal.bind("m-1 2")


def test_lines_follow_each_other_by_their_digests(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    seqs = [take(journal, minutes=minute) for minute in range(3)]
    lines = [line for _, line in journal.unsent()]
    said = [json.loads(line) for line in lines]
    assert [line["seq"] for line in said] == seqs
    assert [line["prev"] for line in said] == ["0" * 64, digest(lines[0]), digest(lines[1])]
    assert [line["sha"] for line in said] == [digest(content) for _, content in _asked(journal)]
    assert journal.verify() == journal.head() == (3, seqs[-1], digest(lines[-1]))


def _asked(journal: Journal) -> list[tuple[int, bytes]]:
    rows = journal._db.execute("SELECT seq, body FROM request ORDER BY seq")
    return [(seq, journal._text(seq, sealed)) for seq, sealed in rows]


def test_lines_are_sent_until_they_are_answered_and_refused_ones_are_kept(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    one, two, three = (take(journal) for _ in range(3))
    assert [seq for seq, _ in journal.unsent(2)] == [one, two]
    journal.sent([*told(one), *told(two, outcome=REFUSED)])
    assert ([seq for seq, _ in journal.unsent()], journal.waiting()) == ([three], 1)
    assert journal.refusals() == [(two, b'{"detail":"no"}')]
    journal.sent(told(three, outcome=KNOWN))
    assert (journal.unsent(), journal.waiting(), journal.verify().pos) == ([], 0, 3)


def test_the_text_of_what_was_shown_goes_when_the_service_has_answered_for_it(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    sent, open_, answered = take(journal), take(journal), journal.begin(body, NOW)[0]
    journal.sent(told(sent))
    journal.answered(answered, use())
    assert [seq for seq, content in journal._db.execute("SELECT seq, body FROM request") if content] == [open_]


def test_an_outcome_of_a_number_that_was_never_sent_changes_nothing(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    seq, content = journal.begin(body, NOW)
    journal.sent(told(seq, 99))
    assert journal.pending() == [(seq, content)]


def test_what_is_remembered_of_a_holder_survives_reopening(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    first = take(journal, units=1)
    take(journal, minutes=5, units=1)
    take(journal, "another", units=1)
    journal.sent(told(first))
    later = journal_in(tmp_path)
    for known in (journal, later):
        memory = known.memory("holder", NOW + timedelta(minutes=9))
        assert (memory.used[MONTH], memory.unsynced[MONTH], len(memory.last)) == (2, 1, 2)


def test_units_set_aside_are_taken_from_first_and_survive_reopening(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    asked, _ = journal.begin(body, NOW, RESERVE)
    reserve = Reserve("r-1", "holder", MONTH, 2, NOW + timedelta(hours=1))
    journal.set_aside(asked, reserve)
    seq = take(journal, units=1, reserve="r-1")
    for known in (journal, journal_in(tmp_path)):
        memory = known.memory("holder", NOW)
        assert (memory.reserved[MONTH], memory.unsynced.get(MONTH, 0)) == (1, 0)
        assert known.reserve_of("holder", MONTH, NOW) == reserve
        assert known.memory("holder", reserve.until).reserved == {}
        assert known.reserves() == [(reserve, 1, False)]
    journal.sent(told(seq))
    assert journal.reserves() == [(reserve, 1, True)]
    journal.given_back(journal.begin(body, NOW)[0], "r-1")
    assert journal_in(tmp_path).reserves() == []


def test_pruning_drops_what_is_old_and_settled_and_the_rest_still_verifies(tmp_path: Path) -> None:
    journal, later = journal_in(tmp_path), NOW + LINES_KEPT + timedelta(minutes=1)
    old, unsent = take(journal, units=1), take(journal)
    journal.sent(told(old))
    head = journal.head()
    journal.prune(later)
    assert [seq for seq, _ in journal.unsent()] == [unsent]
    assert (journal.verify(), _numbers(journal, "record")) == (head, [unsent])
    journal.sent(told(unsent))
    journal.prune(later)
    assert (journal.verify(), _numbers(journal, "record")) == (head, [])
    take(journal)
    assert journal.verify().pos == head.pos + 1


def test_pruning_keeps_the_uses_of_quotas_for_as_long_as_their_windows_may_last(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    counted, plain = take(journal, units=1), take(journal)
    journal.sent(told(counted, plain))
    journal.prune(NOW + LINES_KEPT + timedelta(minutes=1))
    assert _numbers(journal, "request") == [counted]
    for known in (journal, journal_in(tmp_path)):
        assert known.memory("holder", NOW).used == {MONTH: 1}
    journal.prune(NOW + UNITS_KEPT + timedelta(minutes=1))
    assert (_numbers(journal, "request"), journal.memory("holder", NOW).used) == ([], {})


def _numbers(journal: Journal, table: str) -> list[int]:
    return [seq for (seq,) in journal._db.execute(f"SELECT seq FROM {table} ORDER BY seq")]  # noqa: S608


Crime = Callable[[sqlite3.Connection, int, int], None]


def _alter(rows: sqlite3.Connection, pos: int, byte: int) -> None:
    line = bytearray(rows.execute("SELECT line FROM record WHERE pos = ?", (pos,)).fetchone()[0])
    line[byte % len(line)] ^= 1 + byte % 255
    rows.execute("UPDATE record SET line = ? WHERE pos = ?", (bytes(line), pos))


def _remove(rows: sqlite3.Connection, pos: int, _: int) -> None:
    rows.execute("DELETE FROM record WHERE pos = ?", (pos,))


def _remove_and_close_up(rows: sqlite3.Connection, pos: int, _: int) -> None:
    rows.execute("DELETE FROM record WHERE pos = ?", (pos,))
    rows.execute("UPDATE record SET pos = pos - 1 WHERE pos > ?", (pos,))


def _cut_off(rows: sqlite3.Connection, pos: int, _: int) -> None:
    rows.execute("DELETE FROM record WHERE pos >= ?", (pos,))


def _swap(rows: sqlite3.Connection, pos: int, other: int) -> None:
    there = other % 5 + 1 if other % 5 + 1 != pos else pos % 5 + 1
    lines = dict(rows.execute("SELECT pos, line FROM record WHERE pos IN (?, ?)", (pos, there)).fetchall())
    rows.execute("UPDATE record SET line = ? WHERE pos = ?", (lines[there], pos))
    rows.execute("UPDATE record SET line = ? WHERE pos = ?", (lines[pos], there))


def _rehash(rows: sqlite3.Connection, pos: int, byte: int) -> None:
    rows.execute("UPDATE record SET hash = ? WHERE pos = ?", (f"{byte:064x}", pos))


def _retext(rows: sqlite3.Connection, pos: int, _: int) -> None:
    other = rows.execute("SELECT body FROM request WHERE seq <> ?", (pos,)).fetchone()[0]
    rows.execute("UPDATE request SET body = ? WHERE seq = ?", (other, pos))


@settings(max_examples=40)
@given(
    st.sampled_from([_alter, _remove, _remove_and_close_up, _cut_off, _swap, _rehash, _retext]),
    st.integers(1, 5),
    st.integers(0, 5000),
)
def test_a_line_altered_taken_out_or_moved_is_found(
    tmp_path_factory: pytest.TempPathFactory, crime: Crime, pos: int, byte: int
) -> None:
    journal = _five(tmp_path_factory)
    crime(journal._db, pos, byte)
    with pytest.raises(JournalDamaged):
        journal.verify()
    journal.close()


def _five(factory: pytest.TempPathFactory) -> Journal:
    home = factory.mktemp("journal")
    journal = journal_in(home)
    journal._db.execute("PRAGMA synchronous = OFF")
    for minute in range(5):
        take(journal, minutes=minute)
    assert journal.verify().pos == 5
    return journal


def test_lines_outlive_the_key_of_the_texts(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    seq = take(journal, units=1)
    begun, _ = journal.begin(body, NOW)
    journal.forget_texts()
    destroy_store_key(tmp_path)
    later = journal_in(tmp_path)
    assert [seq for seq, _ in later.unsent()] == [seq]
    assert (later.pending(), later.memory("holder", NOW).used) == ([], {})
    assert later.verify().pos == 1
    assert later.begin(body, NOW)[0] > begun


def test_a_journal_is_whole_to_whom_looks_while_it_is_written(tmp_path: Path) -> None:
    writer, reader = journal_in(tmp_path), journal_in(tmp_path)
    for minute in range(3):
        take(writer, minutes=minute)
    head = reader._chain.head
    reader._chain.head = lambda: (head(), take(writer, minutes=9))[0]  # type: ignore[method-assign]
    assert (reader.verify().pos, writer.verify().pos) == (3, 4)


def test_a_wipe_that_was_cut_short_is_finished_by_whatever_opens_the_journal_next(tmp_path: Path) -> None:
    take(journal_in(tmp_path))
    destroy_store_key(tmp_path)
    journal_in(tmp_path).close()
    later = journal_in(tmp_path)
    later.recall()
    assert (len(later.unsent()), later.pending()) == (1, [])


def test_a_store_key_that_is_another_is_told_and_no_line_is_lost(tmp_path: Path) -> None:
    take(journal_in(tmp_path))
    (tmp_path / STORE_KEY).write_bytes(bytes(32))
    journal = journal_in(tmp_path)
    with pytest.raises(StoreDamaged):
        journal.memory("holder", NOW)
    assert len(journal.unsent()) == 1


def test_nothing_of_what_was_shown_can_be_read_in_the_files(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    seq = take(journal, "uid 04a1b2c3d4e5f6", units=1)
    journal.begin(Tap(TEXT, NOW, 1).body, NOW)  # type: ignore[arg-type]
    journal.sent(told(seq))
    take(journal, "uid 04a1b2c3d4e5f6", units=1)
    for open_ in (True, False):
        found = b"".join(path.read_bytes() for path in tmp_path.iterdir())
        for secret in (TEXT, "04a1b2c3d4e5f6", "0123456789abcdef", "131073", "c" * 32):
            assert secret.encode() not in found
        if open_:
            journal.close()


def test_a_full_disk_refuses_what_is_new_and_loses_nothing(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    kept = [take(journal)]
    pages = journal._db.execute("PRAGMA page_count").fetchone()[0]
    journal._db.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(JournalFull, match="full"):
        _take_into(kept, journal)
    assert [seq for seq, _ in journal.unsent()] == kept
    journal._db.execute("PRAGMA max_page_count = 1000000")
    # a tap may have been begun before the disk was full: its number is used up
    assert take(journal) > kept[-1]
    assert journal.verify().pos == len(kept) + 1


def _take_into(kept: list[int], journal: Journal) -> None:
    for _ in range(200):
        kept.append(take(journal))


def test_a_file_that_is_no_journal_is_told(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"not a database" * 100)
    with pytest.raises(JournalDamaged):
        journal_in(tmp_path)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    with pytest.raises(JournalFull):
        journal_in(tmp_path)


def test_pages_overwritten_by_something_else_are_told(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    for _ in range(20):
        take(journal)
    journal.close()
    content = bytearray((tmp_path / FILE).read_bytes())
    content[4096:] = b"\xaa" * (len(content) - 4096)
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(JournalDamaged):
        journal_in(tmp_path).verify()

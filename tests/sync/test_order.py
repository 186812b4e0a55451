from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from sync.message import read_event
from sync.notice import Notice, Op, PersonDied, PersonNotice, PersonRef, StatusFact
from sync.order import LedgerEntry, RecordKey, absent, canonical, entry_of, snapshot_verdict, take, verdict
from sync.verdict import Verdict
from tests.sync.histories import KEY, Message, expected, fact, histories, told

Ledger = dict[RecordKey, LedgerEntry]


def taken(messages: Iterable[PersonNotice]) -> tuple[Ledger, list[Verdict]]:
    ledger: Ledger = {}
    return ledger, [take(ledger, RecordKey("sopa", data.record_id), entry_of(data, KEY)) for data in messages]


def test_the_same_message_twice_and_an_older_one_late_change_nothing() -> None:
    newer = fact(version=2)
    ledger, verdicts = taken([newer, newer, fact(version=1)])
    assert verdicts == [Verdict.APPLIED, Verdict.UNCHANGED, Verdict.STALE]
    assert ledger == {RecordKey("sopa", "S-1"): entry_of(newer, KEY)}


def test_a_redelivery_with_another_event_id_and_time_is_the_same_content(
    make_event: Callable[..., dict[str, Any]],
) -> None:
    first = read_event(make_event())
    again = read_event(make_event({"id": "e-2", "time": "2026-03-10T12:00:00Z"}))
    assert isinstance(first, Notice)
    assert isinstance(again, Notice)
    assert isinstance(first.data, StatusFact)
    assert isinstance(again.data, StatusFact)
    assert entry_of(first.data, KEY) == entry_of(again.data, KEY)


def test_one_version_with_two_contents_is_a_conflict_that_changes_nothing() -> None:
    first = fact(status="TRUCIGA")
    ledger, verdicts = taken([first, fact(status="INV1"), fact(op=Op.WITHDRAW)])
    assert verdicts == [Verdict.APPLIED, Verdict.CONFLICT, Verdict.CONFLICT]
    assert list(ledger.values()) == [entry_of(first, KEY)]


def test_a_tombstone_keeps_its_version() -> None:
    _, verdicts = taken([fact(version=5, op=Op.WITHDRAW), fact(version=4), fact(version=6)])
    assert verdicts == [Verdict.APPLIED, Verdict.STALE, Verdict.APPLIED]


def test_a_first_message_is_applied_whatever_its_version() -> None:
    assert verdict(None, entry_of(fact(version=7), KEY)) is Verdict.APPLIED


def test_sources_do_not_share_record_ids() -> None:
    ledger: Ledger = {}
    entry = entry_of(fact(), KEY)
    assert take(ledger, RecordKey("sopa", "S-1"), entry) is Verdict.APPLIED
    assert take(ledger, RecordKey("vsaa", "S-1"), entry) is Verdict.APPLIED


@pytest.mark.parametrize(
    "change",
    [
        {"status": "INV1"},
        {"valid_from": date(2026, 3, 2)},
        {"valid_until": None},
        {"person": PersonRef("29075810403")},
        {"household": "M-1"},
        {"op": Op.WITHDRAW},
    ],
)
def test_any_change_of_content_changes_the_digest(change: dict[str, Any]) -> None:
    assert entry_of(replace(fact(), **change), KEY).digest != entry_of(fact(), KEY).digest


def test_the_digest_depends_on_the_key_and_hides_the_content() -> None:
    assert entry_of(fact(), KEY).digest != entry_of(fact(), b"x" * 32).digest
    assert b"16117519997" in canonical(fact())


def test_two_types_of_notice_with_the_same_members_differ() -> None:
    died = PersonDied("S-1", 1, Op.UPSERT, PersonRef("16117519997"), date(2026, 3, 1))
    assert entry_of(died, KEY).digest != entry_of(fact(), KEY).digest


# A source that never uses a version twice: the content is a function of (record, version).
_statuses = ("TRUCIGA", "MAZNODROSINATA", "INV1")
_messages = st.builds(
    lambda record, version: fact(
        f"S-{record}", version, Op.WITHDRAW if (record + version) % 4 == 0 else Op.UPSERT, _statuses[version % 3]
    ),
    st.integers(0, 3),
    st.integers(1, 6),
)


@given(st.lists(_messages, max_size=20), st.randoms(use_true_random=False))
def test_any_order_and_any_repetition_end_in_the_same_ledger(messages: list[StatusFact], rng: random.Random) -> None:
    disturbed = messages + [data for data in messages if rng.random() < 0.33]
    rng.shuffle(disturbed)
    ledger, verdicts = taken(disturbed)
    assert ledger == taken(messages)[0]
    assert Verdict.CONFLICT not in verdicts
    assert {key.record_id: entry.version for key, entry in ledger.items()} == {
        record_id: max(data.version for data in messages if data.record_id == record_id)
        for record_id in {data.record_id for data in messages}
    }


@given(st.lists(st.sampled_from(_statuses), min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_a_higher_version_ends_every_conflict_in_any_order(statuses: list[str], rng: random.Random) -> None:
    messages = [fact(version=1, status=status) for status in statuses] + [fact(version=2)]
    rng.shuffle(messages)
    assert list(taken(messages)[0].values()) == [entry_of(fact(version=2), KEY)]


class LedgerAgainstModel(RuleBasedStateMachine):
    """Messages arrive one by one; the model only remembers the set of all that arrived."""

    def __init__(self) -> None:
        super().__init__()
        self.ledger: Ledger = {}
        self.arrived: set[StatusFact] = set()

    @rule(message=_messages)
    def arrive(self, message: StatusFact) -> None:
        versions = [data.version for data in self.arrived if data.record_id == message.record_id]
        newest = max(versions, default=0)
        outcome = take(self.ledger, RecordKey("sopa", message.record_id), entry_of(message, KEY))
        if message.version > newest:
            assert outcome is Verdict.APPLIED
        else:
            assert outcome is (Verdict.UNCHANGED if message.version == newest else Verdict.STALE)
        self.arrived.add(message)

    @invariant()
    def the_ledger_is_the_newest_of_the_set(self) -> None:
        newest: dict[str, StatusFact] = {}
        for data in sorted(self.arrived, key=lambda data: data.version):
            newest[data.record_id] = data
        assert self.ledger == {RecordKey("sopa", key): entry_of(data, KEY) for key, data in newest.items()}


def entry(version: int, op: Op = Op.UPSERT) -> LedgerEntry:
    return entry_of(fact(version=version, op=op), KEY)


GONE = absent(entry(3), as_of=5)


@pytest.mark.parametrize(
    ("known", "arriving", "floor", "outcome"),
    [
        (None, entry(5), 5, Verdict.STALE),
        (None, entry(6), 5, Verdict.APPLIED),
        (GONE, entry(3), 5, Verdict.STALE),
        (GONE, entry(5), 5, Verdict.STALE),
        (GONE, entry(6), 5, Verdict.APPLIED),
        # withdrawn once more, by a later snapshot that did not name it either
        (GONE, entry(6), 9, Verdict.STALE),
        (entry(3, Op.WITHDRAW), entry(4), 5, Verdict.STALE),
        (entry(3, Op.WITHDRAW), entry(6), 5, Verdict.APPLIED),
        (entry(3, Op.WITHDRAW), entry(3, Op.WITHDRAW), 5, Verdict.UNCHANGED),
        # what stands above a snapshot was named by it or came after it
        (entry(3), entry(4), 5, Verdict.APPLIED),
        (entry(3), entry(3, Op.WITHDRAW), 5, Verdict.CONFLICT),
    ],
)
def test_what_a_snapshot_has_left_out_stays_away(
    known: LedgerEntry | None, arriving: LedgerEntry, floor: int, outcome: Verdict
) -> None:
    assert verdict(known, arriving, floor) is outcome


@pytest.mark.parametrize(
    ("known", "version", "floor", "outcome"),
    [
        (None, 2, 4, Verdict.APPLIED),
        (GONE, 3, 4, Verdict.APPLIED),
        (GONE, 2, 4, Verdict.STALE),
        (entry(3), 3, 4, Verdict.UNCHANGED),
        (entry(3), 4, 4, Verdict.APPLIED),
        (entry(9), 4, 4, Verdict.STALE),
        # a row that was refused comes again, corrected: before, and after the next snapshot
        (None, 2, 8, Verdict.APPLIED),
        (None, 2, 9, Verdict.STALE),
    ],
)
def test_a_snapshot_brings_back_what_it_names(
    known: LedgerEntry | None, version: int, floor: int, outcome: Verdict
) -> None:
    assert snapshot_verdict(known, entry(version), 8, floor) is outcome


@given(histories(), st.randoms(use_true_random=False))
def test_events_and_snapshots_in_any_order_and_number_end_in_one_ledger(
    messages: list[Message], rng: random.Random
) -> None:
    disturbed = messages + [message for message in messages if rng.random() < 0.33]
    rng.shuffle(disturbed)
    assert told(disturbed).settled() == told(messages).settled() == expected(messages)


def test_a_snapshot_counts_each_row_and_withdraws_what_it_does_not_name() -> None:
    books = told([fact("S-1", 1), fact("S-2", 2), fact("S-3", 9)])
    rows = [("S-1", entry_of(fact("S-1", 1), KEY)), ("S-4", entry_of(fact("S-4", 4), KEY))]
    assert books.take_snapshot(rows, 8) == ([Verdict.UNCHANGED, Verdict.APPLIED], ["S-2"])
    assert books.take_snapshot(rows, 8) == ([Verdict.STALE, Verdict.STALE], [])
    assert sorted(books.settled()) == ["S-1", "S-3", "S-4"]


TestLedgerAgainstModel = LedgerAgainstModel.TestCase

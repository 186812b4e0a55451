from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sync.message import read_event
from sync.notice import Notice, Op, ResidenceChanged, StatusFact
from sync.order import LedgerEntry, RecordKey, entry_of, take
from sync.simulator import Simulator, event_of
from sync.verdict import Verdict

AT = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)
KEY = b"k" * 32


def played(seed: int, persons: int, steps: int) -> tuple[Simulator, list[dict[str, Any]]]:
    simulator = Simulator("sopa", seed, persons, AT.date())
    events = simulator.initial(AT)
    for step in range(steps):
        events += simulator.step(AT + timedelta(hours=9 * step))
    return simulator, events


def facts(events: list[dict[str, Any]]) -> list[StatusFact]:
    notices = [read_event(event) for event in events]
    assert all(isinstance(notice, Notice) and isinstance(notice.data, StatusFact) for notice in notices)
    return [notice.data for notice in notices if isinstance(notice, Notice) and isinstance(notice.data, StatusFact)]


@settings(max_examples=15)
@given(st.integers(0, 1000), st.integers(1, 60), st.randoms(use_true_random=False))
def test_whatever_the_order_the_receiver_ends_where_the_oracle_says(
    seed: int, persons: int, rng: random.Random
) -> None:
    simulator, events = played(seed, persons, 60)
    disturbed = events + rng.sample(events, len(events) // 3)
    rng.shuffle(disturbed)
    ledger: dict[RecordKey, LedgerEntry] = {}
    verdicts = {take(ledger, RecordKey("sopa", fact.record_id), entry_of(fact, KEY)) for fact in facts(disturbed)}
    assert Verdict.CONFLICT not in verdicts
    records = simulator.expected().values()
    (*expected,) = facts([event_of(record, "sopa", "e", AT) for record in records])
    assert ledger == {RecordKey("sopa", fact.record_id): entry_of(fact, KEY) for fact in expected}


def test_the_same_seed_plays_the_same_town() -> None:
    assert played(5, 50, 40)[1] == played(5, 50, 40)[1]
    assert played(5, 50, 40)[1] != played(6, 50, 40)[1]


def test_every_event_has_an_id_of_its_own() -> None:
    _, events = played(1, 200, 300)
    assert len({event["id"] for event in events}) == len(events)


def test_all_kinds_of_change_happen() -> None:
    simulator, events = played(1, 200, 300)
    history: dict[str, list[StatusFact]] = {}
    for fact in facts(events):
        history.setdefault(fact.record_id, []).append(fact)
    changes = [(old, new) for versions in history.values() for old, new in pairwise(versions)]
    assert all(new.version == old.version + 1 for old, new in changes)
    ends = [(old.valid_until, new.valid_until) for old, new in changes if new.op is Op.UPSERT]
    assert any(old and new and new > old for old, new in ends)
    assert any(old and new and new < old for old, new in ends)
    assert any(new.op is Op.WITHDRAW for _, new in changes)
    assert len(history) > len(facts(played(1, 200, 0)[1]))
    assert len(simulator.expected()) == len(history)


def test_residences_tell_where_everyone_is_declared() -> None:
    simulator = Simulator("sopa", 1, 40, AT.date())
    notices = [read_event(event) for event in simulator.residences(AT)]
    told = [notice.data for notice in notices if isinstance(notice, Notice)]
    assert [(data.person.code, data.municipality) for data in told if isinstance(data, ResidenceChanged)] == [
        (resident.code, resident.municipality) for resident in simulator.residents
    ]


def test_a_record_id_does_not_tell_the_person() -> None:
    simulator, events = played(1, 100, 50)
    codes = {resident.code for resident in simulator.residents}
    assert not any(event["data"]["record_id"] in codes or event["id"] in codes for event in events)

"""Deciding alone: what is written down of a decision, and how much a fleet without a connection can overspend."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.claim import Verdict
from rules.reason import Reason
from terminals.alone import decide_alone, look_at
from terminals.bundle.holding import Holding
from terminals.clock import Clock
from terminals.journal import Journal
from terminals.keeping import Seal, Seals
from terminals.line import RECORDED, Outcome
from terminals.message import Tap
from tests.terminals.bundle.publisher import AT, Publisher, held, policy
from tests.terminals.tokens import letter

FARE = Decimal("0.85")
TWENTY, QUOTA, CAP = 302, 20, 2
SHOWN = letter(TWENTY)
CLOCK = Clock(lambda: AT)


@pytest.fixture(scope="module")
def holding() -> Holding:
    return held()


def journal_at(path: Path) -> Journal:
    """A journal that need not outlive a power cut."""
    seal = Seal(bytes(32))
    journal = Journal(path, Seals(seal, seal))
    journal._db.execute("PRAGMA synchronous = OFF")
    return journal


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    made = journal_at(tmp_path / "journal")
    yield made
    made.close()


def taken(journal: Journal, holding: Holding, shown: str = SHOWN) -> Verdict:
    """One tap without a connection, to its end."""
    tap = Tap(shown, AT, FARE)
    seq, body = journal.begin(tap.body, AT)
    decided, use = decide_alone(look_at(seq, body, tap, holding, CLOCK), holding, journal)
    journal.decided(decided, use)
    return decided.decision.verdict


def test_one_line_in_so_many_carries_the_text_for_a_later_check(journal: Journal) -> None:
    for sample, least, most in ((1, 20, 20), (0, 0, 0), (4, 1, 19)):
        sampling = held(Publisher(policy=policy(sample=sample)))
        for _ in range(20):
            taken(journal, sampling, letter(301))
        texts = [b'"text":' in line for _, line in journal.unsent()]
        assert least <= sum(texts) <= most
        journal.sent([Outcome(seq, RECORDED, b"") for seq, _ in journal.unsent()])


def test_a_floor_that_rose_since_the_tap_was_looked_at_decides_its_day(journal: Journal, holding: Holding) -> None:
    early = AT - timedelta(days=400)
    tap = Tap(SHOWN, early, FARE)
    seq, body = journal.begin(tap.body, early)
    asked = replace(look_at(seq, body, tap, holding, CLOCK), at=early, when=early)
    decided, _ = decide_alone(asked, holding, journal)
    assert (decided.decision.reason, decided.revision) == (Reason.CLOCK, 1)


def test_a_text_too_long_for_a_line_is_left_out(journal: Journal) -> None:
    taken(journal, held(Publisher(policy=policy(sample=1))), "x" * 5000)
    assert b'"text":' not in journal.unsent()[0][1]


def test_nothing_that_everybody_may_use_carries_a_text(journal: Journal) -> None:
    festive = Publisher(policy=policy(sample=1), at=AT + timedelta(days=6))
    tap = Tap(SHOWN, festive.at, FARE)
    seq, body = journal.begin(tap.body, AT)
    asked = look_at(seq, body, tap, held(festive), Clock(lambda: festive.at))
    decided, use = decide_alone(asked, held(festive), journal)
    assert (decided.token, decided.sampled, use) == (None, False, None)
    assert decided.decision.verdict is Verdict.ACCEPT


@dataclass
class Fleet:
    """Terminals that sometimes reach the service, which counts what they tell it and says when that was too much."""

    journals: list[Journal]
    counted: int
    overspent: int = 0
    told: set[tuple[int, int]] = field(default_factory=set)

    def upload(self, number: int) -> None:
        """One terminal tells all that it has let happen."""
        outcomes = []
        for seq, line in self.journals[number].unsent():
            used = b'"units":1' in line
            spent = used and self.counted >= QUOTA
            self.overspent += spent
            self.counted += used and not spent
            said = b'{"seq":%d,"outcome":"recorded","conflicts":[%s]}' % (seq, b'"overspent"' if spent else b"")
            outcomes.append(Outcome(seq, RECORDED, said, spent))
        self.journals[number].sent(outcomes)


@settings(max_examples=15)
@given(
    st.integers(1, 4),
    st.integers(0, QUOTA),
    st.lists(st.tuples(st.sampled_from("ttttu"), st.integers(0, 3)), max_size=60),
)
def test_a_fleet_overspends_no_more_than_the_cap_of_each_terminal(
    tmp_path_factory: pytest.TempPathFactory, holding: Holding, size: int, before: int, steps: list[tuple[str, int]]
) -> None:
    home = tmp_path_factory.mktemp("fleet")
    fleet = Fleet([journal_at(home / str(number)) for number in range(size)], before)
    for step, number in steps:
        if step == "u":
            fleet.upload(number % size)
        else:
            taken(fleet.journals[number % size], holding)
    waiting = sum(line.count(b'"units":1') for journal in fleet.journals for _, line in journal.unsent())
    assert waiting <= size * CAP
    for number in range(size):
        fleet.upload(number)
    assert fleet.overspent <= size * CAP
    for journal in fleet.journals:
        journal.close()


@pytest.mark.parametrize(("size", "left"), [(1, 2), (2, 2), (3, 5), (4, 0)])
def test_a_partition_overspends_what_the_caps_are_more_than_was_left(
    tmp_path: Path, holding: Holding, size: int, left: int
) -> None:
    fleet = Fleet([journal_at(tmp_path / str(number)) for number in range(size)], QUOTA - left)
    given = [taken(journal, holding) for journal in fleet.journals for _ in range(5)]
    assert len([verdict for verdict in given if verdict is not Verdict.DENY]) == size * CAP
    for number in range(size):
        fleet.upload(number)
    assert fleet.overspent == max(0, size * CAP - left)
    assert left < CAP or fleet.overspent <= (size - 1) * CAP


def test_a_terminal_that_is_told_of_an_empty_quota_gives_nothing_more(tmp_path: Path, holding: Holding) -> None:
    journal = journal_at(tmp_path / "journal")
    fleet = Fleet([journal], QUOTA)
    taken(journal, holding)
    fleet.upload(0)
    assert fleet.overspent == 1
    assert taken(journal, holding) is Verdict.DENY
    journal.close()
    assert taken(journal_at(tmp_path / "journal"), holding) is Verdict.DENY

"""Two sources say everything they can by every way, twice, late and wrong: the register ends as a model in memory."""

import asyncio
import random
from collections import Counter
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from amis.kernel import clock
from sync.message import BATCHED, STRUCTURED
from tests.intake.believed import STATUS, Believed, Told
from tests.intake.files import Files
from tests.intake.sources import BINARY, Sources, enrolled, held, spelled, two_sources
from tests.intake.wire import Wire, new_code
from tests.walks.counts import count

PAIRS = [(0, 1), (1, 2), (2, 0)]
TYPES = "person.died.v1", "residence.changed.v1", "person.code_changed.v1", "person.merged.v1", "person.unmerged.v1"
MODES = st.sampled_from([BINARY, STRUCTURED, BATCHED])
SOURCES, NUMBERS, DAYS = st.integers(0, 1), st.integers(0, 5), st.integers(1, 40)
OPS = st.sampled_from(["upsert", "upsert", "upsert", "withdraw"])
STATUSES = st.lists(st.tuples(NUMBERS, OPS, st.sampled_from(["REPR", "INV1"]), DAYS), min_size=2, max_size=6)
OTHERS = st.lists(st.tuples(st.sampled_from(TYPES), NUMBERS, OPS, DAYS), min_size=2, max_size=5)
MANY = st.lists(st.integers(0, 10_000), min_size=2, max_size=6)
BAD = b"this is no row\n"


class Author:
    """Draws up what two sources say of three persons; every version is the next of its source's own counter."""

    def __init__(self, sources: Sources, believed: Believed) -> None:
        self.names = list(sources.senders)
        self.counters = dict.fromkeys(self.names, 0)
        self.believed = believed
        self.today = clock.today()
        self.drawn: dict[tuple[int, int], str] = {}

    def status(self, source: int, number: int, op: str, status: str, day: int) -> Told:
        first = self.today - timedelta(days=60 - day)
        days = {"valid_from": first.isoformat(), "valid_to": (first + timedelta(days=day)).isoformat()}
        return self._told(source, STATUS, f"S-{number}", number, op, {"status": status} | days)

    def other(self, source: int, type_: str, number: int, op: str, day: int) -> Told:
        """A record about who somebody is, or where: its name tells of whom it is, since that never changes."""
        on = (self.today - timedelta(days=day)).isoformat()
        data: dict[str, Any] = {
            "person.died.v1": {"died_on": on},
            "residence.changed.v1": {"since": on, "municipality": ("JLG", "RIX", "DGP")[day % 3]},
            "person.code_changed.v1": {"changed_on": on, "new_code": self._new_code(source, number)},
            "person.merged.v1": {},
            "person.unmerged.v1": {"unmerged_on": on},
        }[type_]
        who = number
        if "merged" in type_:
            who, whom = PAIRS[number % 3]
            data = data | {"merged": {"code": self._code(whom, day)}}
        record = f"{'pair' if 'merged' in type_ else type_}-{number}"
        return self._told(source, type_, record, who, op, data)

    def otherwise(self, told: Told) -> Told:
        """The same version with another content."""
        op = "withdraw" if told.data["op"] == "upsert" else "upsert"
        return Told(told.source, told.type, {**told.data, "op": op})

    def _told(self, source: int, type_: str, record: str, who: int, op: str, data: dict[str, Any]) -> Told:
        name = self.names[source]
        self.counters[name] += 1
        version = self.counters[name]
        person = {"code": self._code(who, version)}
        usual = {"record_id": record, "version": version, "op": op, "person": person}
        return Told(name, type_, usual | data)

    def _code(self, who: int, turn: int) -> str:
        """One of the codes by which somebody is known."""
        codes = [code for code, home in self.believed.homes.items() if home == who % 3]
        return codes[turn % len(codes)]

    def _new_code(self, source: int, number: int) -> str:
        return self.drawn.setdefault((source, number), new_code())


class Convergence(RuleBasedStateMachine):
    """After each message: its verdict, the ledger, the standing facts, who is who and the rights are the model's."""

    loop: ClassVar[asyncio.AbstractEventLoop]
    files: ClassVar[Files]
    wire: ClassVar[Wire]

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    @initialize(source=SOURCES, statuses=STATUSES, others=OTHERS)
    def begin(self, source: int, statuses: list[Any], others: list[Any]) -> None:
        self.sources = self.run(two_sources(self.files, self.wire))
        codes = [new_code() for _ in range(3)]
        self.run(enrolled(codes))
        self.believed = Believed({code: number for number, code in enumerate(codes)})
        self.author = Author(self.sources, self.believed)
        self.written: list[Told] = []
        self.snapshots: list[tuple[str, list[Told], int]] = []
        self.sources_are_ranked((source, 1 - source))
        for number in range(2):
            self.statuses_are_stated(number, statuses, BATCHED, 0)
        self.something_else_is_told(source, others, BATCHED, 0)

    def tell(self, told: list[Told], mode: str = BATCHED) -> None:
        """In one message, or each in one of its own."""
        for part in [told] if mode == BATCHED else [[one] for one in told]:
            expected = [self.believed.take(one) for one in part]
            assert self.run(self.sources.by_event(part[0].source, part, mode)) == expected

    def write(self, told: list[Told], mode: str, withheld: int) -> None:
        """All but some of the first are sent; the others come late."""
        self.written += told
        if told[withheld:]:
            self.tell(told[withheld:], mode)

    @rule(source=SOURCES, statuses=STATUSES, mode=MODES, withheld=st.integers(0, 2))
    def statuses_are_stated(self, source: int, statuses: list[Any], mode: str, withheld: int) -> None:
        self.write([self.author.status(source, *one) for one in statuses], mode, withheld)

    @rule(source=SOURCES, others=OTHERS, mode=MODES, withheld=st.integers(0, 1))
    def something_else_is_told(self, source: int, others: list[Any], mode: str, withheld: int) -> None:
        self.write([self.author.other(source, *one) for one in others], mode, withheld)

    @precondition(lambda self: self.written)
    @rule(source=SOURCES, picked=MANY, mode=MODES)
    def some_come_late_or_again(self, source: int, picked: list[int], mode: str) -> None:
        if told := self.of(source, picked, only_statuses=False):
            self.tell(told, mode)

    @precondition(lambda self: self.written)
    @rule(which=st.integers(0, 10_000))
    def a_version_is_used_twice(self, which: int) -> None:
        self.tell([self.author.otherwise(self.written[which % len(self.written)])])

    @rule(source=SOURCES, picked=MANY, bad=st.booleans())
    def changes_come_as_a_file(self, source: int, picked: list[int], bad: bool) -> None:
        told = self.of(source, picked, only_statuses=True)
        expected = Counter(self.believed.take(one).value for one in told)
        rows = [*([BAD] if bad else []), *(one.data for one in told)]
        counts = self.run(self.sources.by_file(self.author.names[source], rows))
        assert counts == expected + Counter({"rejected": int(bad)})

    @rule(source=SOURCES, left_out=st.sets(NUMBERS, min_size=1, max_size=3), back=st.integers(0, 2))
    def a_snapshot_comes(self, source: int, left_out: set[int], back: int) -> None:
        name = self.author.names[source]
        gone = {f"S-{number}" for number in left_out}
        as_of = max(0, self.author.counters[name] - back)
        standing = [told for told in self.believed.standing() if told.source == name]
        rows = [told for told in standing if told.record[1] not in gone and told.data["version"] <= as_of]
        self.snapshots.append((name, rows, as_of))
        self.take_snapshot(*self.snapshots[-1])

    @precondition(lambda self: self.snapshots)
    @rule(which=st.integers(0, 10_000))
    def a_snapshot_comes_again(self, which: int) -> None:
        self.take_snapshot(*self.snapshots[which % len(self.snapshots)])

    @rule(ranks=st.sampled_from([(), (0, 1), (1, 0)]))
    def sources_are_ranked(self, ranks: tuple[int, ...]) -> None:
        self.believed.ranks = tuple(self.author.names[number] for number in ranks)
        self.run(self.sources.ranked(self.believed.ranks))

    def take_snapshot(self, name: str, rows: list[Told], as_of: int) -> None:
        verdicts, gone = self.believed.take_snapshot(name, rows, as_of)
        expected = Counter(verdict.value for verdict in verdicts) + Counter({"withdrawn": gone})
        assert self.run(self.sources.by_file(name, [told.data for told in rows], as_of)) == expected

    def of(self, source: int, picked: list[int], *, only_statuses: bool) -> list[Told]:
        name = self.author.names[source]
        fit = [one for one in self.written if one.source == name and (one.type == STATUS or not only_statuses)]
        return [fit[number % len(fit)] for number in picked] if fit else []

    @invariant()
    def the_register_holds_what_the_model_believes(self) -> None:
        found, believed = self.run(held(self.author.names, self.believed.homes)), self.believed
        assert found.entries == spelled(believed.entries())
        assert found.codes == believed.codes()
        assert found.facts == believed.facts()
        assert found.died == believed.died()
        assert found.residence == believed.residence()
        assert found.rights == believed.rights()


@pytest.fixture
async def loop() -> asyncio.AbstractEventLoop:
    """The loop in which the service of the test works."""
    return asyncio.get_running_loop()


STEPS = count(test=12, check=50, deep=50)
EXAMPLES = count(test=3, check=200, deep=20_000)


def test_the_register_is_the_model_after_every_message(loop: Any, files: Files, wire: Wire) -> None:
    Convergence.loop, Convergence.files, Convergence.wire = loop, files, wire
    limits = settings(
        max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(Convergence, settings=limits)


PERMUTATIONS = count(test=4, check=60, deep=600)


async def test_any_permutation_with_duplicates_and_splits_ends_in_one_state(files: Files, wire: Wire) -> None:
    rng = random.Random(61)  # the same tale each time
    ended = [await _told_in(_order(rng), await two_sources(files, wire), rng) for _ in range(PERMUTATIONS)]
    assert len(ended) == PERMUTATIONS
    assert all(one == ended[0] for one in ended)


def _order(rng: random.Random) -> list[int]:
    """The numbers of all messages of the tale, a third of them twice, in any order."""
    numbers = range(2 * TALE)
    order = [*numbers, *rng.sample(numbers, len(numbers) // 3)]
    rng.shuffle(order)
    return order


TALE = 12
"""What each source says."""


def _tale(author: Author) -> list[Told]:
    """The same one each time, but for who is told of."""
    rng, told = random.Random(62), []  # the same tale each time
    for number in range(2 * TALE):
        source, about, op, day = number % 2, rng.randrange(6), rng.choice(["upsert", "upsert", "withdraw"]), number + 1
        if rng.random() < 0.6:
            told.append(author.status(source, about, op, rng.choice(["REPR", "INV1"]), day))
        else:
            told.append(author.other(source, rng.choice(TYPES), about, op, day))
    return told


async def _told_in(order: list[int], sources: Sources, rng: random.Random) -> list[Any]:
    """The state that is left when the tale is told in that order, in messages and files of any size."""
    codes = [new_code() for _ in range(3)]
    await enrolled(codes)
    believed = Believed({code: number for number, code in enumerate(codes)})
    author = Author(sources, believed)
    believed.ranks = tuple(author.names)
    await sources.ranked(believed.ranks)
    tale = _tale(author)
    told = [tale[number] for number in order]
    while told:
        size = rng.randint(1, 9)
        part, told = told[:size], told[size:]
        for name in author.names:
            of_source = [one for one in part if one.source == name]
            by_file = [one.data for one in of_source if one.type == STATUS and size > 5]
            by_event = [one for one in of_source if one.type != STATUS or size <= 5]
            if by_file:
                await sources.by_file(name, by_file)
            if by_event:
                await sources.by_event(name, by_event)
    for one in tale:
        believed.take(one)
    found = await held(author.names, believed.homes)
    assert found.entries == spelled(believed.entries())
    assert found.codes == believed.codes()
    assert set(found.facts) ^ set(believed.facts()) == set()
    assert (found.rights, found.residence, found.died) == (believed.rights(), believed.residence(), believed.died())
    return [_anonymous(found.entries, author), found.died, found.rights, found.residence]


def _anonymous(entries: Any, author: Author) -> Any:
    return {(author.names.index(source), record): entry for (source, record), entry in entries.items()}

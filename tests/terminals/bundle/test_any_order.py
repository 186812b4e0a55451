"""Whatever arrives, in whatever order, the terminal holds a state that the service had, and never goes back."""

from datetime import timedelta
from typing import NamedTuple

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from cards.statuslist import StatusList
from terminals.bundle.errors import BundleRefused
from terminals.bundle.holding import Holding
from terminals.bundle.saved import load, save
from terminals.bundle.state import packed
from tests.terminals.bundle.publisher import (
    AT,
    DEAD_CARD,
    FREE_CARD,
    MACHINE,
    ROOT_KEY,
    STRANGER,
    Publisher,
    policy,
)
from tests.terminals.bundle.test_saved import Shelf

INDEXES, VALUES = st.integers(0, 7), st.integers(0, 3)
UIDS = st.sampled_from([FREE_CARD, DEAD_CARD, bytes(7), bytes(6) + b"\1"])


_NOTHING = (-1, -1)


class Sent(NamedTuple):
    """Something that the service has signed: a manifest of `seq`, or a delta from `before`."""

    data: bytes
    seq: int
    iat: int
    before: int | None = None


def contents(publisher: Publisher) -> dict[tuple[str, str], bytes]:
    """The state of the service, part by part."""
    found = {("status", str(number)): statuses.packed() for number, statuses in publisher.lists.items()}
    found |= {("trust", "trust"): publisher.trust.encode(), ("policy", "JAP"): publisher.policy.encode()}
    assert publisher.cards is not None
    return found | {("cards", "JAP"): publisher.cards.encode()}


class AnyOrder(RuleBasedStateMachine):
    """A service that moves on, a network that loses, repeats, reorders and garbles, and a terminal that restarts."""

    @initialize(begun=st.booleans())
    def begin(self, begun: bool) -> None:
        self.publisher = Publisher()
        self.states = {self.publisher.seq: contents(self.publisher)}
        self.sent: list[Sent] = []
        self.shelf = Shelf()
        self.holding = Holding(ROOT_KEY.der, MACHINE)
        self.held = self.awaited = _NOTHING
        self.sign_manifest()
        self.holding.update_trust(self.publisher.objects[self.publisher.parts()[0].href], AT)
        if begun:
            self.publisher.bring(self.holding)
            self.held = self.publisher.seq, self.second

    @property
    def second(self) -> int:
        return int(self.publisher.at.timestamp())

    def moved(self, delta: bytes) -> None:
        self.states[self.publisher.seq] = contents(self.publisher)
        self.sent.append(Sent(delta, self.publisher.seq, self.second, self.publisher.seq - 1))

    @rule(number=st.sampled_from([0, 3]), changes=st.dictionaries(INDEXES, VALUES, min_size=1, max_size=3))
    def tokens_change(self, number: int, changes: dict[int, int]) -> None:
        self.moved(self.publisher.delta(status={number: changes}))

    @rule(changes=st.dictionaries(UIDS, VALUES, min_size=1, max_size=3))
    def cards_change(self, changes: dict[bytes, int]) -> None:
        self.moved(self.publisher.delta(cards=changes))

    @rule(by_delta=st.booleans(), sample=st.integers(1, 5))
    def the_policy_changes(self, by_delta: bool, sample: int) -> None:
        self.publisher.policy = policy(seq=self.publisher.seq + 1, sample=sample)
        if by_delta:
            self.moved(self.publisher.delta(whole=("policy",)))
            return
        self.publisher.seq += 1
        self.states[self.publisher.seq] = contents(self.publisher)
        self.sign_manifest()

    @rule()
    def a_list_begins(self) -> None:
        self.publisher.lists[len(self.publisher.lists) + 3] = StatusList(64)
        self.moved(self.publisher.delta(whole=("status",)))

    @rule()
    def sign_manifest(self) -> None:
        self.publisher.at += timedelta(seconds=1)
        self.sent.append(Sent(self.publisher.manifest(), self.publisher.seq, self.second))

    @rule(data=st.data())
    def something_arrives(self, data: st.DataObject) -> None:
        sent = self.sent[data.draw(st.integers(0, len(self.sent) - 1))]
        before = self.seen()
        try:
            self.take(sent)
        except BundleRefused:
            assert self.seen() == before
            assert not self.fits(sent)
            return
        assert self.fits(sent)
        reached = sent.seq, sent.iat if sent.before is None else max(sent.iat, self.held[1])
        if self.holding.seq == sent.seq:
            self.held = reached
        else:
            self.awaited = reached
        if not self.holding.missing():
            self.awaited = _NOTHING

    def fits(self, sent: Sent) -> bool:
        if sent.before is None:
            return (sent.seq, sent.iat) >= max(self.held, self.awaited)
        whole = self.states[sent.before].keys() != self.states[sent.seq].keys() or (
            self.states[sent.before]["policy", "JAP"] != self.states[sent.seq]["policy", "JAP"]
        )
        return sent.before == self.held[0] and not (whole and self.awaited[0] >= sent.seq)

    def take(self, sent: Sent) -> None:
        if sent.before is None:
            self.holding.update_manifest(sent.data, self.publisher.at)
        else:
            self.holding.apply_delta(sent.data, self.publisher.at)

    def seen(self) -> tuple[object, ...]:
        return self.holding.seq, self.holding.hash, self.holding.missing(), self.holding.floor

    @rule(data=st.data())
    def something_arrives_garbled(self, data: st.DataObject) -> None:
        sent = self.sent[data.draw(st.integers(0, len(self.sent) - 1))]
        garbled = bytearray(sent.data)
        garbled[data.draw(st.integers(0, len(garbled) - 1))] ^= data.draw(st.integers(1, 255))
        self.refused(sent._replace(data=bytes(garbled)))

    @rule(by=st.integers(0, 3))
    def a_stranger_sends(self, by: int) -> None:
        stranger = Publisher(signer=STRANGER, seq=self.publisher.seq + by)
        self.refused(Sent(stranger.manifest(), stranger.seq, 0))
        self.refused(Sent(stranger.delta(status={3: {1: 0}}), stranger.seq, 0, stranger.seq - 1))

    def refused(self, sent: Sent) -> None:
        before = self.seen()
        try:
            self.take(sent)
        except BundleRefused:
            assert self.seen() == before
            return
        raise AssertionError("taken")

    @precondition(lambda self: self.holding.missing())
    @rule(data=st.data())
    def a_part_arrives(self, data: st.DataObject) -> None:
        before = self.holding.missing()
        part = data.draw(st.sampled_from(before))
        self.holding.update_part(part, self.publisher.objects[part.href], self.publisher.at)
        assert self.holding.missing() == [other for other in before if other != part]
        if not self.holding.missing():
            self.held, self.awaited = self.awaited, _NOTHING

    @precondition(lambda self: self.holding.missing())
    @rule()
    def all_parts_arrive(self) -> None:
        self.publisher.give(self.holding)
        self.held, self.awaited = self.awaited, _NOTHING

    @precondition(lambda self: self.holding.missing())
    @rule(data=st.data())
    def a_part_arrives_garbled(self, data: st.DataObject) -> None:
        part = data.draw(st.sampled_from(self.holding.missing()))
        content = bytearray(self.publisher.objects[part.href])
        content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
        before = self.seen()
        try:
            self.holding.update_part(part, bytes(content), self.publisher.at)
        except BundleRefused:
            assert self.seen() == before
            return
        raise AssertionError("taken")

    @rule()
    def the_terminal_restarts(self) -> None:
        before = self.holding.seq, self.holding.hash, self.holding.floor
        save(self.holding, self.shelf)
        self.holding = load(self.shelf, ROOT_KEY.der, MACHINE)
        assert (self.holding.seq, self.holding.hash, self.holding.floor) == before
        self.awaited = _NOTHING

    @invariant()
    def it_holds_what_the_service_had(self) -> None:
        if self.holding.seq is None:
            assert self.held == _NOTHING
            return
        assert self.holding.seq == self.held[0]
        state = self.holding.state
        assert state is not None
        assert {key: packed(content) for key, content in state.contents.items()} == self.states[self.holding.seq]


AnyOrder.TestCase.settings = settings(
    settings.default, stateful_step_count=30, max_examples=settings.default.max_examples // 2
)
TestAnyOrder = AnyOrder.TestCase

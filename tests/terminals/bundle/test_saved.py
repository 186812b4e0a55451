"""The bundle on disk: it comes back as it was, and what was damaged or changed there never does."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.statuslist import INVALID
from cards.trust import MANIFESTS, ROOT, STATUS_LISTS
from terminals.bundle.holding import Holding
from terminals.bundle.objects import seal
from terminals.bundle.saved import load, save
from tests.terminals.bundle.publisher import (
    AT,
    FREE_CARD,
    HOUR,
    MACHINE,
    ROOT_KEY,
    Publisher,
    edwards,
    held,
    p256,
    policy,
    trust_list,
)


class Shelf(dict[str, bytes]):
    """A store in memory that counts what is written."""

    written = 0

    def names(self) -> list[str]:
        return list(self)

    def read(self, name: str) -> bytes | None:
        return self.get(name)

    def write(self, name: str, content: bytes) -> None:
        self.written += 1
        self[name] = content

    def remove(self, name: str) -> None:
        self.pop(name, None)


def saved(holding: Holding, shelf: Shelf | None = None) -> Shelf:
    shelf = Shelf() if shelf is None else shelf
    save(holding, shelf)
    return shelf


def loaded(shelf: Shelf) -> Holding:
    return load(shelf, ROOT_KEY.der, MACHINE)


def same(one: Holding, other: Holding) -> bool:
    names = ("seq", "hash", "policy", "trust_list", "floor", "provider", "machine", "deltas", "manifest")
    alike = all(getattr(one, name) == getattr(other, name) for name in names)
    return alike and one.anchor.chain == other.anchor.chain


def moved() -> tuple[Publisher, Holding]:
    """A terminal after a manifest, a delta, and a delta that brought a policy whole."""
    publisher = Publisher()
    holding = held(publisher)
    holding.apply_delta(publisher.delta(status={3: {5: INVALID}}, cards={FREE_CARD: 0}), AT)
    publisher.policy = policy(seq=2, sample=9)
    holding.apply_delta(publisher.delta(whole=("policy",)), AT)
    publisher.give(holding)
    return publisher, holding


def test_an_empty_store_holds_nothing():
    assert same(loaded(Shelf()), Holding(ROOT_KEY.der, MACHINE))
    assert loaded(saved(Holding(ROOT_KEY.der))).seq is None


def test_it_comes_back_as_it_was():
    _, holding = moved()
    back = loaded(saved(holding))
    assert same(back, holding)
    assert (back.seq, back.status(3, 5), back.policy and back.policy.sample) == (12, INVALID, 9)
    assert back.snapshot is not None
    assert back.snapshot.profile(FREE_CARD) == 0


def test_what_has_ended_comes_back_stale():
    back = loaded(saved(held()))
    assert back.stale(AT + 100 * HOUR)
    assert back.seq == 10


def test_a_delta_writes_itself_and_nothing_else():
    publisher = Publisher()
    holding = held(publisher)
    shelf = saved(holding)
    before = shelf.written
    saved(holding, shelf)
    assert shelf.written == before
    holding.apply_delta(publisher.delta(status={3: {5: INVALID}}), AT)
    saved(holding, shelf)
    assert shelf.written == before + 1
    assert same(loaded(shelf), holding)


def test_a_terminal_goes_on_where_it_stopped():
    publisher = Publisher()
    shelf = saved(held(publisher))
    for index in range(5):
        holding = loaded(shelf)
        holding.apply_delta(publisher.delta(status={3: {index: INVALID}}), AT)
        saved(holding, shelf)
    assert (loaded(shelf).seq, loaded(shelf).hash) == (15, held(publisher).hash)


def test_two_generations_are_kept():
    publisher, holding = moved()
    shelf = saved(holding)
    for _ in range(3):
        publisher.at, publisher.seq = publisher.at + HOUR, publisher.seq + 1
        publisher.policy = policy(seq=publisher.seq)
        saved(publisher.bring(holding), shelf)
    assert sorted(name for name in shelf if name.startswith("generation")) == ["generation-3", "generation-4"]
    assert not [name for name in shelf if name.startswith("delta")]
    # two policies, and one each of trust list, two status lists and snapshot
    assert len([name for name in shelf if name.startswith("part")]) == 6
    assert same(loaded(shelf), holding)


@pytest.mark.parametrize("kind", ["generation-2", "part"])
def test_a_damaged_generation_gives_way_to_the_one_before(kind):
    publisher = Publisher()
    holding = held(publisher)
    shelf = saved(holding)
    before = set(shelf)
    publisher.seq, publisher.policy = 11, policy(seq=2)
    saved(publisher.bring(holding), shelf)
    (name,) = (name for name in set(shelf) - before if name.startswith(kind))
    good = shelf[name]
    for damage in (good[:-1], good[:-9] + bytes((good[-9] ^ 1,)) + good[-8:], b"", None):
        if damage is None:
            shelf.remove(name)
        else:
            shelf[name] = damage
        back = loaded(shelf)
        assert (back.seq, back.policy and back.policy.seq) == (10, 1)
        shelf[name] = good
    assert loaded(shelf).seq == 11


def test_what_was_damaged_is_written_again():
    publisher = Publisher()
    shelf = saved(held(publisher))
    name = next(name for name, content in shelf.items() if content.startswith(b'{"amnesty"'))
    shelf[name] = b"damaged"
    assert loaded(shelf).seq is None
    saved(publisher.bring(loaded(shelf)), shelf)
    assert loaded(shelf).seq == 10


def test_a_damaged_delta_ends_what_comes_back():
    publisher = Publisher()
    holding = held(publisher)
    for index in range(4):
        holding.apply_delta(publisher.delta(status={3: {index: INVALID}}), AT)
    shelf = saved(holding)
    shelf["delta-1-2"] = shelf["delta-1-2"][:-1] + b"\0"
    back = loaded(shelf)
    assert (back.seq, back.status(3, 1), back.status(3, 2)) == (12, INVALID, 0)
    again = Publisher()
    for index in range(4):
        delta = again.delta(status={3: {index: INVALID}})
        if index >= 2:
            back.apply_delta(delta, AT)
    assert same(loaded(saved(back, shelf)), holding)


def test_a_part_that_a_delta_brought_and_that_is_gone_is_fetched_again():
    publisher, holding = moved()
    shelf = saved(holding)
    policies = [name for name, content in shelf.items() if b'"sample":9' in content]
    shelf.remove(policies[0])
    back = loaded(shelf)
    assert (back.seq, [part.kind for part in back.missing()]) == (11, ["policy"])
    publisher.give(back)
    assert (back.seq, back.policy and back.policy.sample) == (12, 9)


def test_nothing_comes_back_that_a_withdrawn_key_signed():
    holding = held()
    shelf = saved(holding)
    kept = [entry for entry in trust_list().entries if entry.role in (ROOT, STATUS_LISTS)]
    other = trust_list(edwards(22).entry(municipality="", role=MANIFESTS), *kept, seq=2)
    holding.update_trust(seal("trust", other.encode(), ROOT_KEY), AT)
    back = loaded(saved(holding, shelf))
    assert (back.seq, back.policy, back.trust_list) == (None, None, other)


def test_a_chain_of_roots_comes_back():
    second, third = p256(31), p256(32)
    rest = trust_list().entries[1:]
    holding = held()
    signers = [ROOT_KEY, second, second, third]
    for seq, (signer, root) in enumerate(zip(signers, [second, second, third, third], strict=True), 2):
        data = seal("trust", trust_list(root.entry(municipality="", role=ROOT), *rest, seq=seq).encode(), signer)
        holding.update_trust(data, AT)
    assert len(holding.anchor.chain) == 3
    back = loaded(saved(holding))
    assert (back.trust_list, back.seq) == (holding.trust_list, 10)
    last = trust_list(third.entry(municipality="", role=ROOT), *rest, seq=9)
    back.update_trust(seal("trust", last.encode(), third), AT)
    assert len(back.anchor.chain) == 3


def test_without_its_trust_file_a_generation_has_its_own():
    holding = held()
    shelf = saved(holding)
    for damage in (b"", b"\x81", b"\x81\x41\0"):
        shelf["trust"] = damage
        assert same(loaded(shelf), holding)


@given(st.data())
def test_no_change_on_disk_gives_anything_but_an_earlier_state(data):
    shelf = Shelf(_STORED)
    name = data.draw(st.sampled_from(sorted(shelf)))
    content = bytearray(shelf[name])
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    shelf[name] = bytes(content)
    back = loaded(shelf)
    assert (back.seq, back.hash) in _EVER


def _states() -> set[tuple[int | None, bytes | None]]:
    publisher, found = Publisher(), {(None, None)}
    holding = held(publisher)
    found.add((holding.seq, holding.hash))
    for index in range(2):
        holding.apply_delta(publisher.delta(status={3: {index: INVALID}}), AT)
        found.add((holding.seq, holding.hash))
    publisher.at, publisher.seq = AT + timedelta(minutes=1), 20
    publisher.policy = policy(seq=3)
    _STORED.update(saved(holding))
    saved(publisher.bring(holding), _STORED)
    found.add((holding.seq, holding.hash))
    holding.apply_delta(publisher.delta(status={0: {1: INVALID}}), AT)
    found.add((holding.seq, holding.hash))
    saved(holding, _STORED)
    return found


_STORED = Shelf()
_EVER = _states()

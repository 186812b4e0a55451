"""Card snapshots: every card is found, no other is, and changes give what building anew gives."""

import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminals.bundle.canonical import canonical
from terminals.bundle.errors import ObjectUnreadable
from terminals.bundle.snapshot import ASK_ONLINE, DEAD, Snapshot, card_mac
from tests.terminals.bundle.draws import CARDS, CODES, SNAPSHOTS, UIDS
from tests.terminals.bundle.publisher import PROFILES, SNAPSHOT_KEY, snapshot

HEAD = b"AMISCS1\0" + SNAPSHOT_KEY


@given(SNAPSHOTS)
def test_a_snapshot_comes_back_from_its_only_form(found):
    payload = found.encode()
    back = Snapshot.decode(payload)
    assert (back.encode(), back.profiles, back.count) == (payload, found.profiles, found.count)


@given(CARDS, UIDS)
def test_every_card_is_found_and_no_other(cards, other):
    found = Snapshot.build(SNAPSHOT_KEY, cards, {})
    assert {uid: found.profile(uid) for uid in cards} == cards
    assert found.profile(other) == cards.get(other)
    assert len(found.encode()) == 28 + 10 * len(cards) + len(b"{}")


@given(CARDS, st.dictionaries(UIDS, CODES, max_size=10), st.data())
def test_changes_give_what_building_anew_gives(cards, more, data):
    again = data.draw(st.dictionaries(st.sampled_from(sorted(cards)), CODES)) if cards else {}
    before = Snapshot.build(SNAPSHOT_KEY, cards, PROFILES)
    payload = before.encode()
    changed = before.changed([(before.mac(uid), profile) for uid, profile in {**more, **again}.items()])
    assert changed.encode() == Snapshot.build(SNAPSHOT_KEY, {**cards, **more, **again}, PROFILES).encode()
    assert before.encode() == payload


def test_a_card_is_named_by_its_mac():
    uid = bytes.fromhex("04112233445566")
    assert card_mac(SNAPSHOT_KEY, uid) == hmac.digest(SNAPSHOT_KEY, uid, "sha256")[:8] == snapshot().mac(uid)
    entry = card_mac(SNAPSHOT_KEY, uid) + b"\x01\x02"
    assert Snapshot.build(SNAPSHOT_KEY, {uid: 0x0102}, {}).encode() == HEAD + b"\0\0\0\1" + entry + b"{}"


def test_two_cards_of_one_mac_are_asked_for(monkeypatch):
    monkeypatch.setattr("terminals.bundle.snapshot.card_mac", lambda key, uid: bytes(8))
    found = Snapshot.build(SNAPSHOT_KEY, {bytes(7): 1, bytes(6) + b"\1": 2}, PROFILES)
    assert (found.count, found.profile(bytes(7))) == (1, ASK_ONLINE)


def test_the_profiles_are_written_as_agreed():
    tail = snapshot().encode()[28 + 40 :].decode()
    assert tail.startswith(
        '{"1":{"m":"JLG","rights":[{"c":301,"flags":[],"modes":[],"periods":"{[2026-01-01,2027-01-01)}"}'
    )


FIRST, SECOND = bytes(8) + b"\0\1", b"\1" + bytes(7) + b"\0\1"


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        HEAD,
        HEAD + b"\0\0\0",
        b"AMISCS2\0" + SNAPSHOT_KEY + b"\0\0\0\0{}",
        HEAD + b"\0\0\0\1" + FIRST[:9],
        HEAD + b"\xff\xff\xff\xff" + FIRST + b"{}",
        HEAD + b"\0\0\0\2" + SECOND + FIRST + b"{}",
        HEAD + b"\0\0\0\2" + FIRST + FIRST + b"{}",
        HEAD + b"\0\0\0\1" + FIRST,
        HEAD + b"\0\0\0\1" + FIRST + b"[]",
        HEAD + b"\0\0\0\1" + FIRST + b"{} ",
        *(
            HEAD + b"\0\0\0\0" + canonical(profiles)
            for profiles in (
                {"0": {"m": "JLG", "rights": []}},
                {"65535": {"m": "JLG", "rights": []}},
                {"01": {"m": "JLG", "rights": []}},
                {"x": {"m": "JLG", "rights": []}},
                {"1": {"m": "", "rights": []}},
                {"1": {"m": "JLG"}},
                {"1": {"m": "JLG", "rights": [{"c": 65_536, "flags": [], "modes": [], "periods": "{}"}]}},
                {"1": {"m": "JLG", "rights": [{"c": 1, "flags": [], "modes": [], "periods": "all"}]}},
                {"1": {"m": "JLG", "rights": [{"c": 1, "flags": ["b", "a"], "modes": [], "periods": "{}"}]}},
                {"1": {"m": "JLG", "rights": [{"c": 1, "flags": ["a", "a"], "modes": [], "periods": "{}"}]}},
            )
        ),
    ],
)
def test_every_other_snapshot_is_refused(payload):
    with pytest.raises(ObjectUnreadable):
        Snapshot.decode(payload)


def test_a_dead_card_and_one_to_ask_for_have_their_numbers():
    assert (DEAD, ASK_ONLINE) == (0, 65_535)

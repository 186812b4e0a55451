"""Deltas: their only form."""

from dataclasses import replace

import pytest
from hypothesis import given

from cards import cbor
from terminals.bundle.delta import Delta
from terminals.bundle.errors import ObjectUnreadable
from terminals.bundle.manifest import Part
from tests.terminals.bundle.draws import deltas

PIN = bytes(range(32))
NAMES = ("policy", "A"), ("status", "3"), ("cards", "A")
POLICY, LIST, CARDS = (Part(kind, name, 1, 1, PIN, "/") for kind, name in NAMES)
STATUS = (3, ((1, 2), (7, 0))), (5, ((0, 3),))
PLAIN = Delta("https://a", 1, 4, 5, STATUS, ((bytes(8), 1), (b"\1" * 8, 0)), (POLICY,), PIN)


@given(deltas())
def test_a_delta_comes_back_from_its_only_form(found):
    payload = found.encode()
    assert Delta.decode(payload) == found
    assert Delta.decode(payload).encode() == payload


def test_everything_is_written_in_its_order():
    status = tuple((name, changes[::-1]) for name, changes in PLAIN.status[::-1])
    other = replace(PLAIN, status=status, cards=PLAIN.cards[::-1])
    assert other.encode() == PLAIN.encode()


def content(**changed) -> dict:
    names = {"before": "from", "after": "to"}
    return cbor.decode(PLAIN.encode()) | {names.get(name, name): value for name, value in changed.items()}


@pytest.mark.parametrize(
    "said",
    [
        content(more=1),
        content(after=4),
        content(before=-1),
        content(hash=PIN[1:]),
        content(status=[[3, [[1, 4]]]]),
        content(status=[[3, [[-1, 1]]]]),
        content(status=[[3, [[1 << 17, 1]]]]),
        content(status=[[3, [[7, 1], [1, 1]]]]),
        content(status=[[3, [[7, 1], [7, 2]]]]),
        content(status=[[3, [[7]]]]),
        content(status=[[1 << 15, [[7, 1]]]]),
        content(status=[[5, []], [3, []]]),
        content(status=[[3]]),
        content(cards=[[bytes(7), 1]]),
        content(cards=[[bytes(8), 65_536]]),
        content(cards=[[b"\1" * 8, 1], [bytes(8), 1]]),
        content(cards=[[bytes(8), 1], [bytes(8), 1]]),
        content(cards=[bytes(8)]),
        content(parts=[[*POLICY], [*POLICY]]),
        content(parts=[[*LIST]]),
        content(parts=[[*CARDS]]),
        [],
    ],
)
def test_every_other_delta_is_refused(said):
    with pytest.raises(ObjectUnreadable):
        Delta.decode(cbor.encode(said))


def test_what_is_not_changed_may_come_whole():
    found = replace(PLAIN, status=(), cards=(), parts=(POLICY, LIST, CARDS))
    assert Delta.decode(found.encode()) == found

"""Manifests: their only form, the order of their parts, and the digest of the state."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards import cbor
from terminals.bundle.errors import ObjectUnreadable
from terminals.bundle.manifest import Manifest, Part, read_parts, state_hash
from tests.terminals.bundle.draws import DIGESTS, manifests

PIN = bytes(range(32))


def part(kind: str, name: str) -> Part:
    return Part(kind, name, 1, 100, PIN, "/here")


PARTS = (part("trust", "trust"), part("policy", "JAP"), part("status", "9"), part("status", "10"), part("cards", "JAP"))
PLAIN = Manifest("https://a", 1, 2, 3, "JAP", PARTS)


@given(manifests())
def test_a_manifest_comes_back_from_its_only_form(found):
    payload = found.encode()
    assert Manifest.decode(payload) == found
    assert Manifest.decode(payload).encode() == payload


def test_parts_are_written_in_their_order():
    assert Manifest("https://a", 1, 2, 3, "JAP", PARTS[::-1]).encode() == PLAIN.encode()
    assert Manifest.decode(PLAIN.encode()).parts == PARTS


def test_the_state_is_pinned_by_kind_name_and_content():
    texts = [b"trusttrust", b"policyJAP", b"status9", b"status10", b"cardsJAP"]
    assert state_hash(PARTS) == sha256(b"".join(text + PIN for text in texts)).digest() == PLAIN.hash


@given(st.integers(0, 4), DIGESTS)
def test_another_content_is_another_state_and_nothing_else_is(at, pin):
    changed = list(PARTS)
    changed[at] = changed[at]._replace(sha256=pin)
    assert (state_hash(changed) == PLAIN.hash) is (pin == PIN)
    changed[at] = PARTS[at]._replace(seq=9, size=9, href="/there")
    assert state_hash(changed) == PLAIN.hash


def content(**changed) -> dict:
    return cbor.decode(PLAIN.encode()) | changed


@pytest.mark.parametrize(
    "said",
    [
        content(more=1),
        content(hash=bytes(32)),
        content(hash="x"),
        content(provider=""),
        content(seq=-1),
        content(parts=[]),
        content(parts=None),
        content(parts=[list(one) for one in PARTS[1:]]),
        content(parts=[list(one) for one in PARTS[::-1]]),
        content(parts=[list(one) for one in (*PARTS[:2], *PARTS[1:])]),
        content(parts=[[*PARTS[0]][:5], *[list(one) for one in PARTS[1:]]]),
        content(parts=[0] * 40_001),
    ],
)
def test_every_other_manifest_is_refused(said):
    with pytest.raises(ObjectUnreadable):
        Manifest.decode(cbor.encode(said))


@pytest.mark.parametrize(
    "kinds",
    [
        ("trust",),
        ("policy",),
        ("trust", "policy", "policy"),
        ("trust", "policy", "cards", "cards"),
        ("trust", "trust", "policy"),
    ],
)
def test_one_trust_list_one_policy_and_at_most_one_snapshot(kinds):
    parts = tuple(part(kind, str(number)) for number, kind in enumerate(kinds))
    with pytest.raises(ObjectUnreadable):
        Manifest.decode(Manifest("https://a", 1, 2, 3, "JAP", parts).encode())


@pytest.mark.parametrize(
    "row",
    [
        ["photo", "JAP", 1, 1, PIN, "/"],
        ["status", "01", 1, 1, PIN, "/"],
        ["status", "x", 1, 1, PIN, "/"],
        ["status", "٣", 1, 1, PIN, "/"],
        ["status", "32768", 1, 1, PIN, "/"],
        ["status", "123456789012", 1, 1, PIN, "/"],
        ["status", 3, 1, 1, PIN, "/"],
        ["policy", "JAP", 1, 1, PIN[1:], "/"],
        ["policy", "JAP", -1, 1, PIN, "/"],
        ["policy", "JAP", 1, 2**41, PIN, "/"],
        ["policy", "JAP", 1, 1, PIN, ""],
        ["policy", "JAP", 1, 1, PIN, "/" * 501],
        ["policy", "JAP", 1, 1, PIN],
        "policy",
    ],
)
def test_every_other_part_is_refused(row):
    with pytest.raises(ObjectUnreadable):
        read_parts([row])

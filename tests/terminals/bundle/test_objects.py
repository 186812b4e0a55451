"""Signed objects: each kind under its own name, by its own role, no larger than it may be."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards import cose
from cards.trust import CREDENTIALS, MANIFESTS, ROOT, STATUS_LISTS, Trust
from terminals.bundle.errors import BundleRefused, ObjectUnreadable, SignatureWrong, SignerUnknown, WrongSize
from terminals.bundle.objects import KINDS, opened, seal, signed, unverified
from tests.terminals.bundle.publisher import AT, MANIFEST_KEY, ROOT_KEY, STRANGER, p256

SIGNERS = {ROOT: ROOT_KEY, MANIFESTS: MANIFEST_KEY}
TRUST = Trust(signer.entry(role=role) for role, signer in SIGNERS.items())


@pytest.mark.parametrize("kind", KINDS)
@given(payload=st.binary(max_size=300))
def test_what_is_sealed_opens_for_its_own_kind_only(kind, payload):
    sealed = seal(kind, payload, SIGNERS[KINDS[kind].role])
    assert opened(kind, sealed, TRUST) == unverified(kind, sealed) == payload
    assert signed(kind, sealed, TRUST).signer.role == KINDS[kind].role
    for other in KINDS.keys() - {kind}:
        with pytest.raises((SignatureWrong, SignerUnknown)):
            opened(other, sealed, TRUST)


@given(payload=st.binary(max_size=80), data=st.data())
def test_any_change_is_refused(payload, data):
    sealed = seal("delta", payload, MANIFEST_KEY)
    bit = data.draw(st.integers(0, 8 * len(sealed) - 1))
    changed = bytearray(sealed)
    changed[bit // 8] ^= 1 << bit % 8
    end = data.draw(st.integers(0, len(sealed) - 1))
    for other in (bytes(changed), sealed[:end], sealed + data.draw(st.binary(min_size=1, max_size=4))):
        with pytest.raises(BundleRefused):
            opened("delta", other, TRUST)


def test_a_payload_may_be_larger_than_64_kib():
    payload = bytes(1 << 17)
    assert opened("cards", seal("cards", payload, MANIFEST_KEY), TRUST) == payload


def test_what_is_too_large_is_not_looked_at():
    large = bytes(KINDS["trust"].most)
    for read in (lambda: opened("trust", large + b"\0", TRUST), lambda: unverified("trust", large + b"\0")):
        with pytest.raises(WrongSize):
            read()
    with pytest.raises(WrongSize):
        seal("trust", large, ROOT_KEY)
    for read in (lambda: opened("trust", large, TRUST), lambda: unverified("trust", large)):
        with pytest.raises(ObjectUnreadable):
            read()


def test_a_key_counts_in_its_role_and_until_its_end():
    sealed = seal("manifest", b"payload", MANIFEST_KEY)
    for role in (CREDENTIALS, STATUS_LISTS, ROOT):
        with pytest.raises(SignerUnknown):
            opened("manifest", sealed, Trust([MANIFEST_KEY.entry(role=role)]))
    ends = Trust([MANIFEST_KEY.entry(role=MANIFESTS, verify_until=int(AT.timestamp()))])
    assert signed("manifest", sealed, ends, AT).payload == b"payload"
    assert opened("manifest", sealed, ends) == b"payload"
    with pytest.raises(SignerUnknown):
        signed("manifest", sealed, ends, AT + timedelta(seconds=1))
    with pytest.raises(SignerUnknown):
        opened("manifest", seal("manifest", b"payload", STRANGER), TRUST)


def test_an_algorithm_counts_where_the_list_says_so():
    key = p256(50)
    older = replace(key, algorithm=cose.ES256)
    sealed = seal("manifest", b"payload", older)
    with pytest.raises(SignerUnknown):
        opened("manifest", sealed, Trust([key.entry(role=MANIFESTS)]))
    both = key.entry(role=MANIFESTS, algorithms=(cose.ESP256, cose.ES256))
    assert opened("manifest", sealed, Trust([both])) == b"payload"


def test_there_are_no_other_kinds():
    with pytest.raises(KeyError):
        seal("status", b"", MANIFEST_KEY)

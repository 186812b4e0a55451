"""Trust lists: their only form, and keys that contradict themselves."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given

from cards import cbor, cose
from cards.trust import MANIFESTS, ROOT, STATUS_LISTS
from terminals.bundle.errors import ObjectUnreadable
from terminals.bundle.trustlist import TrustList, root_trust
from tests.terminals.bundle.draws import TRUST_LISTS
from tests.terminals.bundle.publisher import MANIFEST_KEY, ROOT_KEY, STRANGER, edwards, trust_list


@given(TRUST_LISTS)
def test_a_list_comes_back_from_its_only_form(found):
    payload = found.encode()
    assert TrustList.decode(payload) == found
    assert TrustList.decode(payload).encode() == payload


def test_a_list_knows_its_keys():
    found = trust_list()
    assert found.signs(MANIFEST_KEY.kid, MANIFESTS)
    assert not found.signs(MANIFEST_KEY.kid, STATUS_LISTS)
    assert not found.signs(STRANGER.kid, MANIFESTS)
    assert [entry.kid for entry in found.roots] == [ROOT_KEY.kid]
    assert found.trust.key_for(cose.header(cose.ED25519, MANIFEST_KEY.kid), MANIFESTS)


def plain() -> dict:
    return cbor.decode(trust_list().encode())


def with_key(**changed) -> dict:
    names = ["kid", "der", "municipality", "role", "algorithms", "codes", "until"]
    content = plain()
    row = dict(zip(names, content["keys"][-1], strict=True)) | changed
    content["keys"][-1] = list(row.values())
    return content


@pytest.mark.parametrize(
    "content",
    [
        b"",
        [],
        {},
        plain() | {"more": 1},
        plain() | {"seq": -1},
        plain() | {"seq": True},
        plain() | {"seq": 2**41},
        plain() | {1: ""},
        plain() | {1: 5},
        plain() | {"keys": {}},
        plain() | {"keys": [[]]},
        plain() | {"keys": plain()["keys"] * 2},
        with_key(kid=bytes(3)),
        with_key(kid=bytes(4)),
        with_key(der=b""),
        with_key(municipality=7),
        with_key(role=""),
        with_key(algorithms=[]),
        with_key(algorithms=[True]),
        with_key(algorithms=[cose.ESP256]),
        with_key(codes=[65_536]),
        with_key(codes=[-1]),
        with_key(until=-1),
        with_key(until="never"),
    ],
)
def test_every_other_list_is_refused(content):
    with pytest.raises(ObjectUnreadable):
        TrustList.decode(content if isinstance(content, bytes) else cbor.encode(content))


def test_a_root_key_is_trusted_for_trust_lists_alone():
    for key in (ROOT_KEY, edwards(9)):
        trusted = root_trust(key.der).key_for(cose.header(key.algorithm, key.kid), ROOT)
        assert trusted.entry.role == ROOT
    p384 = ec.generate_private_key(ec.SECP384R1()).public_key()
    for der in (b"", p384.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)):
        with pytest.raises(ObjectUnreadable):
            root_trust(der)

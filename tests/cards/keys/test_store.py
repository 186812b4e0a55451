"""The contract of every key store: a further back-end joins by one more line in BACK_ENDS."""

import hmac
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cards import cose
from cards.credential import verify
from cards.errors import BadSignature, KeyExists, NoSuchKey, UnwrapFailed, WrongKeyUse
from cards.keys import EncryptedFileKeyStore, KeySigner, KeyState, KeyStore, Passphrase
from cards.trust import Trust, TrustEntry
from tests.cards.conftest import AT, CHEAP, minted

BACK_ENDS: dict[str, Callable[[pytest.FixtureRequest, Path], KeyStore]] = {
    "file": lambda request, path: EncryptedFileKeyStore.create(path / "keys", Passphrase("ozols", CHEAP)),
    "hardware": lambda request, path: request.getfixturevalue("token").open(),
}
NAMES = ["audit", "card/1", "issuer/JLG", "issuer/RIX", "mac/codes", "status", "wrap"]


@pytest.fixture(params=BACK_ENDS)
def keys(request, tmp_path) -> KeyStore:
    store = BACK_ENDS[request.param](request, tmp_path)
    for name in NAMES:
        store.add(name)
    return store


def check(keys: KeyStore, name: str, version: int | None = None) -> cose.Check:
    return cose.check_with(cose.load_public(keys.public(name, version).der))


def trust_of(keys: KeyStore, name: str = "issuer/JLG") -> Trust:
    return Trust([TrustEntry(key.kid, key.der, "JLG") for key in keys.publics(name)])


def test_a_new_key_is_active_and_its_name_is_taken(keys):
    assert keys.names() == NAMES
    assert keys.public("issuer/JLG").state is KeyState.ACTIVE
    with pytest.raises(KeyExists):
        keys.add("issuer/JLG")
    assert keys.public("issuer/JLG").kid != keys.public("issuer/RIX").kid


def test_a_name_that_says_no_use_is_refused(keys):
    for name in ("", "issuer/", "ISSUER", "else/JLG", "issuer/J LG", "issuer/a/b", "wrap/" + "x" * 41):
        with pytest.raises(NoSuchKey):
            keys.add(name)
    assert keys.names() == NAMES


@pytest.mark.parametrize(("name", "algorithm"), [("issuer/JLG", cose.ESP256), ("audit", cose.ED25519)])
def test_a_signature_verifies_under_the_public_half(keys, name, algorithm):
    signature = keys.sign(name, b"data")
    assert len(signature) == cose.SIGNATURE_SIZE
    assert keys.public(name).algorithm == algorithm
    check(keys, name)(signature, b"data")
    with pytest.raises(BadSignature):
        check(keys, name)(signature, b"other")


def test_the_kid_is_the_thumbprint_of_the_key(keys):
    public = keys.public("issuer/JLG")
    key = load_der_public_key(public.der)
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert public.kid == cose.key_id(key)


def test_a_rotated_key_signs_anew_and_old_tokens_stay_valid(keys):
    old_signer = KeySigner.of(keys, "issuer/JLG")
    old = minted(old_signer)
    assert keys.rotate("issuer/JLG") == 2
    new = minted(KeySigner.of(keys, "issuer/JLG"))
    trust = trust_of(keys)
    assert verify(old, trust, AT).kid == keys.public("issuer/JLG", 1).kid
    assert verify(new, trust, AT).kid == keys.public("issuer/JLG", 2).kid != verify(old, trust, AT).kid
    assert [key.state for key in keys.publics("issuer/JLG")] == [KeyState.VERIFY_ONLY, KeyState.ACTIVE]
    with pytest.raises(WrongKeyUse):
        minted(old_signer)


def test_a_pre_published_key_is_out_before_it_signs(keys):
    assert keys.prepare("issuer/JLG") == keys.prepare("issuer/JLG") == 2
    before = trust_of(keys)
    assert keys.public("issuer/JLG").version == 1
    with pytest.raises(WrongKeyUse):
        keys.sign("issuer/JLG", b"early", version=2)
    assert keys.rotate("issuer/JLG") == 2
    assert verify(minted(KeySigner.of(keys, "issuer/JLG")), before, AT).profile == "S"


def test_a_retired_key_is_no_longer_published(keys):
    with pytest.raises(WrongKeyUse):
        keys.retire("issuer/JLG", 1)
    keys.rotate("issuer/JLG")
    keys.retire("issuer/JLG", 1)
    assert [key.version for key in keys.publics("issuer/JLG")] == keys.versions("issuer/JLG") == [2]
    assert keys.rotate("issuer/JLG") == 3


def test_the_states_of_all_versions_that_work_are_told(keys):
    keys.rotate("wrap")
    keys.rotate("wrap")
    keys.retire("wrap", 1)
    keys.prepare("wrap")
    assert keys.states("wrap") == {2: KeyState.VERIFY_ONLY, 3: KeyState.ACTIVE, 4: KeyState.PRE_PUBLISHED}


def test_a_retired_secret_does_nothing_any_more(keys):
    for name in ("mac/codes", "card/1"):
        keys.rotate(name)
        keys.retire(name, 1)
    with pytest.raises(WrongKeyUse):
        keys.mac("mac/codes", b"", version=1)
    with pytest.raises(WrongKeyUse):
        keys.derive_card_key("card/1", bytes(7), bytes(3), 1, 1, bytes(8))
    with pytest.raises(WrongKeyUse):
        keys.retire("card/1", 1)


def test_a_check_value_belongs_to_one_version_of_a_master(keys):
    first = keys.check_value("card/1", 1)
    keys.rotate("card/1")
    assert keys.check_value("card/1", 1) == first != keys.check_value("card/1", 2)
    assert len(bytes.fromhex(first)) == 3
    with pytest.raises(WrongKeyUse):
        keys.check_value("wrap", 1)


def test_a_mac_is_keyed_by_name_and_version(keys):
    first = keys.mac("mac/codes", b"010190-12345")
    assert first == keys.mac("mac/codes", b"010190-12345") != keys.mac("mac/codes", b"010190-12346")
    assert len(first) == 32
    keys.rotate("mac/codes")
    assert keys.mac("mac/codes", b"010190-12345") != first
    assert hmac.compare_digest(keys.mac("mac/codes", b"010190-12345", version=1), first)
    assert keys.versions("mac/codes") == [1, 2]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(st.binary(max_size=200), st.binary(max_size=60))
def test_what_is_wrapped_is_unwrapped(keys, plaintext, aad):
    blob = keys.wrap("wrap", plaintext, aad)
    assert keys.unwrap("wrap", blob, aad) == plaintext
    assert blob != keys.wrap("wrap", plaintext, aad)


def test_old_wrappings_open_after_rotations_until_their_key_is_retired(keys):
    old = keys.wrap("wrap", b"secret", b"person|code|1")
    keys.rotate("wrap")
    keys.rotate("wrap")
    new = keys.wrap("wrap", b"secret", b"person|code|1")
    assert keys.unwrap("wrap", old, b"person|code|1") == keys.unwrap("wrap", new, b"person|code|1") == b"secret"
    assert old[:3] != new[:3]
    keys.retire("wrap", 1)
    with pytest.raises(UnwrapFailed):
        keys.unwrap("wrap", old, b"person|code|1")


def test_a_wrapping_opens_in_its_own_place_only(keys):
    blob = keys.wrap("wrap", b"secret", b"person|code|1")
    for aad in (b"", b"person|code|2", b"person|name|1"):
        with pytest.raises(UnwrapFailed):
            keys.unwrap("wrap", blob, aad)
    keys.add("wrap/other")
    with pytest.raises(UnwrapFailed):
        keys.unwrap("wrap/other", blob, b"person|code|1")


def test_every_flipped_bit_and_every_cut_of_a_wrapping_is_found(keys):
    keys.rotate("wrap")
    blob = keys.wrap("wrap", b"secret", b"aad")
    for bit in range(8 * len(blob)):
        changed = bytearray(blob)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(UnwrapFailed):
            keys.unwrap("wrap", bytes(changed), b"aad")
    for end in range(len(blob)):
        with pytest.raises(UnwrapFailed):
            keys.unwrap("wrap", blob[:end], b"aad")


def test_each_kind_of_key_does_its_own_work_only(keys):
    with pytest.raises(WrongKeyUse):
        keys.sign("wrap", b"")
    with pytest.raises(WrongKeyUse):
        keys.mac("wrap", b"")
    with pytest.raises(WrongKeyUse):
        keys.wrap("mac/codes", b"", b"")
    with pytest.raises(WrongKeyUse):
        keys.unwrap("issuer/JLG", bytes(40), b"")
    with pytest.raises(WrongKeyUse):
        keys.public("mac/codes")
    with pytest.raises(WrongKeyUse):
        keys.derive_card_key("mac/codes", bytes(7), bytes(3), 1, 1, bytes(8))


def test_an_unknown_name_or_version_is_refused(keys):
    for attempt in (
        lambda: keys.sign("issuer/XXX", b""),
        lambda: keys.mac("mac", b""),
        lambda: keys.wrap("wrap/x", b"", b""),
        lambda: keys.unwrap("wrap/x", bytes(40), b""),
        lambda: keys.public("issuer/JLG", 9),
        lambda: keys.publics("issuer/XXX"),
        lambda: keys.rotate("issuer/XXX"),
        lambda: keys.prepare("issuer/XXX"),
        lambda: keys.retire("issuer/JLG", 9),
        lambda: keys.versions("mac"),
        lambda: keys.derive_card_key("card/1", bytes(7), bytes(3), 1, 2, bytes(8)),
        lambda: keys.check_value("card/1", 2),
    ):
        with pytest.raises(NoSuchKey):
            attempt()


def test_each_chip_and_slot_and_key_set_has_its_own_key(keys):
    uid, aid, system = bytes(7), bytes.fromhex("f40ad0"), bytes(8)
    keys.add("card/2")
    keys.rotate("card/1")
    found = [
        keys.derive_card_key("card/1", uid, aid, 1, 1, system),
        keys.derive_card_key("card/1", uid, aid, 2, 1, system),
        keys.derive_card_key("card/1", b"1234567", aid, 1, 1, system),
        keys.derive_card_key("card/1", uid, aid, 1, 2, system),
        keys.derive_card_key("card/2", uid, aid, 1, 1, system),
    ]
    assert len(set(found)) == len(found)
    assert found[0] == keys.derive_card_key("card/1", uid, aid, 1, 1, system)
    assert {len(key) for key in found} == {16}

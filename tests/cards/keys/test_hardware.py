"""What a hardware key store does beyond the contract: nothing leaves it, and nothing that stops half-way harms it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pkcs11
import pytest
from pkcs11 import Attribute, ObjectClass, exceptions

from cards import cose
from cards.errors import KeyModuleUnavailable, WrongKeyUse, WrongPin
from cards.keys import KeyState
from tests.softhsm import Token

MASTER = bytes.fromhex("00112233445566778899aabbccddeeff")
UID, AID, SYSTEM = bytes.fromhex("04782e21801d80"), bytes.fromhex("d00af4"), b"AMIS\0\0\0\1"


def test_no_secret_can_be_read_out_of_the_token(token: Token) -> None:
    store = token.open()
    for name in ("issuer/JLG", "audit", "mac/index", "wrap/staff", "card/1"):
        store.add(name)
    found = [one for one in token.session().get_objects() if one[Attribute.CLASS] != ObjectClass.PUBLIC_KEY]
    assert len(found) == 5
    for secret in found:
        assert secret[Attribute.SENSITIVE]
        assert not secret[Attribute.EXTRACTABLE]
        with pytest.raises(exceptions.AttributeSensitive):
            secret[Attribute.VALUE]


def test_a_rotated_signing_key_leaves_no_private_half(token: Token) -> None:
    store = token.open()
    store.add("issuer/JLG")
    store.rotate("issuer/JLG")
    private = token.session().get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY})
    assert [one[Attribute.LABEL] for one in private] == ["amis:issuer/JLG:2"]


def test_a_rotation_that_stopped_half_way_is_finished_by_the_next(token: Token) -> None:
    store = token.open()
    store.add("issuer/JLG")
    store.prepare("issuer/JLG")
    (waiting,) = token.session().get_objects({Attribute.LABEL: "amis:issuer/JLG:2:pre-published"})
    waiting[Attribute.LABEL] = "amis:issuer/JLG:2:active"
    other = token.open()
    assert other.states("issuer/JLG") == {1: KeyState.VERIFY_ONLY, 2: KeyState.ACTIVE}
    with pytest.raises(WrongKeyUse):
        other.sign("issuer/JLG", b"data", version=1)
    assert other.rotate("issuer/JLG") == 3
    assert sorted(one[Attribute.LABEL] for one in token.session().get_objects()) == [
        "amis:issuer/JLG:1:verify-only",
        "amis:issuer/JLG:2:verify-only",
        "amis:issuer/JLG:3",
        "amis:issuer/JLG:3:active",
    ]


def test_what_another_process_turned_over_is_found_without_being_told(token: Token) -> None:
    mine = token.open()
    for name in ("issuer/JLG", "wrap/staff", "card/1"):
        mine.add(name)
    other = token.open()
    for name in other.names():
        other.rotate(name)
    assert mine.unwrap("wrap/staff", other.wrap("wrap/staff", b"secret", b""), b"") == b"secret"
    assert mine.derive_card_key("card/1", UID, AID, 1, 2, SYSTEM) == other.derive_card_key(
        "card/1", UID, AID, 1, 2, SYSTEM
    )
    signature = mine.sign("issuer/JLG", b"data")
    cose.check_with(cose.load_public(other.public("issuer/JLG").der))(signature, b"data")


def test_a_signature_by_a_key_that_is_gone_is_never_one_by_another(token: Token) -> None:
    mine = token.open()
    mine.add("issuer/JLG")
    token.open().rotate("issuer/JLG")
    with pytest.raises(WrongKeyUse):
        mine.sign("issuer/JLG", b"data", version=1)


def test_it_works_on_after_the_module_was_started_again(token: Token) -> None:
    store = token.open()
    store.add("mac/index")
    before = store.mac("mac/index", b"data")
    pkcs11.lib(str(token.library)).reinitialize()
    assert store.mac("mac/index", b"data") == before
    pkcs11.lib(str(token.library)).finalize()
    assert store.mac("mac/index", b"data") == before


def test_threads_do_not_get_each_others_answers(token: Token) -> None:
    store = token.open()
    store.add("mac/index")
    store.add("wrap/staff")

    def work(number: int) -> tuple[bytes, bytes]:
        data = b"%d" % number
        return store.mac("mac/index", data), store.unwrap("wrap/staff", store.wrap("wrap/staff", data, data), data)

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(work, range(100)))
    assert [plain for _, plain in found] == [b"%d" % number for number in range(100)]
    assert [tag for tag, _ in found] == [store.mac("mac/index", b"%d" % number) for number in range(100)]


def test_a_wrong_pin_and_a_wrong_token_and_a_wrong_module_are_told(token: Token, tmp_path: Path) -> None:
    # logging in is the process's: who is in already is not asked again
    pkcs11.lib(str(token.library)).reinitialize()
    with pytest.raises(WrongPin):
        replace(token, pin="271829").open()
    with pytest.raises(KeyModuleUnavailable, match="NoSuchToken"):
        replace(token, label="another").open()
    with pytest.raises(KeyModuleUnavailable):
        replace(token, library=tmp_path / "nothing.so").open()

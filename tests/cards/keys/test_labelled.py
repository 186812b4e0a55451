"""Which of a token's keys are the store's, by what their labels say."""

import pytest
from pkcs11 import Attribute

from cards.errors import KeyDoubled
from cards.keys.diversify import check_value, diversify
from tests.softhsm import Token

MASTER = bytes.fromhex("00112233445566778899aabbccddeeff")
UID, AID, SYSTEM = bytes.fromhex("04782e21801d80"), bytes.fromhex("d00af4"), b"AMIS\0\0\0\1"
OTHERS = ["amis", "amis:card/1:1", "amis:card/1:0:active", "amis:card/1:1:working", "amis:else:1:active", "somebody's"]


def test_a_master_from_a_ceremony_gives_the_keys_of_an10922(token: Token) -> None:
    token.load_master("amis:card/1:3:active", MASTER)
    store = token.open()
    assert store.derive_card_key("card/1", UID, AID, 1, 3, SYSTEM) == diversify(MASTER, UID, AID, 1, 3, SYSTEM)
    assert store.check_value("card/1", 3) == check_value(MASTER)


def test_things_of_others_in_the_token_are_left_alone(token: Token) -> None:
    for label in OTHERS:
        token.load_master(label, MASTER)
    store = token.open()
    store.add("card/1")
    store.rotate("card/1")
    assert store.names() == ["card/1"]
    assert sorted(one[Attribute.LABEL] for one in token.session().get_objects()) == sorted(
        [
            "amis:card/1:1:verify-only",
            "amis:card/1:2:active",
            *OTHERS,
        ]
    )


def test_one_version_twice_opens_nothing(token: Token) -> None:
    token.load_master("amis:card/1:1:active", MASTER)
    token.load_master("amis:card/1:1:verify-only", bytes(16))
    with pytest.raises(KeyDoubled, match="card/1 version 1"):
        token.open()

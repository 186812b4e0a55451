"""What is handed over opens for one key and one place only, and each handing over looks different."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from cards.errors import UnwrapFailed
from cards.jwk import jwk, public_of
from cards.keys.handing import Handed, hand_over, take_over

OWN = ec.generate_private_key(ec.SECP256R1())
SECRET, PLACE = b"sixteen of bytes" * 5, b"machine|1"


def test_it_opens_for_whom_it_was_sealed() -> None:
    handed = hand_over(SECRET, OWN.public_key(), PLACE)
    assert SECRET not in handed.sealed
    assert take_over(handed, OWN, PLACE) == SECRET
    assert hand_over(SECRET, OWN.public_key(), PLACE).sealed != handed.sealed


def test_it_opens_for_nobody_else_nowhere_else_and_not_when_changed() -> None:
    handed, other = hand_over(SECRET, OWN.public_key(), PLACE), ec.generate_private_key(ec.SECP256R1())
    changed = bytes((handed.sealed[0] ^ 1,)) + handed.sealed[1:]
    wrong = [(handed, other, PLACE), (handed, OWN, b"machine|2"), (replace(handed, sealed=changed), OWN, PLACE)]
    wrong += [(Handed(other.public_key(), handed.sealed), OWN, PLACE), (replace(handed, sealed=b""), OWN, PLACE)]
    for given, key, place in wrong:
        with pytest.raises(UnwrapFailed):
            take_over(given, key, place)


def test_a_key_goes_over_the_wire_and_comes_back() -> None:
    members = jwk(OWN.public_key())
    assert public_of(members).public_numbers() == OWN.public_key().public_numbers()


@pytest.mark.parametrize(
    "changed",
    [
        {"kty": "OKP"},
        {"crv": "P-384"},
        {"d": "AAAA"},
        {"x": 7},
        {"x": "A" * 42},
        {"x": "=" * 43},
        {"y": "A" * 43},
        {"x": "ā" * 43},
    ],
)
def test_what_is_no_public_key_on_the_curve_is_refused(changed: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        public_of({**jwk(OWN.public_key()), **changed})


def test_a_key_without_all_its_members_is_refused() -> None:
    with pytest.raises(ValueError, match="P-256"):
        public_of({"kty": "EC", "crv": "P-256"})

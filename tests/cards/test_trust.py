import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cards import cose
from cards.errors import BadTrustEntry, UnknownKey
from cards.trust import CREDENTIALS, MANIFESTS, ROOT, STATUS_LIST_TYPE, STATUS_LISTS, Trust, TrustEntry
from tests.cards.conftest import edwards_issuer, new_issuer


def test_a_key_is_found_by_its_exact_header_in_its_role_only(issuer):
    status = new_issuer()
    trust = Trust([issuer.entry(), status.entry(role=STATUS_LISTS)])
    plain, listed = (cose.header(-9, issuer.kid), cose.header(-9, status.kid, STATUS_LIST_TYPE))
    assert trust.key_for(plain, CREDENTIALS).entry.kid == issuer.kid
    assert trust.key_for(listed, STATUS_LISTS).entry.kid == status.kid
    for protected, role in [
        (plain, STATUS_LISTS),
        (listed, CREDENTIALS),
        (cose.header(-9, status.kid), CREDENTIALS),
        (cose.header(-9, issuer.kid, STATUS_LIST_TYPE), STATUS_LISTS),
        (cose.header(-7, issuer.kid), CREDENTIALS),
        (cose.header(-19, issuer.kid), CREDENTIALS),
        (b"", CREDENTIALS),
    ]:
        with pytest.raises(UnknownKey):
            trust.key_for(protected, role)


def test_the_older_algorithm_number_counts_where_the_entry_says_so(issuer):
    trust = Trust([issuer.entry(algorithms=(cose.ESP256, cose.ES256))])
    for algorithm in (cose.ESP256, cose.ES256):
        assert trust.key_for(cose.header(algorithm, issuer.kid), CREDENTIALS).entry.kid == issuer.kid


@pytest.mark.parametrize("role", [ROOT, MANIFESTS])
def test_a_key_of_another_role_opens_nothing_here(issuer, role):
    trust, plain = Trust([issuer.entry(role=role)]), cose.header(-9, issuer.kid)
    assert trust.key_for(plain, role).entry.kid == issuer.kid
    for other in {CREDENTIALS, STATUS_LISTS, ROOT, MANIFESTS} - {role}:
        with pytest.raises(UnknownKey):
            trust.key_for(plain, other)


def test_a_key_of_a_role_that_is_not_known_opens_nothing(issuer):
    trust = Trust([issuer.entry(role="witness")])
    for role in (CREDENTIALS, "witness"):
        with pytest.raises(UnknownKey):
            trust.key_for(cose.header(-9, issuer.kid), role)


def test_entries_that_contradict_themselves_are_refused(issuer):
    other, edwards = new_issuer(), edwards_issuer()
    p384 = ec.generate_private_key(ec.SECP384R1()).public_key()
    der = p384.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    contradictions = {
        "the kid of another key": [TrustEntry(other.kid, issuer.der, "JLG")],
        "a P-256 key for Ed25519": [issuer.entry(algorithms=(cose.ED25519,))],
        "an Ed25519 key for ES256": [edwards.entry(algorithms=(cose.ED25519, cose.ES256))],
        "no algorithm": [issuer.entry(algorithms=())],
        "an unknown algorithm": [issuer.entry(algorithms=(-47,))],
        "the same kid twice": [issuer.entry(), issuer.entry(municipality="RIX")],
        "no key": [TrustEntry(b"1234", b"", "JLG")],
        "a key of a curve not in use": [TrustEntry(b"1234", der, "JLG")],
    }
    for name, entries in contradictions.items():
        with pytest.raises(BadTrustEntry):
            pytest.fail(f"{name}: {Trust(entries)}")

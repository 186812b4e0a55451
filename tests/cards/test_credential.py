from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import cbor2
import pytest
from cwt import COSE, COSEKey
from hypothesis import given, settings
from hypothesis import strategies as st

from cards import base45, cose, qr
from cards.claims import Right, encode_claims
from cards.credential import LONGEST_TEXT, mint, mint_static, new_cti, status_number, verify, verify_card
from cards.errors import (
    BadSignature,
    CredentialRefused,
    Expired,
    Malformed,
    NotYetValid,
    RightNotAllowed,
    Screenshot,
    Unencodable,
    UnknownKey,
    WrongCarrier,
)
from cards.trust import STATUS_LISTS, Trust
from tests.cards.conftest import AT, YEAR, claims, edwards_issuer, minted, new_issuer

DEVICE = b"\x02" + bytes.fromhex("6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296")
DAYS30 = claims().iat + 30 * 86_400


def text_of(sealed: bytes) -> str:
    return "AM1:" + base45.encode(sealed)


def bytes_of(text: str) -> bytes:
    return base45.decode(text[4:])


def test_a_minted_credential_says_what_was_put_in(issuer, trust):
    verified = verify(minted(issuer, companions=1, photo_id=True), trust, AT)
    assert (verified.profile, verified.kid, verified.municipality) == ("S", issuer.kid, "JLG")
    assert (verified.status_list, verified.status_index) == (1, 77_000)
    assert verified.rights == ((301, date(2027, 8, 31)), (412, date(2026, 12, 31)))
    assert (verified.cti, verified.issued, verified.expires) == (bytes.fromhex("0123456789abcdef"), AT, AT + YEAR)
    assert (verified.claims.companions, verified.claims.photo_id, verified.claims.online) == (1, True, False)
    assert verified.replay_key is None


def test_a_printed_credential_carries_a_short_name_and_a_birth_year(issuer, trust):
    text = minted(issuer, named=("Maksimiliāna Aleksandra Šķēle", 1951))
    verified = verify(text, trust, AT)
    assert verified.profile == "P"
    assert (verified.claims.name, verified.claims.birth_year) == ("Maksimiliāna Aleksandra", 1951)


@settings(deadline=None, max_examples=30)
@given(
    status=st.integers(0, 2**32 - 1),
    rights=st.lists(
        st.tuples(st.integers(0, 65_535), st.dates(date(1970, 1, 1), date(2149, 6, 6))), min_size=1, max_size=4
    ),
    cti=st.binary(min_size=8, max_size=8),
    life=st.integers(1, 400),
    online=st.booleans(),
)
def test_any_credential_comes_back_through_text(issuer, trust, status, rights, cti, life, online):
    expires = AT + timedelta(days=life)
    text = mint_static(issuer, status=status, rights=rights, cti=cti, issued=AT, expires=expires, online=online)
    verified = verify(text, trust, AT)
    assert verified.claims.status == status == status_number(verified.status_list, verified.status_index)
    assert (list(verified.rights), verified.cti, verified.expires) == (rights, cti, expires)
    assert verified.claims.online is online


def test_sizes_hold(issuer):
    rights = [(60_000 + n, date(2027, 8, 31)) for n in range(4)]
    static, fullest = minted(issuer), minted(issuer, rights=rights, companions=2)
    assert len(bytes_of(static)) == 130
    assert len(bytes_of(fullest)) == 144
    for text in (static, fullest):
        assert (qr.version(qr.matrix(text, "M")), qr.version(qr.matrix(text, "Q"))) == (8, 10)
    printed = minted(issuer, named=("Š" * 12, 1951))
    assert len(bytes_of(printed)) <= 190
    assert (qr.version(qr.matrix(printed, "M")), qr.version(qr.matrix(printed, "Q"))) == (9, 11)
    assert len(mint(issuer, claims(device=DEVICE, exp=DAYS30))) <= 180
    with pytest.raises(Unencodable):
        minted(issuer, rights=rights, companions=2, photo_id=True)


def test_every_flipped_bit_is_refused(issuer, trust):
    data = bytes_of(minted(issuer))
    for bit in range(8 * len(data)):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises((Malformed, UnknownKey, BadSignature)):
            verify(text_of(bytes(changed)), trust, AT)


def test_every_shortened_or_lengthened_text_is_refused(issuer, trust):
    text = minted(issuer)
    for end in range(len(text)):
        with pytest.raises(Malformed):
            verify(text[:end], trust, AT)
    for tail in ("0", "00", "000", " ", "\n", ":::"):
        with pytest.raises(Malformed):
            verify(text + tail, trust, AT)


@settings(max_examples=200)
@given(
    st.text(alphabet=base45.ALPHABET, max_size=400) | st.text(max_size=60) | st.binary(max_size=200).map(base45.encode)
)
def test_no_text_does_worse_than_being_refused(trust, text):
    for prefix in ("", "AM1:", "AM2:", "AM0:"):
        with pytest.raises(CredentialRefused):
            verify(prefix + text, trust, AT)


def test_an_oversize_text_is_refused_before_it_is_read(trust):
    with pytest.raises(Malformed, match="too long"):
        verify("AM1:" + "0" * (LONGEST_TEXT - 3), trust, AT)


@pytest.mark.parametrize("prefix", ["", "am1:", "AM0:", "AM3:", "HC1:", "AM1"])
def test_another_prefix_is_refused(issuer, trust, prefix):
    with pytest.raises(Malformed):
        verify(prefix + minted(issuer)[4:], trust, AT)


def test_a_key_that_nobody_trusts_is_unknown(trust):
    with pytest.raises(UnknownKey):
        verify(minted(new_issuer()), trust, AT)


def test_a_foreign_key_under_a_known_kid_is_a_bad_signature(issuer, trust):
    protected = cose.header(issuer.algorithm, issuer.kid)
    sealed = cose.seal(protected, encode_claims(claims()), b"AMIS-AM1", new_issuer().sign)
    with pytest.raises(BadSignature):
        verify(text_of(sealed), trust, AT)


@pytest.mark.parametrize("algorithm", [cose.ES256, cose.ED25519, cose.EDDSA, 5, -257, 0])
def test_another_algorithm_under_a_known_kid_is_unknown(issuer, trust, algorithm):
    with pytest.raises(UnknownKey):
        verify(minted(replace(issuer, algorithm=algorithm)), trust, AT)


def test_the_older_algorithm_number_is_taken_where_the_trust_list_says_so(issuer):
    trust = Trust([issuer.entry(algorithms=(cose.ESP256, cose.ES256))])
    assert verify(minted(replace(issuer, algorithm=cose.ES256)), trust, AT).kid == issuer.kid


def test_an_edwards_key_mints_too():
    issuer = edwards_issuer()
    assert verify(minted(issuer), Trust([issuer.entry()]), AT).kid == issuer.kid


def test_a_status_key_mints_no_credentials(issuer):
    with pytest.raises(UnknownKey):
        verify(minted(issuer), Trust([issuer.entry(role=STATUS_LISTS)]), AT)


def test_the_same_content_signed_for_another_kind_of_object_is_refused(issuer, trust):
    protected = cose.header(issuer.algorithm, issuer.kid)
    for aad in (b"", b"AMIS-CARD", b"AMIS-MANIFEST"):
        sealed = cose.seal(protected, encode_claims(claims()), aad, issuer.sign)
        with pytest.raises(BadSignature):
            verify(text_of(sealed), trust, AT)


def test_signed_nonsense_is_malformed(issuer, trust):
    for payload in (b"", b"\xa0", b"\xff", encode_claims(claims()) + b"\0", bytes(100)):
        sealed = cose.seal(cose.header(issuer.algorithm, issuer.kid), payload, b"AMIS-AM1", issuer.sign)
        with pytest.raises(Malformed):
            verify(text_of(sealed), trust, AT)


def test_the_signature_is_judged_before_the_content(trust, issuer):
    sealed = cose.seal(cose.header(issuer.algorithm, issuer.kid), b"\xff", b"AMIS-AM1", new_issuer().sign)
    with pytest.raises(BadSignature):
        verify(text_of(sealed), trust, AT)


def test_times_hold_with_two_minutes_of_skew(issuer, trust):
    text, second = minted(issuer), timedelta(seconds=1)
    skew = timedelta(seconds=120)
    for at in (AT - skew, AT, AT + YEAR, AT + YEAR + skew):
        assert verify(text, trust, at).profile == "S"
    with pytest.raises(NotYetValid):
        verify(text, trust, AT - skew - second)
    with pytest.raises(Expired):
        verify(text, trust, AT + YEAR + skew + second)


def test_a_later_begin_holds(issuer, trust):
    text = text_of(mint(issuer, claims(nbf=claims().iat + 86_400)))
    with pytest.raises(NotYetValid):
        verify(text, trust, AT)
    assert verify(text, trust, AT + timedelta(days=1)).profile == "S"


def test_a_clock_set_back_does_not_revive_a_credential(issuer, trust):
    text = minted(issuer)
    assert verify(text, trust, AT, floor=AT + YEAR).profile == "S"
    with pytest.raises(Expired):
        verify(text, trust, AT, floor=AT + YEAR + timedelta(hours=1))
    assert verify(text, trust, AT, floor=datetime(2020, 1, 1, tzinfo=UTC)).profile == "S"


def test_nothing_outlives_the_end_of_its_key(issuer):
    trust = Trust([issuer.entry(verify_until=int((AT + timedelta(days=10)).timestamp()))])
    assert verify(minted(issuer), trust, AT + timedelta(days=9)).profile == "S"
    with pytest.raises(Expired):
        verify(minted(issuer), trust, AT + timedelta(days=11))


def test_a_key_grants_only_the_rights_that_it_may(issuer):
    trust = Trust([issuer.entry(codes=frozenset({301}))])
    assert verify(minted(issuer, rights=[(301, date(2027, 1, 1))]), trust, AT).rights[0].code == 301
    with pytest.raises(RightNotAllowed):
        verify(minted(issuer), trust, AT)


def test_a_bound_credential_without_its_device_is_a_screenshot(issuer, trust):
    with pytest.raises(Screenshot):
        verify(text_of(mint(issuer, claims(device=DEVICE, exp=DAYS30))), trust, AT)


def test_a_card_credential_counts_in_its_own_chip_only(issuer, trust):
    uid, rights = bytes.fromhex("04112233445566"), (Right(1, date(2027, 1, 1)),) * 6
    data = mint(issuer, claims(uid=uid, generation=3, rights=rights))
    assert len(data) <= 240
    assert verify_card(data, uid, trust, AT).claims.generation == 3
    with pytest.raises(WrongCarrier):
        verify_card(data, bytes(7), trust, AT)
    with pytest.raises(BadSignature):
        verify(text_of(data), trust, AT)
    with pytest.raises(BadSignature):
        verify_card(bytes_of(minted(issuer)), uid, trust, AT)


def test_the_right_aad_around_the_wrong_profile_is_refused(issuer, trust):
    uid = bytes(7)
    protected = cose.header(issuer.algorithm, issuer.kid)
    card = cose.seal(protected, encode_claims(claims(uid=uid, generation=1)), b"AMIS-AM1", issuer.sign)
    with pytest.raises(WrongCarrier):
        verify(text_of(card), trust, AT)
    with pytest.raises(WrongCarrier):
        verify_card(cose.seal(protected, encode_claims(claims()), b"AMIS-CARD", issuer.sign), uid, trust, AT)


def test_another_library_verifies_and_reads_a_credential(issuer):
    x, y = issuer.der[-64:-32], issuer.der[-32:]
    key = COSEKey.new({1: 2, 2: issuer.kid, 3: cose.ES256, -1: 1, -2: x, -3: y})
    data = bytes_of(minted(replace(issuer, algorithm=cose.ES256)))
    payload = COSE.new().decode(data, key, external_aad=b"AMIS-AM1")
    assert cbor2.loads(payload if isinstance(payload, bytes) else cbor2.dumps(payload))[4] == claims().exp


def test_identities_are_random_and_status_numbers_split_again():
    assert len({new_cti() for _ in range(100)}) == 100
    assert status_number(0, 0) == 0
    assert status_number(2**15 - 1, 2**17 - 1) == 2**32 - 1
    for place in ((-1, 0), (0, -1), (2**15, 0), (0, 2**17)):
        with pytest.raises(Unencodable):
            status_number(*place)

"""Golden credentials: texts and cards with what they prove, or the code of the error by which they are refused."""

from base64 import b64encode
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial

from cards import base45, cbor, cose
from cards.claims import encode_claims
from cards.credential import AAD, CARD_AAD, PREFIX, Verified, mint, verify, verify_card
from cards.errors import CredentialRefused
from cards.presentation import present
from cards.trust import STATUS_LISTS, Trust, TrustEntry
from rules.shape import Json
from tests.terminals.bundle.publisher import (
    AT,
    FREE_CARD,
    ISSUER,
    PHONE,
    RIGA_ISSUER,
    STATUS_KEY,
    STRANGER,
    p256,
    trust_list,
)
from tests.terminals.tokens import card, claims, inner, letter, phone, screenshot

NOW = int(AT.timestamp())
SECOND = timedelta(seconds=1)
_BEFORE, _AFTER = bytes.fromhex("a301280d"), bytes.fromhex("10190126")
_P384: dict = {1: 2, -1: 2, -2: bytes(32), -3: True}
TRUSTS = {
    "all": trust_list().entries,
    "older number": (ISSUER.entry(algorithms=(cose.ESP256, cose.ES256)),),
    "ends": (ISSUER.entry(verify_until=NOW + 3600),),
    "few codes": (ISSUER.entry(codes=frozenset({302})),),
    "wrong role": (ISSUER.entry(role=STATUS_LISTS),),
    "nobody": (),
}


def cases() -> Json:
    """The whole file."""
    trusts = {name: [entry_json(entry) for entry in entries] for name, entries in TRUSTS.items()}
    return {
        "about": "Texts and cards, verified at a moment with a trust list: what they prove, or the code of the error.",
        "trusts": trusts,
        "cases": [*_texts(), *_cards()],
    }


def judged(case: Json) -> Json:
    """The case with what this implementation says of it."""
    trust = Trust(TRUSTS[str(case["trust"])])
    at = datetime.fromisoformat(str(case["at"]))
    floor = None if case.get("floor") is None else datetime.fromisoformat(str(case["floor"]))
    try:
        if "text" in case:
            return {"verified": plain(verify(str(case["text"]), trust, at, floor))}
        data, uid = base45.decode(str(case["card"])), bytes.fromhex(str(case["uid"]))
        return {"verified": plain(verify_card(data, uid, trust, at, floor))}
    except CredentialRefused as refused:
        return {"error": refused.code}


def _case(name: str, shown: Json, at: datetime = AT, trust: str = "all", floor: datetime | None = None) -> Json:
    case = {"name": name, **shown, "at": at.isoformat(), "trust": trust}
    if floor is not None:
        case["floor"] = floor.isoformat()
    return case | judged(case)


def _text(name: str, text: str, at: datetime = AT, trust: str = "all", floor: datetime | None = None) -> Json:
    return _case(name, {"text": text}, at, trust, floor)


def _sealed(payload: bytes, protected: bytes | None = None, aad: bytes = AAD, signer=ISSUER) -> str:
    header = cose.header(signer.algorithm, signer.kid) if protected is None else protected
    return PREFIX + base45.encode(cose.seal(header, payload, aad, signer.sign))


def _texts() -> Iterator[Json]:
    plain = letter(301, 302, 303, companions=2, photo_id=True)
    yield _text("a letter with three rights", plain)
    yield _text("a letter with four rights", letter(1, 2, 3, 4))
    yield _text("a letter that asks to be asked for", letter(301, online=True))
    yield _text("a letter with a name", letter(301, name="Maksimiliāna Aleksandra", birth_year=1951))
    yield _text("a letter of an Edwards key", letter(309, signer=RIGA_ISSUER))
    yield _text("a phone", phone(301))
    said = present(inner(301), PHONE.sign, NOW, audience="bus 12", nonce=b"\0challenge")
    yield _text("a phone that says to whom and to what", said)
    yield _text("the smallest numbers", letter(0, status=0, until=date(1970, 1, 1)))
    yield _text("the largest numbers", letter(65_535, status=2**32 - 1, until=date(2149, 6, 6), companions=9))
    yield from _in_time(plain)
    yield from _by_key()
    yield from _mutated(plain)
    yield from _signed_nonsense()
    yield from _phones()


def _in_time(plain: str) -> Iterator[Json]:
    skew, life = timedelta(seconds=120), timedelta(days=100)
    yield _text("two minutes before its begin", plain, AT - skew)
    yield _text("a second earlier", plain, AT - skew - SECOND)
    yield _text("two minutes after its end", plain, AT + life + skew)
    yield _text("a second later", plain, AT + life + skew + SECOND)
    yield _text("with a later begin", letter(301, nbf=NOW + 3600))
    yield _text("at its later begin", letter(301, nbf=NOW + 3600), AT + timedelta(minutes=58))
    yield _text("a clock set back", plain, AT, floor=AT + life + skew + SECOND)
    yield _text("a floor in the past", plain, AT, floor=AT - life)
    yield _text("a floor that lets it begin", letter(301, nbf=NOW + 3600), AT, floor=AT + timedelta(hours=1))
    yield _text("the last second of the key", plain, AT + timedelta(seconds=3720), "ends")
    yield _text("after the end of the key", plain, AT + timedelta(seconds=3721), "ends")


def _by_key() -> Iterator[Json]:
    yield _text("a stranger's key", letter(301, signer=STRANGER))
    yield _text("nobody is trusted", letter(301), trust="nobody")
    yield _text("a key in another role", letter(301), trust="wrong role")
    yield _text("a key that may grant it", letter(302), trust="few codes")
    yield _text("a key that may grant one of two", letter(302, 301), trust="few codes")
    older, payload = cose.header(cose.ES256, ISSUER.kid), encode_claims(claims(301))
    yield _text("the older algorithm number where it is taken", _sealed(payload, older), trust="older number")
    yield _text("the older algorithm number where it is not", _sealed(payload, older))
    yield _text("the algorithm of another kind of key", _sealed(payload, cose.header(cose.ED25519, ISSUER.kid)))
    yield _text("a header with a content type", _sealed(payload, cose.header(cose.ESP256, ISSUER.kid, "x")))
    yield _text("the kid alone", _sealed(payload, cbor.encode({4: ISSUER.kid})))
    yield _text("an empty header", _sealed(payload, b""))
    yield _text("the kid of another key", _sealed(payload, cose.header(cose.ESP256, ISSUER.kid), signer=STRANGER))
    yield _text("a key for status lists", _sealed(payload, signer=STATUS_KEY))


def _mutated(plain: str) -> Iterator[Json]:
    data = base45.decode(plain[4:])
    for bit in (*range(0, 8 * len(data), 37), 8 * len(data) - 1):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        yield _text(f"bit {bit} flipped", PREFIX + base45.encode(bytes(changed)))
    for name, other in {
        "a byte less": data[:-1],
        "a byte more": data + b"\0",
        "half of it": data[: len(data) // 2],
        "nothing": b"",
        "without its tag": data[1:],
        "with a detached payload": data.replace(cbor.byte_string(cose.cut(data).payload), b"\xf6"),
        "with an unprotected header": data.replace(b"\xa0", b"\xa1\x01\x02", 1),
    }.items():
        yield _text(name, PREFIX + base45.encode(other))
    for name, text in {
        "a lower case prefix": "am1:" + plain[4:],
        "another prefix": "AM9:" + plain[4:],
        "no prefix": plain[4:],
        "a phone's prefix": "AM2:" + plain[4:],
        "a blank before": " " + plain,
        "a blank after": plain + " ",
        "a lower case letter": plain[:20] + "a" + plain[21:],
        "a letter beyond ASCII": plain[:20] + "Ā" + plain[21:],
        "a lone last character": PREFIX + "0",
        "a group too large": PREFIX + ":::",
        "a last pair too large": PREFIX + "::",
        "701 characters": PREFIX + "0" * 697,
        "nothing at all": "",
    }.items():
        yield _text(name, text)


def _signed_nonsense() -> Iterator[Json]:
    """An issuer that signs what it must not: the form is judged after the signature, and strictly."""
    good = encode_claims(claims(301))
    known = {4: NOW + 8_640_000, 6: NOW, 7: bytes(8)}
    own = {1: 3 << 17 | 77, 2: [301, 20_000]}
    with_own = partial(_with, known, own)
    for name, payload in {
        "nothing": b"",
        "no claims": b"\xa0",
        "a trailing byte": good + b"\0",
        "an array": cbor.encode([1, 2]),
        "an indefinite map": b"\xbf" + good[1:] + b"\xff",
        "a float": good.replace(b"\x04\x1a", b"\x04\xfa", 1),
        "a tag": good.replace(b"\x04\x1a", b"\x04\xc1\x1a", 1),
        "a number in more bytes than it takes": good.replace(b"\x04\x1a", b"\x04\x1b\0\0\0\0", 1),
        "keys out of order": b"\xa4\x06" + good[7:12] + b"\x04" + good[2:7] + good[12:],
        "an unknown claim": cbor.encode({**known, 9: 1, -65537: own}),
        "no end": cbor.encode({6: NOW, -65537: own}),
        "no begin": cbor.encode({4: NOW + 60, -65537: own}),
        "a text for a time": cbor.encode({**known, 6: "now", -65537: own}),
        "true for a time": cbor.encode({**known, 6: True, -65537: own}),
        "no claims of ours": cbor.encode(known),
        "an unknown claim of ours": with_own({9: 1}),
        "no rights": with_own({2: []}),
        "half a right": with_own({2: [301]}),
        "five rights": with_own({2: [301, 20_000] * 5}),
        "a right too large": with_own({2: [65_536, 20_000]}),
        "a day too late": with_own({2: [301, 65_536]}),
        "a negative right": with_own({2: [-1, 20_000]}),
        "a status too large": with_own({1: 2**32}),
        "companions written as none": with_own({5: 0}),
        "ten companions": with_own({5: 10}),
        "flags that mean nothing": with_own({6: 4}),
        "flags written as none": with_own({6: 0}),
        "a name without a birth year": with_own({3: "Anna"}),
        "a name too long": with_own({3: "A" * 25, 4: 1950}),
        "a birth year of long ago": with_own({3: "Anna", 4: 1899}),
        "a short identity": cbor.encode({**known, 7: bytes(7), -65537: own}),
        "no identity": cbor.encode({4: known[4], 6: NOW, -65537: own}),
        "too long a life": cbor.encode({**known, 4: NOW + 401 * 86_400, -65537: own}),
        "an end before the begin": cbor.encode({**known, 4: NOW, -65537: own}),
        "a begin that is no later": cbor.encode({**known, 5: NOW, -65537: own}),
        "a device key of another curve": cbor.encode(
            {**known, 8: {1: {1: 2, -1: 2, -2: bytes(32), -3: True}}, -65537: own}
        ),
    }.items():
        yield _text(f"signed: {name}", _sealed(payload))
    for name, aad in {"a manifest": b"AMIS-MANIFEST", "a card": CARD_AAD, "nothing": b""}.items():
        yield _text(f"signed as {name}", _sealed(good, aad=aad))
    in_card = encode_claims(claims(301, uid=FREE_CARD, generation=1, cti=None))
    yield _text("the content of a card, signed as a letter", _sealed(in_card))


def _with(known: dict, own: dict, other: dict) -> bytes:
    return cbor.encode({**known, -65537: {**own, **other}})


def _phones() -> Iterator[Json]:
    for seconds in (-60, 30, -61, 31):
        yield _text(f"a phone's clock {seconds} s off", phone(301, at=AT + seconds * SECOND))
    yield _text("a phone against the floor", phone(301), AT - timedelta(hours=1), floor=AT)
    yield _text("a screenshot", screenshot(301))
    yield _text("another phone", phone(301, holder=p256(99)))
    yield _text("a letter inside a phone", present(base45.decode(letter(301)[4:]), PHONE.sign, NOW))
    yield _text("a phone with an expired credential", phone(301, iat=NOW - 20 * 86_400, exp=NOW - 86_400))
    yield _text("a phone of a stranger's issue", phone(301, signer=STRANGER))
    nowhere = mint(ISSUER, claims(301, cti=None, device=b"\x02" + b"\xff" * 32, exp=NOW + 86_400))
    yield _text("a device key that is no point", present(nowhere, PHONE.sign, NOW))
    yield _text("a bound credential as a presentation", "AM2:" + screenshot(301)[4:])
    for said in ({}, {6: True}, {6: "now"}, {6: NOW, 3: 1}, {6: NOW, 39: "x"}, {6: NOW, 7: b""}, [NOW]):
        yield _text(f"a phone says {said}", _shown(cbor.encode(said)))
    yield _text("a phone says more than one thing", _shown(cbor.encode({6: NOW}) + b"\0"))
    for before, after in ((b"\xa3\x01\x26\x0d", _AFTER), (_BEFORE, _AFTER + b"\0"), (b"", b"")):
        yield _text(f"another outer header: {before.hex()} {after.hex()}", _shown(cbor.encode({6: NOW}), before, after))


def _shown(said: bytes, before: bytes = _BEFORE, after: bytes = _AFTER) -> str:
    return "AM2:" + base45.encode(cose.seal(before + inner(301) + after, said, b"", PHONE.sign))


def _cards() -> Iterator[Json]:
    six = card(301, 302, 303, 304, 305, 306)
    data = six.credential
    yield _card("a card with six rights", data)
    yield _card("a card with an identity", card(301, cti=bytes(8)).credential)
    yield _card("another chip", data, bytes(7))
    yield _card("a letter in a card", base45.decode(letter(301)[4:]))
    yield _card("an empty file", b"")
    yield _card("a credential and what stands behind it", data + bytes(10))
    yield _card("an expired card", data, at=AT + timedelta(days=101))
    plain = encode_claims(claims(301))
    yield _card("the content of a letter, signed as a card", cose.seal(_header(), plain, CARD_AAD, ISSUER.sign))
    yield _card("six times the same right", card(1, 1, 1, 1, 1, 1).credential)


def _header() -> bytes:
    return cose.header(ISSUER.algorithm, ISSUER.kid)


def _card(name: str, data: bytes, uid: bytes = FREE_CARD, at: datetime = AT) -> Json:
    return _case(name, {"card": base45.encode(data), "uid": uid.hex()}, at)


def entry_json(entry: TrustEntry) -> Json:
    return {
        "kid": entry.kid.hex(),
        "public_key": b64encode(entry.public_key).decode(),
        "municipality": entry.municipality,
        "role": entry.role,
        "algorithms": list(entry.algorithms),
        "codes": None if entry.codes is None else sorted(entry.codes),
        "verify_until": entry.verify_until,
    }


def plain(verified: Verified) -> Json:
    said, shown = verified.claims, verified.presentation
    plain: Json = {"profile": verified.profile, "kid": verified.kid.hex(), "municipality": verified.municipality}
    for name, value in said._asdict().items():
        plain[name] = value.hex() if isinstance(value, bytes) else value
    plain["rights"] = [[right.code, right.until.isoformat()] for right in said.rights]
    plain["presentation"] = shown and {
        "iat": shown.iat,
        "audience": shown.audience,
        "nonce": None if shown.nonce is None else shown.nonce.hex(),
    }
    return plain

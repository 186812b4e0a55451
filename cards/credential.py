"""Credentials: the signed content that a token shows, minted here and verified offline anywhere.

Text is `AM1:` or `AM2:` and base45 of a COSE_Sign1 over a CWT (RFC 8392) in deterministic CBOR.
"""

import secrets
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple

from cards import base45, cose
from cards.claims import Claims, Right, decode_claims, encode_claims, fit_name
from cards.errors import Expired, Malformed, NotYetValid, RightNotAllowed, Screenshot, Unencodable, WrongCarrier
from cards.presentation import PREFIX as PRESENTED
from cards.presentation import Presentation, check_presentation, inner_credential
from cards.trust import CREDENTIALS, Trust, TrustEntry

PREFIX = "AM1:"
LONGEST_TEXT = 700
SKEW = 120
AAD, CARD_AAD = b"AMIS-AM1", b"AMIS-CARD"
# 144 bytes are the most that a version 8 symbol holds at level M
LARGEST = {"S": 144, "P": 190, "B": 180, "C": 240}


class Verified(NamedTuple):
    """A credential whose signature, form and times hold; status list, place and quota are the caller's to check."""

    profile: str
    kid: bytes
    municipality: str
    claims: Claims
    presentation: Presentation | None = None

    @property
    def cti(self) -> bytes | None:
        return self.claims.cti

    @property
    def rights(self) -> tuple[Right, ...]:
        return self.claims.rights

    @property
    def status_list(self) -> int:
        return self.claims.status >> 17

    @property
    def status_index(self) -> int:
        return self.claims.status & 0x1FFFF

    @property
    def issued(self) -> datetime:
        return datetime.fromtimestamp(self.claims.iat, UTC)

    @property
    def expires(self) -> datetime:
        return datetime.fromtimestamp(self.claims.exp, UTC)

    @property
    def replay_key(self) -> tuple[bytes, int, int] | None:
        """What a presentation may be accepted under once: key, status, second; None for anything static."""
        return None if self.presentation is None else (self.kid, self.claims.status, self.presentation.iat)


def new_cti() -> bytes:
    """A random identity for a credential: 8 bytes."""
    return secrets.token_bytes(8)


def status_number(status_list: int, index: int) -> int:
    """A status list and an index in it as the one number of the status claim."""
    if not (0 <= status_list < 1 << 15 and 0 <= index < 1 << 17):
        raise Unencodable("status list or index out of range")
    return status_list << 17 | index


def mint_static(
    signer: cose.Signer,
    *,
    status: int,
    rights: Sequence[tuple[int, date]],
    cti: bytes,
    issued: datetime,
    expires: datetime,
    companions: int = 0,
    photo_id: bool = False,
    online: bool = False,
    named: tuple[str, int] | None = None,
) -> str:
    """The text of an anonymous static credential (profile S); with `named` (name, birth year) a printed one (P).

    Times are aware; the credential begins when issued and lives at most 400 days. Unencodable when it breaks a limit.
    """
    name, year = (None, None) if named is None else (fit_name(named[0]), named[1])
    claims = Claims(
        iat=int(issued.timestamp()),
        exp=int(expires.timestamp()),
        status=status,
        rights=tuple(Right(*right) for right in rights),
        cti=cti,
        name=name,
        birth_year=year,
        companions=companions,
        photo_id=photo_id,
        online=online,
    )
    return PREFIX + base45.encode(mint(signer, claims))


def mint(signer: cose.Signer, claims: Claims) -> bytes:
    """The COSE_Sign1 of any profile; Unencodable when the claims break a limit or the bytes exceed the profile's."""
    aad = CARD_AAD if claims.profile == "C" else AAD
    sealed = cose.seal(cose.header(signer.algorithm, signer.kid), encode_claims(claims), aad, signer.sign)
    if len(sealed) > LARGEST[claims.profile]:
        raise Unencodable(f"profile {claims.profile}: {len(sealed)} bytes")
    return sealed


def verify(text: str, trust: Trust, at: datetime, floor: datetime | None = None) -> Verified:
    """What a scanned text proves at the aware time `at`; `floor` is the newest time that a signed manifest showed.

    In this order: length and prefix, base45, slice, key by protected header, signature, payload, times (120 s of skew),
    carrier, allowed rights. Raises the errors under CredentialRefused.
    """
    if len(text) > LONGEST_TEXT:
        raise Malformed("text too long")
    now = _now(at, floor)
    if text.startswith(PREFIX):
        return _verified(base45.decode(text[4:]), trust, now, "SP")
    if text.startswith(PRESENTED):
        return _presented(cose.cut(base45.decode(text[4:])), trust, now)
    raise Malformed("unknown prefix")


def verify_card(data: bytes, uid: bytes, trust: Trust, at: datetime, floor: datetime | None = None) -> Verified:
    """What the credential file of a chip proves; WrongCarrier unless it was minted for exactly this chip's UID."""
    verified = _verified(data, trust, _now(at, floor), "C")
    if verified.claims.uid != uid:
        raise WrongCarrier
    return verified


def _now(at: datetime, floor: datetime | None) -> int:
    now = int(at.timestamp())
    return now if floor is None else max(now, int(floor.timestamp()))


def _presented(outer: cose.Sign1, trust: Trust, now: int) -> Verified:
    verified = _verified(inner_credential(outer), trust, now, "B")
    assert verified.claims.device is not None
    return verified._replace(presentation=check_presentation(outer, verified.claims.device, now))


def _verified(data: bytes, trust: Trust, now: int, carried: str) -> Verified:
    parts = cose.cut(data)
    entry, check = trust.key_for(parts.protected, CREDENTIALS)
    check(parts.signature, parts.signed_bytes(CARD_AAD if carried == "C" else AAD))
    claims = decode_claims(parts.payload)
    profile = claims.profile
    _in_time(claims, entry, now)
    if profile not in carried:
        raise Screenshot if profile == "B" else WrongCarrier
    if entry.codes is not None and any(right.code not in entry.codes for right in claims.rights):
        raise RightNotAllowed
    return Verified(profile, entry.kid, entry.municipality, claims)


def _in_time(claims: Claims, entry: TrustEntry, now: int) -> None:
    if now + SKEW < (claims.nbf or claims.iat):
        raise NotYetValid
    end = claims.exp if entry.verify_until is None else min(claims.exp, entry.verify_until)
    if now - SKEW > end:
        raise Expired

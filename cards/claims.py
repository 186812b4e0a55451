"""What a credential says: its claims, their limits per profile, and their only encoding.

Source: CWT claims RFC 8392 section 3.1, confirmation key RFC 8747 section 3.2, compressed points RFC 9053 section 7.1.
"""

import unicodedata
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from cards import cbor
from cards.errors import Malformed, Unencodable

DAY = 86_400
NAME_BYTES = 24
AMIS = -65537
LONGEST = {"S": 400 * DAY, "P": 400 * DAY, "C": 400 * DAY, "B": 30 * DAY}
MOST_RIGHTS = {"S": 4, "P": 4, "B": 4, "C": 6}
_UINT16, _UINT32 = (1 << 16) - 1, (1 << 32) - 1
MOST_COMPANIONS = 9
_EPOCH = date(1970, 1, 1).toordinal()
_EXP, _NBF, _IAT, _CTI, _CNF = 4, 5, 6, 7, 8
_STATUS, _RIGHTS, _NAME, _BORN, _COMPANIONS, _FLAGS, _UID, _GENERATION = 1, 2, 3, 4, 5, 6, 7, 8
_OUTER, _INNER = frozenset({_EXP, _NBF, _IAT, _CTI, _CNF, AMIS}), frozenset(range(1, 9))
_PHOTO_ID, _ONLINE = 1, 2
_PLAIN = 2  # status and rights alone: nothing optional that could be written in vain


class Right(NamedTuple):
    """A public tariff code and the last local day on which it holds (inclusive)."""

    code: int
    until: date


class Claims(NamedTuple):
    """The content of one credential; times in Unix seconds, `device` a compressed P-256 point (33 bytes)."""

    iat: int
    exp: int
    status: int
    rights: tuple[Right, ...]
    cti: bytes | None = None
    nbf: int | None = None
    device: bytes | None = None
    name: str | None = None
    birth_year: int | None = None
    companions: int = 0
    photo_id: bool = False
    online: bool = False
    uid: bytes | None = None
    generation: int | None = None

    @property
    def profile(self) -> str:
        """S static, P printed with a name, B bound to a device, C in a card."""
        if self.uid is not None or self.generation is not None:
            return "C"
        if self.device is not None:
            return "B"
        return "S" if self.name is None and self.birth_year is None else "P"


def fit_name(name: str) -> str:
    """`name` cut to 24 UTF-8 bytes at the end of a letter."""
    whole = unicodedata.normalize("NFC", name.strip())
    end = len(whole)
    while len(whole[:end].encode()) > NAME_BYTES or (end < len(whole) and unicodedata.combining(whole[end])):
        end -= 1
    return whole[:end].rstrip()


def fault(claims: Claims) -> str | None:
    """What breaks the limits of the claims' profile, or None."""
    profile = claims.profile
    if not (claims.iat >= 0 and 0 < claims.exp - claims.iat <= LONGEST[profile] and claims.exp <= _UINT32):
        return "times"
    if claims.nbf is not None and not claims.iat < claims.nbf <= claims.exp:
        return "nbf"
    if not (0 <= claims.status <= _UINT32 and 0 <= claims.companions <= MOST_COMPANIONS):
        return "status or companions"
    if not 1 <= len(claims.rights) <= MOST_RIGHTS[profile]:
        return "number of rights"
    if (profile in "SP") if claims.cti is None else len(claims.cti) != 8:
        return "cti"
    return None if profile == "S" else _fault_of_profile(claims, profile)


def _fault_of_profile(claims: Claims, profile: str) -> str | None:
    name, year = claims.name, claims.birth_year
    if (name is None) != (year is None) or (name is not None and profile != "P"):
        return "name and birth year"
    if name is not None and not (name and name.isprintable() and fit_name(name) == name):
        return "name"
    if year is not None and not 1900 <= year <= 2200:
        return "birth year"
    if claims.device is not None and not (profile == "B" and len(claims.device) == 33 and claims.device[0] in b"\2\3"):
        return "device key"
    if claims.uid is not None and not (len(claims.uid) == 7 and 0 <= (claims.generation or 0) <= _UINT32):
        return "uid or generation"
    return None if (claims.uid is None) == (claims.generation is None) else "uid without generation"


def encode_claims(claims: Claims) -> bytes:
    """The payload of a credential; Unencodable when a limit is broken."""
    if broken := fault(claims):
        raise Unencodable(f"claims: {broken}")
    rights: list[cbor.Value] = []
    for code, until in claims.rights:
        day = until.toordinal() - _EPOCH
        if not (0 <= code <= _UINT16 and 0 <= day <= _UINT16):
            raise Unencodable("claims: right out of range")
        rights += (code, day)
    return cbor.encode(_outer(claims, {_STATUS: claims.status, _RIGHTS: rights, **_optional(claims)}))


def _outer(claims: Claims, inner: dict[int | str, cbor.Value]) -> cbor.Value:
    outer: dict[int | str, cbor.Value] = {_EXP: claims.exp, _IAT: claims.iat, AMIS: inner}
    if claims.nbf is not None:
        outer[_NBF] = claims.nbf
    if claims.cti is not None:
        outer[_CTI] = claims.cti
    if claims.device is not None:
        outer[_CNF] = {1: {1: 2, -1: 1, -2: claims.device[1:], -3: claims.device[:1] == b"\x03"}}
    return outer


def _optional(claims: Claims) -> dict[int | str, cbor.Value]:
    flags = _PHOTO_ID * claims.photo_id | _ONLINE * claims.online
    found: dict[int | str, cbor.Value] = {_COMPANIONS: claims.companions} if claims.companions else {}
    if flags:
        found[_FLAGS] = flags
    if claims.name is not None:
        found |= {_NAME: claims.name, _BORN: claims.birth_year}
    if claims.uid is not None:
        found |= {_UID: claims.uid, _GENERATION: claims.generation}
    return found


def decode_claims(payload: bytes) -> Claims:
    """The claims in `payload`; Malformed for unknown or missing ones, wrong types and broken limits."""
    outer = cbor.decode(payload)
    if not isinstance(outer, dict) or not _OUTER.issuperset(outer):
        raise Malformed("claims: unknown claim")
    inner = outer.get(AMIS)
    if not isinstance(inner, dict) or not _INNER.issuperset(inner):
        raise Malformed("claims: unknown claim")
    flags = _number(inner, _FLAGS) if _FLAGS in inner else 0
    claims = Claims(
        _number(outer, _IAT),
        _number(outer, _EXP),
        _number(inner, _STATUS),
        _rights(inner.get(_RIGHTS)),
        _bytes(outer, _CTI) if _CTI in outer else None,
        _number(outer, _NBF) if _NBF in outer else None,
        _device(outer[_CNF]) if _CNF in outer else None,
        _text(inner[_NAME]) if _NAME in inner else None,
        _number(inner, _BORN) if _BORN in inner else None,
        _number(inner, _COMPANIONS) if _COMPANIONS in inner else 0,
        flags & _PHOTO_ID > 0,
        flags & _ONLINE > 0,
        _bytes(inner, _UID) if _UID in inner else None,
        _number(inner, _GENERATION) if _GENERATION in inner else None,
    )
    if broken := fault(claims) or (_waste(inner, flags) if len(inner) > _PLAIN else None):
        raise Malformed(f"claims: {broken}")
    return claims


def _waste(inner: dict[int | str, cbor.Value], flags: int) -> str | None:
    """A second encoding of the same claims: zero written out, or flags that mean nothing."""
    return "flags or companions" if not 0 <= flags <= 3 or 0 in (inner.get(_FLAGS), inner.get(_COMPANIONS)) else None


def _number(claims: dict[int | str, cbor.Value], key: int) -> int:
    value = claims.get(key)
    if type(value) is not int:
        raise Malformed(f"claims: {key} is not a number")
    return value


def _bytes(claims: dict[int | str, cbor.Value], key: int) -> bytes:
    value = claims[key]
    if not isinstance(value, bytes):
        raise Malformed(f"claims: {key} is not bytes")
    return value


def _text(value: cbor.Value) -> str:
    if not isinstance(value, str):
        raise Malformed("claims: name is not text")
    return value


def _rights(value: cbor.Value) -> tuple[Right, ...]:
    if not isinstance(value, list) or len(value) % 2:
        raise Malformed("claims: rights")
    rights = []
    for code, day in zip(value[::2], value[1::2], strict=True):
        if not (type(code) is type(day) is int):
            raise Malformed("claims: right out of range")
        rights.append(_right(code, day))
    return tuple(rights)


@lru_cache(maxsize=4096)
def _right(code: int, day: int) -> Right:
    """Few codes and few last days exist among many credentials."""
    if not (0 <= code <= _UINT16 and 0 <= day <= _UINT16):
        raise Malformed("claims: right out of range")
    return Right(code, date.fromordinal(_EPOCH + day))


def _device(value: cbor.Value) -> bytes:
    key = value.get(1) if isinstance(value, dict) and len(value) == 1 else None
    # True == 1 in Python, but it is another encoding
    if not isinstance(key, dict) or set(key) != {1, -1, -2, -3} or (key[1], key[-1]) != (2, 1) or key[-1] is True:
        raise Malformed("claims: device key")
    x, odd = key[-2], key[-3]
    if not isinstance(x, bytes) or not isinstance(odd, bool):
        raise Malformed("claims: device key")
    return (b"\x03" if odd else b"\x02") + x

"""Status lists: two bits per token, signed as a CWT, exact and small.

Source: IETF Token Status List (draft-ietf-oauth-status-list), sections "Status List" and "Status List Token in CWT".
"""

import zlib
from datetime import datetime, timedelta
from typing import NamedTuple

from cards import cbor, cose
from cards.errors import Expired, Malformed, NotYetValid, Unencodable
from cards.trust import STATUS_LIST_TYPE, STATUS_LISTS, Trust

SIZE = 1 << 17
VALID, INVALID, SUSPENDED, RIGHTS_CHANGED = range(4)
LIFE = timedelta(hours=48)
SKEW = 120
_SUBJECT, _EXP, _IAT, _LIST, _TTL = 2, 4, 6, 65533, 65534
_CLAIMS = frozenset({_SUBJECT, _EXP, _IAT, _LIST, _TTL})


class StatusList:
    """The status of `size` tokens, 0..3 each; four to a byte, the lowest index in the lowest bits."""

    def __init__(self, size: int = SIZE, packed: bytes | None = None) -> None:
        """All VALID, or the packed bytes of size / 4; `size` is a multiple of four."""
        if size <= 0 or size % 4 or (packed is not None and len(packed) != size // 4):
            raise Unencodable("status list: size")
        self.size = size
        self._bytes = bytearray(size // 4) if packed is None else bytearray(packed)

    def get(self, index: int) -> int:
        """The status at `index`; IndexError beyond the list."""
        self._inside(index)
        return self._bytes[index >> 2] >> (index & 3) * 2 & 3

    def set(self, index: int, status: int) -> None:
        """Change the status at `index`; IndexError beyond the list, Unencodable above 3."""
        self._inside(index)
        if not 0 <= status <= 3:
            raise Unencodable("status list: two bits hold 0..3")
        shift = (index & 3) * 2
        self._bytes[index >> 2] = self._bytes[index >> 2] & ~(3 << shift) | status << shift

    def _inside(self, index: int) -> None:
        if not 0 <= index < self.size:
            raise IndexError(index)

    def packed(self) -> bytes:
        """The uncompressed bytes, as in the standard's examples."""
        return bytes(self._bytes)

    def compressed(self) -> bytes:
        """The bytes as a zlib stream."""
        return zlib.compress(self._bytes, 9)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StatusList) and self._bytes == other._bytes

    __hash__ = None  # type: ignore[assignment]  # a mutable list is not a key


class StatusListToken(NamedTuple):
    """A verified list: where it is published, when it was signed, until when it counts (Unix seconds), and the list."""

    uri: str
    iat: int
    exp: int
    ttl: int
    statuses: StatusList
    aggregation_uri: str | None


def inflate(stream: bytes, most: int) -> bytes:
    """The bytes of a complete zlib stream; Malformed when broken, followed by anything, or larger than `most`."""
    inflater = zlib.decompressobj()
    try:
        data = inflater.decompress(stream, most + 1)
    except zlib.error:
        raise Malformed("status list: not a zlib stream") from None
    if len(data) > most or not inflater.eof or inflater.unused_data:
        raise Malformed("status list: too large, truncated, or followed by more")
    return data


def sign_status_list(
    statuses: StatusList,
    signer: cose.Signer,
    *,
    uri: str,
    at: datetime,
    ttl: int = 300,
    life: timedelta = LIFE,
    aggregation_uri: str | None = None,
) -> bytes:
    """The Status List Token of a list: `ttl` is how long (seconds) a copy may be kept without asking again."""
    content: dict[int | str, cbor.Value] = {"bits": 2, "lst": statuses.compressed()}
    if aggregation_uri is not None:
        content["aggregation_uri"] = aggregation_uri
    iat = int(at.timestamp())
    exp = iat + int(life.total_seconds())
    payload = cbor.encode({_SUBJECT: uri, _EXP: exp, _IAT: iat, _LIST: content, _TTL: ttl})
    return cose.seal(cose.header(signer.algorithm, signer.kid, STATUS_LIST_TYPE), payload, b"", signer.sign)


def read_status_list(data: bytes, uri: str, trust: Trust, at: datetime, *, size: int = SIZE) -> StatusListToken:
    """The list published at `uri`, verified at `at`; never inflates beyond `size` entries.

    Raises UnknownKey, BadSignature, Malformed (also for another list's token), Expired, NotYetValid.
    """
    token = open_status_list(data, trust, size=size)
    if token.uri != uri:
        raise Malformed("status list: published elsewhere")
    now = int(at.timestamp())
    if now + SKEW < token.iat:
        raise NotYetValid
    if now - SKEW > token.exp:
        raise Expired
    return token


def open_status_list(data: bytes, trust: Trust, *, size: int = SIZE) -> StatusListToken:
    """A list as signed, for whoever knows otherwise that it is the one asked for, and is recent.

    Raises UnknownKey, BadSignature, Malformed.
    """
    parts = cose.cut(data)
    trust.key_for(parts.protected, STATUS_LISTS).check(parts.signature, parts.signed_bytes(b""))
    return _token(cbor.decode(parts.payload), size)


def _token(claims: cbor.Value, size: int) -> StatusListToken:
    if not isinstance(claims, dict) or set(claims) != _CLAIMS:
        raise Malformed("status list: claims")
    uri, exp, iat, ttl = claims[_SUBJECT], claims[_EXP], claims[_IAT], claims[_TTL]
    if not (isinstance(uri, str) and type(exp) is type(iat) is type(ttl) is int):
        raise Malformed("status list: claims")
    statuses, aggregation = _content(claims[_LIST], size)
    return StatusListToken(uri, iat, exp, ttl, statuses, aggregation)


def _content(content: cbor.Value, size: int) -> tuple[StatusList, str | None]:
    if not isinstance(content, dict) or not {"bits", "lst", "aggregation_uri"}.issuperset(content):
        raise Malformed("status list: content")
    stream, aggregation = content.get("lst"), content.get("aggregation_uri")
    if content.get("bits") != 2 or not isinstance(stream, bytes) or not isinstance(aggregation, str | None):
        raise Malformed("status list: content")
    packed = inflate(stream, size // 4)
    if not packed:
        raise Malformed("status list: empty")
    return StatusList(len(packed) * 4, packed), aggregation

"""AM2: a phone shows a device-bound credential under a fresh signature of its own key.

18([<<{1: -9, 13: credential, 16: 294}>>, {}, <<{6: iat, 3: aud, 39: cnonce}>>, device signature]); header 13 holds the
tagged credential itself, so the device signs what it shows. Source: SD-CWT key binding, RFC 8747, RFC 9052.
"""

from collections.abc import Callable
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec

from cards import base45, cbor, cose
from cards.errors import Malformed, PresentationStale

PREFIX = "AM2:"
OLDEST, NEWEST = 60, 30
_BEFORE, _AFTER = bytes.fromhex("a301280d"), bytes.fromhex("10190126")
_AUDIENCE, _IAT, _NONCE = 3, 6, 39


class Presentation(NamedTuple):
    """What the device said: when (Unix seconds), and to whom and to what challenge, where it said so."""

    iat: int
    audience: str | None
    nonce: bytes | None


def present(
    credential: bytes, sign: Callable[[bytes], bytes], iat: int, audience: str | None = None, nonce: bytes | None = None
) -> str:
    """The text that the holder's device shows; `sign` is its P-256 key and returns r || s."""
    said: dict[int | str, cbor.Value] = {_IAT: iat}
    if audience is not None:
        said[_AUDIENCE] = audience
    if nonce is not None:
        said[_NONCE] = nonce
    sealed = cose.seal(_BEFORE + credential + _AFTER, cbor.encode(said), b"", sign)
    return PREFIX + base45.encode(sealed)


def inner_credential(outer: cose.Sign1) -> bytes:
    """The credential inside a presentation's protected header; Malformed for any other header."""
    header = outer.protected
    if not (header.startswith(_BEFORE) and header.endswith(_AFTER)) or len(header) < len(_BEFORE) + len(_AFTER):
        raise Malformed("presentation: header")
    return header[len(_BEFORE) : -len(_AFTER)]


def check_presentation(outer: cose.Sign1, device: bytes, now: int) -> Presentation:
    """What the device signed; BadSignature, Malformed, or PresentationStale outside [now - 60 s, now + 30 s]."""
    try:
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), device)
    except ValueError:
        raise Malformed("presentation: device key is not a point") from None
    cose.check_with(key)(outer.signature, outer.signed_bytes(b""))
    said = _said(outer.payload)
    if not now - OLDEST <= said.iat <= now + NEWEST:
        raise PresentationStale
    return said


def _said(payload: bytes) -> Presentation:
    claims = cbor.decode(payload)
    if not isinstance(claims, dict) or not {_AUDIENCE, _IAT, _NONCE}.issuperset(claims):
        raise Malformed("presentation: claims")
    iat, audience, nonce = claims.get(_IAT), claims.get(_AUDIENCE), claims.get(_NONCE)
    if type(iat) is not int or not isinstance(audience, str | None) or not isinstance(nonce, bytes | None):
        raise Malformed("presentation: claims")
    return Presentation(iat, audience, nonce)

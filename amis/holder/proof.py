"""How a phone proves its key: a signature over its code at enrolment, a proof JWT with each request after that.

The JWT has the shape of a DPoP proof (RFC 9449 section 4.2): the public key in its header; method, address, time and a
one-time id in its claims. There is no access token beside it: the key itself is what is known of the phone.
"""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from amis.holder.codes import plain
from amis.holder.errors import ClockOff, ProofRefused
from amis.staff.errors import InvalidKey
from amis.staff.pairing import fingerprint, public_key
from cards import cose
from cards.errors import BadSignature

TYPE = "dpop+jwt"
WINDOW = timedelta(seconds=60)
"""How far the time in a proof may be off, before and after."""
_LONGEST_TEXT = 2048
_LONGEST_JTI = 64
_CONTEXT = "AMIS-HOLDER"
_SIGNATURE = 64


@dataclass(frozen=True, slots=True)
class Proof:
    """A request proved by a key: its thumbprint (RFC 7638), the one-time id, and until when it could be shown again."""

    thumbprint: str
    jti: str
    expires_at: datetime


def enrolment_text(code: str, thumbprint: str) -> bytes:
    """What a phone signs at enrolment: AMIS-HOLDER, the code as typed correctly, the thumbprint of its key."""
    return f"{_CONTEXT}|{plain(code)}|{thumbprint}".encode()


def check_enrolment(code: str, jwk: dict[str, Any], signature: str) -> tuple[dict[str, str], str]:
    """The bare key and its thumbprint, where `signature` (base64url of r || s, ES256) is that of `enrolment_text`.

    Raises:
        InvalidKey, ProofRefused
    """
    key = public_key(jwk)
    thumbprint = fingerprint(key)
    raw = _bytes(signature)
    if len(raw) != _SIGNATURE:
        raise ProofRefused(pointer="/proof")
    public = cose.load_public(ECKey.import_key(dict(key)).as_der(private=False))
    try:
        cose.check_with(public)(raw, enrolment_text(code, thumbprint))
    except BadSignature:
        raise ProofRefused(pointer="/proof") from None
    return key, thumbprint


def point(key: dict[str, str]) -> bytes:
    """A key as a compressed point (SEC 1 section 2.3.3), as credentials name it: 33 bytes."""
    public = ECKey.import_key(dict(key)).public_key
    return public.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)


def verify(text: str, method: str, address: str, at: datetime) -> Proof:
    """What a proof of this method and address shows at the aware time `at`.

    Raises:
        ProofRefused, ClockOff
    """
    if not 0 < len(text) <= _LONGEST_TEXT:
        raise ProofRefused
    thumbprint, claims = _signed(text)
    if (claims.get("htm"), claims.get("htu")) != (method, address):
        raise ProofRefused("htm or htu: another request")
    jti, issued = claims.get("jti"), claims.get("iat")
    if not isinstance(jti, str) or not 0 < len(jti) <= _LONGEST_JTI:
        raise ProofRefused("jti")
    if not isinstance(issued, int) or isinstance(issued, bool) or not 0 < issued < 2**33:
        raise ProofRefused("iat")
    moment = datetime.fromtimestamp(issued, UTC)
    if abs(moment - at) > WINDOW:
        raise ClockOff
    return Proof(thumbprint, jti, moment + WINDOW)


def _signed(text: str) -> tuple[str, dict[str, Any]]:
    try:
        header = jws.extract_compact(text.encode()).headers()
        if header.get("typ") != TYPE or not isinstance(header.get("jwk"), dict):
            raise ProofRefused("typ or jwk")
        key = public_key(header["jwk"])
        signed = jws.deserialize_compact(text.encode(), ECKey.import_key(dict(key)), algorithms=["ES256"])
        claims = json.loads(signed.payload)
    except (JoseError, InvalidKey, ValueError, TypeError, RecursionError) as error:
        raise ProofRefused from error
    if not isinstance(claims, dict):
        raise ProofRefused
    return fingerprint(key), claims


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise ProofRefused from None

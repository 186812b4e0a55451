"""A P-256 public key as a JWK (RFC 7517) and its fingerprint (RFC 7638)."""

import base64
import json
from collections.abc import Mapping
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric import ec

_COORDINATE = 43
"""Characters of 32 bytes in base64url."""


def jwk(public: ec.EllipticCurvePublicKey) -> dict[str, str]:
    """The public key as a JWK."""
    numbers = public.public_numbers()
    return {"kty": "EC", "crv": "P-256", "x": base64url(numbers.x.to_bytes(32)), "y": base64url(numbers.y.to_bytes(32))}


def thumbprint(public: ec.EllipticCurvePublicKey) -> str:
    """The fingerprint that the machine shows beside the one that the service shows."""
    canonical = json.dumps(jwk(public), sort_keys=True, separators=(",", ":"))
    return base64url(sha256(canonical.encode()).digest())


def base64url(content: bytes) -> str:
    """RFC 4648 section 5, without padding."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def public_of(members: Mapping[str, object]) -> ec.EllipticCurvePublicKey:
    """The public key of a JWK on P-256.

    Raises:
        ValueError: it is none, or says more than a public key does.
    """
    if set(members) != {"kty", "crv", "x", "y"} or (members["kty"], members["crv"]) != ("EC", "P-256"):
        raise ValueError("a public key on P-256 is expected")
    x, y = (_number(members[name]) for name in ("x", "y"))
    return ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()


def _number(text: object) -> int:
    content = base64.urlsafe_b64decode(f"{text}=") if isinstance(text, str) and len(text) == _COORDINATE else b""
    if base64url(content) != text:
        raise ValueError("a coordinate of 32 bytes is expected")
    return int.from_bytes(content)

"""A P-256 public key as a JWK (RFC 7517) and its fingerprint (RFC 7638)."""

import base64
import json
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric import ec


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

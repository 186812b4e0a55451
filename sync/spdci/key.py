"""Keys of the two sides, Ed25519, as the JSON Web Keys (RFC 7517, RFC 8037) that the standard's JWKS publishes."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sync.errors import KeyUnreadable, UnreadableJson
from sync.strict_json import strict_json

ALGORITHM = "ed25519"
_KID = re.compile(r"[A-Za-z0-9._~:-]{1,100}")
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The other side's key and its id."""

    kid: str
    key: Ed25519PublicKey

    def fits(self, content: bytes, signature: bytes) -> bool:
        """Whether the signature was made with the private half."""
        try:
            self.key.verify(signature, content)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True, repr=False)
class PrivateKey:
    """Our own key, with which we ask."""

    kid: str
    key: Ed25519PrivateKey

    @property
    def seed(self) -> bytes:
        """32 bytes, to be kept sealed."""
        return self.key.private_bytes_raw()

    def public_jwk(self) -> str:
        """What the registry is given to check our signatures by."""
        x = base64.urlsafe_b64encode(self.key.public_key().public_bytes_raw()).decode().rstrip("=")
        members = {"kty": "OKP", "crv": "Ed25519", "x": x, "kid": self.kid, "alg": "EdDSA", "use": "sig"}
        return json.dumps(members)


def draw_key(kid: str) -> PrivateKey:
    """A fresh key."""
    return PrivateKey(kid, Ed25519PrivateKey.generate())


def own_key(kid: str, seed: bytes) -> PrivateKey:
    """The key kept as these 32 bytes."""
    return PrivateKey(kid, Ed25519PrivateKey.from_private_bytes(seed))


def public_key(text: str) -> PublicKey:
    """Read one public JSON Web Key; raises `KeyUnreadable`, never repeating what stood there."""
    try:
        jwk = strict_json(text.strip().encode())
    except (UnreadableJson, UnicodeEncodeError):
        raise KeyUnreadable("a registry's key is one JSON Web Key") from None
    kid = jwk.get("kid") if isinstance(jwk, dict) else None
    if not isinstance(kid, str) or not _KID.fullmatch(kid) or "d" in jwk:
        raise KeyUnreadable("the key is public and has a kid")
    if (jwk.get("kty"), jwk.get("crv")) != ("OKP", "Ed25519") or jwk.get("alg", "EdDSA") not in ("EdDSA", "Ed25519"):
        raise KeyUnreadable("the key is Ed25519")
    return PublicKey(kid, Ed25519PublicKey.from_public_bytes(_point(jwk.get("x"))))


def _point(text: Any) -> bytes:
    if not isinstance(text, str) or not _BASE64URL.fullmatch(text) or len(text) != 43:
        raise KeyUnreadable("the key is 32 bytes in base64url")
    return base64.urlsafe_b64decode(text + "=")

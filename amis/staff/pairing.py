"""Pairing a machine: the one-time code a person carries to it, and the key it answers with."""

import hashlib
import secrets
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from amis.staff.errors import InvalidKey

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Base 32 of Crockford: no I, L, O, U, so that a code read aloud or typed off a screen arrives."""
_CODE_LENGTH = 12
_LOOKALIKES = str.maketrans("ILO", "110")
_PUBLIC_MEMBERS = frozenset({"kty", "crv", "x", "y", "use", "alg", "kid", "key_ops"})


def new_code() -> str:
    """A fresh code of 60 random bits, in groups: K7QF-2M9D-XW3T."""
    code = "".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LENGTH))
    return "-".join(code[i : i + 4] for i in range(0, _CODE_LENGTH, 4))


def code_digest(code: str) -> bytes:
    """SHA-256 of a code however it was typed: small letters, spaces, O for 0."""
    typed = "".join(char for char in code.upper() if char.isalnum()).translate(_LOOKALIKES)
    return hashlib.sha256(typed.encode()).digest()


def public_key(jwk: dict[str, Any]) -> dict[str, str]:
    """The bare public key: the members kty, crv, x, y of an EC P-256 JWK (RFC 7517, RFC 7518 section 6.2).

    Raises:
        InvalidKey: another kind of key, a private one, or a point that is not on the curve.
    """
    if set(jwk) - _PUBLIC_MEMBERS:
        raise InvalidKey("A public key only", pointer="/jwk")
    bare = {name: jwk.get(name) for name in ("kty", "crv", "x", "y")}
    if bare["kty"] != "EC" or bare["crv"] != "P-256" or not all(isinstance(value, str) for value in bare.values()):
        raise InvalidKey(pointer="/jwk")
    return _checked({name: str(value) for name, value in bare.items()})


def _checked(bare: dict[str, str]) -> dict[str, str]:
    try:
        ECKey.import_key(dict(bare)).get_op_key("verify")
    except (JoseError, ValueError) as error:
        raise InvalidKey(pointer="/jwk") from error
    return bare


def fingerprint(jwk: dict[str, str]) -> str:
    """The JWK thumbprint (RFC 7638, SHA-256, base64url) that a person compares before approving."""
    return ECKey.import_key(dict(jwk)).thumbprint()

"""Handing secrets to one machine: sealed for a key that it has just made, and bound to whom they are for.

Elliptic-curve Diffie-Hellman between two fresh keys on P-256 (NIST SP 800-56A, section 6.1.2.2), HKDF-SHA-256 (RFC
5869), AES-256-GCM. Neither key is ever used again, so nobody opens later what was recorded today.
"""

import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cards.errors import UnwrapFailed

_INFO = b"AMIS handing 1"
_NONCE = 12


@dataclass(frozen=True, slots=True)
class Handed:
    """A content sealed by the sender's fresh `key` for the recipient's."""

    key: ec.EllipticCurvePublicKey
    sealed: bytes


def hand_over(content: bytes, recipient: ec.EllipticCurvePublicKey, aad: bytes) -> Handed:
    """Seals a content for the holder of `recipient`; `aad` says for whom and must be known to both."""
    fresh = ec.generate_private_key(ec.SECP256R1())
    nonce = secrets.token_bytes(_NONCE)
    key = _agreed(fresh, recipient, fresh.public_key(), recipient)
    return Handed(fresh.public_key(), nonce + AESGCM(key).encrypt(nonce, content, aad))


def take_over(handed: Handed, own: ec.EllipticCurvePrivateKey, aad: bytes) -> bytes:
    """The content that was sealed for `own`.

    Raises:
        UnwrapFailed: it was changed, or is for somebody else.
    """
    nonce, box = handed.sealed[:_NONCE], handed.sealed[_NONCE:]
    try:
        return AESGCM(_agreed(own, handed.key, handed.key, own.public_key())).decrypt(nonce, box, aad)
    except (InvalidTag, ValueError):
        raise UnwrapFailed from None


def _agreed(
    own: ec.EllipticCurvePrivateKey,
    other: ec.EllipticCurvePublicKey,
    sender: ec.EllipticCurvePublicKey,
    recipient: ec.EllipticCurvePublicKey,
) -> bytes:
    info = _INFO + _point(sender) + _point(recipient)
    return HKDF(SHA256(), length=32, salt=None, info=info).derive(own.exchange(ec.ECDH(), other))


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

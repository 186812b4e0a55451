"""Signed checkpoints of the audit tree: C2SP tlog-checkpoint inside a C2SP signed note, Ed25519."""

import base64
from collections.abc import Sequence
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from amis.kernel.keys import AUDIT
from cards.keys import KeyStore, Public

ORIGIN = "amis/audit"
_SEPARATOR = "\n\N{EM DASH} "


def sign(keys: KeyStore, size: int, root: bytes) -> str:
    """The signed note for a tree of `size` leaves with head `root`."""
    body = f"{ORIGIN}\n{size}\n{base64.b64encode(root).decode()}\n"
    key = keys.public(AUDIT)
    signature = _key_hash(raw(key)) + keys.sign(AUDIT, body.encode(), key.version)
    return f"{body}{_SEPARATOR}{ORIGIN} {base64.b64encode(signature).decode()}\n"


def raw(key: Public) -> bytes:
    """The 32 bytes of an Ed25519 public key (RFC 8410: the end of its SubjectPublicKeyInfo)."""
    return key.der[-32:]


def opened(publics: Sequence[bytes], note: str) -> tuple[int, bytes] | None:
    """(size, root) of a note that one of `publics` (32 bytes Ed25519 each) signed; None for any other text."""
    body, separator, line = note.partition(_SEPARATOR)
    name, _, encoded = line.strip().partition(" ")
    try:
        signature = base64.b64decode(encoded, validate=True)
        origin, size, root = body.rstrip("\n").split("\n")
        public = next((key for key in publics if _key_hash(key) == signature[:4]), None)
        if not separator or name != ORIGIN or origin != ORIGIN or public is None:
            return None
        # the last character of Base64 has bits that decoding ignores (RFC 4648 section 3.5)
        if base64.b64encode(signature).decode() != encoded:
            return None
        Ed25519PublicKey.from_public_bytes(public).verify(signature[4:], body.encode())
        return int(size), base64.b64decode(root, validate=True)
    except (ValueError, InvalidSignature):
        return None


def _key_hash(public: bytes) -> bytes:
    return sha256(ORIGIN.encode() + b"\n\x01" + public).digest()[:4]

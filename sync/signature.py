"""Standard Webhooks 1.0: messages signed with HMAC-SHA256 (`v1`) or Ed25519 (`v1a`), by several keys while they rotate.

Signed is `id.timestamp.body`; the headers are webhook-id, webhook-timestamp (Unix seconds) and webhook-signature
(space-separated `version,base64`). Keys are written `whsec_` (shared), `whsk_` (private) and `whpk_` (public).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sync.errors import KeyUnreadable, SignatureHeadersInvalid, SignatureMismatch, TimestampOutOfRange

TOLERANCE = timedelta(minutes=5)
# Anybody may present some, and each costs a reading of the body: enough for two keys of both versions.
_MOST_SIGNATURES = 4
_SECONDS = re.compile(r"[0-9]{1,11}")
# A full stop in the id would let one signature stand for two different (id, timestamp, body).
_MESSAGE_ID = re.compile(r"[!-\-/-~]{1,256}")


class SigningKey(Protocol):
    @property
    def version(self) -> str: ...

    def sign(self, content: bytes) -> bytes: ...


class VerifyingKey(Protocol):
    @property
    def version(self) -> str: ...

    def fits(self, content: bytes, signatures: Sequence[bytes]) -> bool: ...


@dataclass(frozen=True, slots=True, repr=False)
class SharedKey:
    """A secret of 24 to 64 bytes known to both sides; signs and verifies `v1`."""

    secret: bytes
    version: str = "v1"

    def sign(self, content: bytes) -> bytes:
        return hmac.new(self.secret, content, hashlib.sha256).digest()

    def fits(self, content: bytes, signatures: Sequence[bytes]) -> bool:
        """Whether one of the signatures is ours; the content is read once for all of them."""
        expected = self.sign(content) if signatures else b""
        return any(hmac.compare_digest(expected, signature) for signature in signatures)


@dataclass(frozen=True, slots=True, repr=False)
class PrivateKey:
    """The sender's half of an Ed25519 pair; signs `v1a`."""

    key: Ed25519PrivateKey
    version: str = "v1a"

    def sign(self, content: bytes) -> bytes:
        return self.key.sign(content)

    def public(self) -> PublicKey:
        return PublicKey(self.key.public_key())


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The receiver's half of an Ed25519 pair; verifies `v1a`."""

    key: Ed25519PublicKey
    version: str = "v1a"

    def fits(self, content: bytes, signatures: Sequence[bytes]) -> bool:
        """Whether one of the signatures was made with the private half."""
        return any(self._fits(content, signature) for signature in signatures)

    def _fits(self, content: bytes, signature: bytes) -> bool:
        try:
            self.key.verify(signature, content)
        except InvalidSignature:
            return False
        return True

    def to_text(self) -> str:
        return "whpk_" + base64.b64encode(self.key.public_bytes_raw()).decode()


@dataclass(frozen=True, slots=True)
class Verified:
    """Whose key signed the message, the message's id, and when it says it was signed (UTC)."""

    key_id: str
    message_id: str
    signed_at: datetime


def signing_key(text: str) -> SharedKey | PrivateKey:
    """Read `whsec_...` or `whsk_...`; raises `KeyUnreadable`, never repeating the key."""
    text = text.strip()
    if text.startswith("whsk_"):
        # The reference notation appends the public half to the seed: the first 32 bytes are the key.
        return PrivateKey(Ed25519PrivateKey.from_private_bytes(_key_bytes(text, (32, 64))[:32]))
    return SharedKey(_key_bytes(_expect(text, "whsec_"), range(24, 65)))


def verifying_key(text: str) -> SharedKey | PublicKey:
    """Read `whsec_...` or `whpk_...`; raises `KeyUnreadable`."""
    text = text.strip()
    if text.startswith("whpk_"):
        return PublicKey(Ed25519PublicKey.from_public_bytes(_key_bytes(text, (32,))))
    return SharedKey(_key_bytes(_expect(text, "whsec_"), range(24, 65)))


def sign(keys: Iterable[SigningKey], message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers for this body, signed at this aware time by every key given."""
    seconds = str(int(at.timestamp()))
    content = _content(message_id, seconds, body)
    signatures = [f"{key.version},{base64.b64encode(key.sign(content)).decode()}" for key in keys]
    return {"webhook-id": message_id, "webhook-timestamp": seconds, "webhook-signature": " ".join(signatures)}


def verify(keys: Mapping[str, VerifyingKey], headers: Mapping[str, str], body: bytes, at: datetime) -> Verified:
    """Check one message received at `at` against the sender's keys (key id -> key).

    Every key is tried, so the time taken does not tell which one fitted.
    Raises `SignatureHeadersInvalid`, `TimestampOutOfRange` or `SignatureMismatch` (all `SignatureRefused`).
    """
    named = {name.lower(): value for name, value in headers.items()}
    message_id = named.get("webhook-id", "")
    seconds = named.get("webhook-timestamp", "")
    if not (_MESSAGE_ID.fullmatch(message_id) and _SECONDS.fullmatch(seconds)):
        raise SignatureHeadersInvalid
    presented = _presented(named.get("webhook-signature", ""))
    signed_at = datetime.fromtimestamp(int(seconds), UTC)
    if abs(at - signed_at) > TOLERANCE:
        raise TimestampOutOfRange
    content = _content(message_id, seconds, body)
    fitting = [key_id for key_id, key in keys.items() if _any_fits(key, content, presented)]
    if not fitting:
        raise SignatureMismatch
    return Verified(fitting[0], message_id, signed_at)


def _any_fits(key: VerifyingKey, content: bytes, presented: list[tuple[str, bytes]]) -> bool:
    return key.fits(content, [signature for version, signature in presented if version == key.version])


def _presented(header: str) -> list[tuple[str, bytes]]:
    parts = [part.partition(",") for part in header.split(" ") if part]
    if not 0 < len(parts) <= _MOST_SIGNATURES:
        raise SignatureHeadersInvalid
    try:
        return [(version, base64.b64decode(text, validate=True)) for version, _, text in parts]
    except (binascii.Error, ValueError):
        raise SignatureHeadersInvalid from None


def _content(message_id: str, seconds: str, body: bytes) -> bytes:
    return f"{message_id}.{seconds}.".encode() + body


def _expect(text: str, prefix: str) -> str:
    if not text.startswith(prefix):
        raise KeyUnreadable(f"the key does not begin with {prefix}")
    return text


def _key_bytes(text: str, lengths: Iterable[int]) -> bytes:
    try:
        key = base64.b64decode(text.partition("_")[2], validate=True)
    except (binascii.Error, ValueError):
        raise KeyUnreadable("the key is not base64") from None
    if len(key) not in lengths:
        raise KeyUnreadable("the key has a wrong length")
    return key

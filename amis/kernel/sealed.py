"""Sealed columns: a key for each subject, wrapped by the key store; blind indexes for finding without reading.

Blob: version byte 1 || 12-byte random nonce || AES-256-GCM ciphertext and tag (NIST SP 800-38D), with
table|column|row as additional data, so that a ciphertext moved to another place does not open.
"""

import secrets
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from amis.kernel.keys import INDEX, SUBJECT, keystore

_VERSION = b"\x01"
_SHORTEST = 1 + 12 + 16


def new_subject_key(subject: UUID) -> tuple[bytes, bytes]:
    """A fresh 32-byte key for one subject, plain and as wrapped for the `subject_key` column."""
    key = secrets.token_bytes(32)
    return key, keystore().wrap(SUBJECT, key, _owner(subject))


def subject_key(subject: UUID, wrapped: bytes) -> bytes:
    """The plain key of a subject.

    Raises:
        cards.errors.CardsError: the blob belongs to another subject or was damaged.
    """
    return keystore().unwrap(SUBJECT, wrapped, _owner(subject))


def seal(key: bytes, table: str, column: str, row: object, text: str) -> bytes:
    """`text` encrypted for exactly this place."""
    return seal_bytes(key, table, column, row, text.encode())


def seal_bytes(key: bytes, table: str, column: str, row: object, content: bytes) -> bytes:
    """`content` encrypted for exactly this place."""
    nonce = secrets.token_bytes(12)
    return _VERSION + nonce + AESGCM(key).encrypt(nonce, content, _place(table, column, row))


def unseal(key: bytes, table: str, column: str, row: object, blob: bytes) -> str:
    """The text that `seal` put in this place.

    Raises:
        cryptography.exceptions.InvalidTag: another key, another place or damaged.
    """
    return unseal_bytes(key, table, column, row, blob).decode()


def unseal_bytes(key: bytes, table: str, column: str, row: object, blob: bytes) -> bytes:
    """The content that `seal_bytes` put in this place.

    Raises:
        cryptography.exceptions.InvalidTag: another key, another place or damaged.
    """
    if blob[:1] != _VERSION or len(blob) < _SHORTEST:
        raise InvalidTag
    return AESGCM(key).decrypt(blob[1:13], blob[13:], _place(table, column, row))


def blind_index(municipality_id: int, kind: str, text: str) -> bytes:
    """A 16-byte keyed digest by which an encrypted value is found within one municipality."""
    return keystore().mac(INDEX, f"{municipality_id}|{kind}|{text}".encode())[:16]


def _owner(subject: UUID) -> bytes:
    return b"subject|" + subject.bytes


def _place(table: str, column: str, row: object) -> bytes:
    return f"{table}|{column}|{row}".encode()

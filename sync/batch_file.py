"""A file to be sent as a batch: its bytes, what they are, and the names they are known by."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_PIECE = 64 * 1024


@dataclass(frozen=True, slots=True)
class BatchFile:
    """What is sent: the bytes or the file that holds them, and how they are to be read.

    `kind` is delta or snapshot; a snapshot says by `as_of` at which version the source stood when it was taken.
    """

    content: bytes | Path
    kind: str
    fmt: str
    as_of: int | None = None
    gzipped: bool = False

    def pieces(self) -> Iterator[bytes]:
        if isinstance(self.content, bytes):
            yield from (self.content[at : at + _PIECE] for at in range(0, len(self.content), _PIECE))
            return
        with self.content.open("rb") as file:
            while piece := file.read(_PIECE):
                yield piece

    @property
    def size(self) -> int:
        return len(self.content) if isinstance(self.content, bytes) else self.content.stat().st_size

    def sha256(self) -> bytes:
        digest = hashlib.sha256()
        for piece in self.pieces():
            digest.update(piece)
        return digest.digest()


def content_digest_of(sha256: bytes) -> str:
    """The header Content-Digest (RFC 9530) of bytes with this SHA-256."""
    return f"sha-256=:{base64.b64encode(sha256).decode()}:"


def key_of(batch: BatchFile, sha256: bytes) -> str:
    """A key that the same file, sent again to the same purpose, gets again."""
    return f"{batch.kind}-{batch.as_of or 0}-{sha256.hex()}"

"""What senders handed over, byte for byte, as sealed files: each under a key of its own, which the key store wraps.

A file is cut into frames of 64 KiB, each AES-256-GCM (NIST SP 800-38D) with the frame's number as nonce and the batch,
the number and whether it is the last one as additional data: no frame can be changed, moved, left out or cut off.
"""

import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from amis.intake.errors import DigestMismatch
from amis.kernel.keys import SUBJECT, keystore
from sync.errors import FileUnreadable

_FRAME = 64 * 1024
_TAG = 16


class FileDamaged(FileUnreadable):
    """The file that was kept cannot be opened any more."""

    code = "file.damaged"


@dataclass(frozen=True, slots=True, repr=False)
class Stored:
    """A sealed file that outlives a crash: its digest and size as it came, and its wrapped key."""

    id: UUID
    sha256: bytes
    size: int
    wrapped: bytes


class Incoming:
    """A file on its way in: written piece by piece, then finished or discarded."""

    def __init__(self, folder: Path, batch_id: UUID) -> None:
        _made(folder)
        self.batch_id = batch_id
        self._path = path_of(folder, batch_id)
        self._draft = self._path.with_suffix(".part")
        self._file = _new_file(self._draft)
        self._key = secrets.token_bytes(32)
        self._cipher = AESGCM(self._key)
        self._digest = sha256()
        self._size = self._frames = 0
        self._rest = b""

    def write(self, piece: bytes) -> None:
        """Takes the next bytes."""
        self._digest.update(piece)
        self._size += len(piece)
        waiting, at = memoryview(self._rest + piece), 0
        # one frame is always kept back: the last one has to say so
        while len(waiting) - at > _FRAME:
            self._seal(waiting[at : at + _FRAME], last=False)
            at += _FRAME
        self._rest = bytes(waiting[at:])

    def finish(self, expected: bytes | None = None) -> Stored:
        """Closes the file and forces it to disk under its name; `expected` is the SHA-256 that it has to have.

        Raises:
            DigestMismatch: nothing is kept.
        """
        if expected is not None and expected != self._digest.digest():
            self.discard()
            raise DigestMismatch
        self._seal(self._rest, last=True)
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._draft.rename(self._path)
        _force_folder(self._path.parent)
        wrapped = keystore().wrap(SUBJECT, self._key, _place(self.batch_id))
        return Stored(self.batch_id, self._digest.digest(), self._size, wrapped)

    def discard(self) -> None:
        """Takes back what was written, if it was not finished."""
        self._file.close()
        self._draft.unlink(missing_ok=True)

    def _seal(self, frame: bytes | memoryview, *, last: bool) -> None:
        nonce, about = _frame(self.batch_id, self._frames, last=last)
        self._file.write(self._cipher.encrypt(nonce, frame, about))
        self._frames += 1


def read_blocks(folder: Path, batch_id: UUID, wrapped: bytes) -> Iterator[bytes]:
    """The content of a stored file in blocks of 64 KiB.

    Raises:
        FileDamaged: at the first block that is not as it was written, or that is missing.
    """
    cipher = AESGCM(keystore().unwrap(SUBJECT, wrapped, _place(batch_id)))
    for number, (sealed, last) in enumerate(_sealed_frames(path_of(folder, batch_id))):
        try:
            yield cipher.decrypt(*_opening(batch_id, number, sealed, last=last))
        except InvalidTag:
            raise FileDamaged(f"block {number}") from None


def path_of(folder: Path, batch_id: UUID) -> Path:
    """Where the file of a batch lies."""
    return folder / f"{batch_id}.sealed"


def remove(folder: Path, batch_id: UUID) -> None:
    """Deletes the file of a batch; one that is gone already is no error."""
    path_of(folder, batch_id).unlink(missing_ok=True)


def _sealed_frames(path: Path) -> Iterator[tuple[bytes, bool]]:
    try:
        with path.open("rb") as file:
            yield from _with_last(file)
    except FileNotFoundError:
        raise FileDamaged("the file is gone") from None


def _with_last(file: BinaryIO) -> Iterator[tuple[bytes, bool]]:
    frame, last = file.read(_FRAME + _TAG), False
    # also a file of nothing has its last frame, so that an emptied one is not taken for it
    while not last:
        following = file.read(_FRAME + _TAG)
        last = not following
        yield frame, last
        frame = following


def _opening(batch_id: UUID, number: int, sealed: bytes, *, last: bool) -> tuple[bytes, bytes, bytes]:
    nonce, about = _frame(batch_id, number, last=last)
    return nonce, sealed, about


def _frame(batch_id: UUID, number: int, *, last: bool) -> tuple[bytes, bytes]:
    """The nonce of a frame and what is sealed beside it."""
    nonce = number.to_bytes(12)
    return nonce, _place(batch_id) + nonce + bytes([last])


def _place(batch_id: UUID) -> bytes:
    return b"batch|raw_key|" + batch_id.bytes


def _made(folder: Path) -> None:
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _force_folder(folder.parent)


def _new_file(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb")


def _force_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

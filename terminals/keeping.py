"""What a terminal keeps is sealed: AES-256-GCM (NIST SP 800-38D) under two keys in its folder.

`store.key` seals the bundle and the texts of what was shown; destroying it wipes the terminal. `records.key` seals the
lines that are still to be uploaded, as lost lines cost public money: they outlive a wipe.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cards.errors import KeyFileDamaged, WrongSecret
from cards.keys import Passphrase
from cards.keys.atomic import replace_file
from cards.keys.lock import lock_of, new_lock
from terminals.errors import HomeTaken, StoreDamaged, StoreLocked

STORE_KEY, RECORDS_KEY = "store.key", "records.key"
_NONCE, _KEY = 12, 32


class Seal:
    """One key. What it seals opens only under the name that it was sealed for."""

    def __init__(self, key: bytes) -> None:
        """`key` has 32 bytes."""
        self._cipher = AESGCM(key)

    def close(self, content: bytes, name: str) -> bytes:
        """The content, encrypted."""
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._cipher.encrypt(nonce, content, name.encode())

    def open(self, sealed: bytes, name: str) -> bytes:
        """The content again.

        Raises:
            StoreDamaged: a byte was changed, or another key or name sealed it.
        """
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], name.encode())
        except (InvalidTag, ValueError):
            raise StoreDamaged(name) from None


@dataclass(frozen=True, slots=True)
class Seals:
    """The two keys of a terminal: for what a wipe destroys, and for lines that outlive it."""

    store: Seal
    records: Seal


def seals_in(home: Path, passphrase: str = "") -> Seals:
    """The keys in that folder, made at the first call; with a passphrase they are wrapped under it (Argon2id).

    Raises:
        StoreLocked: they were wrapped under another passphrase, or under one at all.
        StoreDamaged
    """
    home.mkdir(parents=True, exist_ok=True)
    return Seals(_seal(home / STORE_KEY, passphrase), _seal(home / RECORDS_KEY, passphrase))


def destroy_store_key(home: Path) -> None:
    """Overwrites and removes the key of the bundle and the texts; what it sealed stays unreadable for good."""
    path = home / STORE_KEY
    if path.exists():
        with path.open("r+b") as file:
            file.write(bytes(path.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()


def _seal(path: Path, passphrase: str) -> Seal:
    if not path.exists():
        key = secrets.token_bytes(_KEY)
        replace_file(path, new_lock(Passphrase(passphrase)).close(key) if passphrase else key)
    content = path.read_bytes()
    if len(content) != _KEY:
        content = _unwrapped(content, path, passphrase)
    elif passphrase:
        raise StoreLocked(f"{path.name} was made without one")
    return Seal(content)


def _unwrapped(content: bytes, path: Path, passphrase: str) -> bytes:
    try:
        return lock_of(content, Passphrase(passphrase)).open(content)
    except WrongSecret:
        raise StoreLocked(path.name) from None
    except KeyFileDamaged:
        raise StoreDamaged(path.name) from None


class SealedFolder:
    """Named contents in a folder, each in a sealed file that is replaced whole or not at all."""

    def __init__(self, folder: Path, seal: Seal) -> None:
        """The folder is made when something is written."""
        self._folder = folder
        self._seal = seal

    def names(self) -> list[str]:
        """What there is, sorted."""
        return sorted(path.name for path in self._folder.glob("[!.]*")) if self._folder.is_dir() else []

    def read(self, name: str) -> bytes | None:
        """A content; None where there is none, or one that is damaged."""
        try:
            return self._seal.open((self._folder / name).read_bytes(), name)
        except (FileNotFoundError, StoreDamaged):
            return None

    def write(self, name: str, content: bytes) -> None:
        """Keeps a content, durably. Raises OSError when the disk is full; what was there before stays."""
        self._folder.mkdir(parents=True, exist_ok=True)
        replace_file(self._folder / name, self._seal.close(content, name))

    def remove(self, name: str) -> None:
        """Forgets a content."""
        (self._folder / name).unlink(missing_ok=True)


@contextmanager
def sole_user(home: Path) -> Iterator[None]:
    """Keeps other programs out of a terminal's folder: what it remembers of holders is in one process.

    Raises:
        HomeTaken
    """
    home.mkdir(parents=True, exist_ok=True)
    with (home / "in-use").open("w") as file:
        try:
            flock(file, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            raise HomeTaken(str(home)) from None
        yield

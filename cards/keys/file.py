"""The default key store: one encrypted file, opened once, its keys held in memory."""

import hmac
import secrets
from collections.abc import Collection, Iterable
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cards import cose
from cards.errors import KeyExists, KeyFileExists, NoSuchKey, UnwrapFailed, WrongKeyUse
from cards.keys.atomic import exclusive, read_file, replace_file
from cards.keys.diversify import check_value, diversify
from cards.keys.lock import Lock, Secret, lock_of, new_lock
from cards.keys.ring import (
    Algorithm,
    Key,
    KeyState,
    Public,
    activated,
    algorithm_of,
    demoted,
    dump,
    load,
    new_key,
    retired,
)
from cards.keys.shelf import Shelf
from cards.keys.wrapping import NONCE, Wrapping

LENT = frozenset({"card/1", "card/2"})
"""The masters that a terminal may hold: those of the slots by which it reads and by which it debits."""


class EncryptedFileKeyStore:
    """A KeyStore in one file; changes by other processes are seen after `reload`, and never overwritten."""

    def __init__(self, path: Path, lock: Lock, keys: Iterable[Key]) -> None:
        self._path, self._lock, self._shelf = path, lock, Shelf(keys)

    @classmethod
    def create(cls, path: Path, secret: Secret) -> "EncryptedFileKeyStore":
        """A new, empty store; KeyFileExists rather than overwrite one."""
        with exclusive(path):
            if path.exists():
                raise KeyFileExists(str(path))
            store = cls(path, new_lock(secret), [])
            store._save()
        return store

    @classmethod
    def open(cls, path: Path, secret: Secret) -> "EncryptedFileKeyStore":
        """The store at `path`; KeyFileMissing, KeyFileDamaged or WrongSecret."""
        file = read_file(path)
        lock = lock_of(file, secret)
        return cls(path, lock, load(lock.open(file)))

    def reload(self) -> None:
        """Take up what another process changed."""
        self._shelf = Shelf(load(self._lock.open(read_file(self._path))))

    def relock(self, secret: Secret) -> None:
        """Put the file under another passphrase or raw key."""
        with exclusive(self._path):
            self.reload()
            self._lock = new_lock(secret)
            self._save()

    def lend(self, names: Collection[str], path: Path, secret: Secret) -> "EncryptedFileKeyStore":
        """A store at `path` with copies of some masters of cards, for a terminal: those by which it reads and debits.

        Raises:
            WrongKeyUse: any other key, which never leaves the store.
            NoSuchKey, KeyFileExists
        """
        keys = self.copies(names)
        lent = self.create(path, secret)
        lent._put(*keys)
        return lent

    def copies(self, names: Collection[str]) -> list[Key]:
        """All versions of some masters of cards, to be handed to a terminal; raises as `lend`."""
        if not set(names) <= LENT:
            raise WrongKeyUse(f"{', '.join(sorted(set(names) - LENT))} never leaves the store")
        return [key for name in names for key in self._shelf.all(name)]

    def _save(self) -> None:
        replace_file(self._path, self._lock.close(dump(self._shelf.everything())))

    def _put(self, *keys: Key) -> None:
        self._shelf = self._shelf.with_these(*keys)
        self._save()

    def names(self) -> list[str]:
        return self._shelf.names()

    def add(self, name: str) -> None:
        algorithm_of(name)
        with exclusive(self._path):
            self.reload()
            if name in self.names():
                raise KeyExists(name)
            self._put(new_key(name, 1, KeyState.ACTIVE))

    def prepare(self, name: str) -> int:
        with exclusive(self._path):
            self.reload()
            waiting = self._shelf.waiting(name)
            if waiting is None:
                waiting = new_key(name, self._shelf.next_version(name), KeyState.PRE_PUBLISHED)
                self._put(waiting)
        return waiting.version

    def rotate(self, name: str) -> int:
        with exclusive(self._path):
            self.reload()
            old, waiting = self._shelf.active(name), self._shelf.waiting(name)
            version = self._shelf.next_version(name) if waiting is None else waiting.version
            fresh = new_key(name, version, KeyState.ACTIVE) if waiting is None else activated(waiting)
            self._put(demoted(old), fresh)
        return version

    def retire(self, name: str, version: int) -> None:
        with exclusive(self._path):
            self.reload()
            key = self._version(name, version)
            if key.state is not KeyState.VERIFY_ONLY:
                raise WrongKeyUse(f"{name} version {version} is {key.state}")
            self._put(retired(key))

    def sign(self, name: str, data: bytes, version: int | None = None) -> bytes:
        key = self._shelf.active(name)
        if version not in (None, key.version):
            raise WrongKeyUse(f"{name} version {version} no longer signs")
        return cose.sign(key.private, data)

    def public(self, name: str, version: int | None = None) -> Public:
        return (self._shelf.active(name) if version is None else self._version(name, version)).public

    def publics(self, name: str) -> list[Public]:
        return self._shelf.publics(name)

    def versions(self, name: str) -> list[int]:
        return list(self.states(name))

    def states(self, name: str) -> dict[int, KeyState]:
        return self._shelf.states(name)

    def mac(self, name: str, data: bytes, version: int | None = None) -> bytes:
        key = self._shelf.active(name) if version is None else self._version(name, version)
        return hmac.digest(_secret(key, Algorithm.HMAC_SHA256), data, "sha256")

    def wrap(self, name: str, plaintext: bytes, aad: bytes) -> bytes:
        key = self._shelf.active(name)
        secret, nonce = _secret(key, Algorithm.AES_256_GCM), secrets.token_bytes(NONCE)
        bound = Wrapping(key.version, nonce).bound(name, aad)
        return Wrapping(key.version, nonce, AESGCM(secret).encrypt(nonce, plaintext, bound)).blob

    def unwrap(self, name: str, blob: bytes, aad: bytes) -> bytes:
        _secret(self._shelf.active(name), Algorithm.AES_256_GCM)
        wrapping = Wrapping.read(blob)
        key = self._found(name, wrapping.version)
        if key is None or key.secret is None:
            raise UnwrapFailed("a key that is gone")
        try:
            return AESGCM(key.secret).decrypt(wrapping.nonce, wrapping.box, wrapping.bound(name, aad))
        except InvalidTag:
            raise UnwrapFailed from None

    def derive_card_key(self, name: str, uid: bytes, aid: bytes, slot: int, version: int, system: bytes) -> bytes:
        master = _secret(self._version(name, version), Algorithm.AN10922)
        return diversify(master, uid, aid, slot, version, system)

    def check_value(self, name: str, version: int) -> str:
        return check_value(_secret(self._version(name, version), Algorithm.AN10922))

    def _version(self, name: str, version: int) -> Key:
        key = self._found(name, version)
        if key is None:
            raise NoSuchKey(f"{name} version {version}")
        return key

    def _found(self, name: str, version: int) -> Key | None:
        if self._shelf.find(name, version) is None:
            # another process may have turned the key over since
            self.reload()
        return self._shelf.find(name, version)


def _secret(key: Key, algorithm: Algorithm) -> bytes:
    if key.secret is None or key.algorithm is not algorithm:
        raise WrongKeyUse(f"{key.name} version {key.version} is {key.state}, for {key.algorithm}")
    return key.secret

"""The default key store: one encrypted file, opened once, its keys held in memory."""

import hmac
import secrets
from collections.abc import Iterable
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cards import cose
from cards.errors import KeyExists, KeyFileExists, NoSuchKey, UnwrapFailed, WrongKeyUse
from cards.keys.atomic import exclusive, read_file, replace_file
from cards.keys.diversify import diversify
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

_WRAPPED = b"\x01"  # AES-256-GCM under the key of the version that follows
_NONCE, _TAG = 12, 16
_HEAD = 3


class EncryptedFileKeyStore:
    """A KeyStore in one file; changes by other processes are seen after `reload`, and never overwritten."""

    def __init__(self, path: Path, lock: Lock, keys: list[Key]) -> None:
        self._path, self._lock = path, lock
        self._take(keys)

    def _take(self, keys: Iterable[Key]) -> None:
        self._keys = {(key.name, key.version): key for key in keys}
        self._current = {key.name: key for key in self._keys.values() if key.state is KeyState.ACTIVE}

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
        self._take(load(self._lock.open(read_file(self._path))))

    def relock(self, secret: Secret) -> None:
        """Put the file under another passphrase or raw key."""
        with exclusive(self._path):
            self.reload()
            self._lock = new_lock(secret)
            self._save()

    def _save(self) -> None:
        replace_file(self._path, self._lock.close(dump([self._keys[place] for place in sorted(self._keys)])))

    def _put(self, *keys: Key) -> None:
        self._take((self._keys | {(key.name, key.version): key for key in keys}).values())
        self._save()

    def names(self) -> list[str]:
        return sorted(self._current)

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
            waiting = self._waiting(name)
            if waiting is None:
                waiting = new_key(name, self._all(name)[-1].version + 1, KeyState.PRE_PUBLISHED)
                self._put(waiting)
        return waiting.version

    def rotate(self, name: str) -> int:
        with exclusive(self._path):
            self.reload()
            old, waiting = self._active(name), self._waiting(name)
            version = self._all(name)[-1].version + 1 if waiting is None else waiting.version
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
        key = self._active(name)
        if version not in (None, key.version):
            raise WrongKeyUse(f"{name} version {version} no longer signs")
        return cose.sign(key.private, data)

    def public(self, name: str, version: int | None = None) -> Public:
        return (self._active(name) if version is None else self._version(name, version)).public

    def publics(self, name: str) -> list[Public]:
        return [key.public for key in self._all(name) if key.state is not KeyState.RETIRED]

    def versions(self, name: str) -> list[int]:
        return [key.version for key in self._all(name) if key.state is not KeyState.RETIRED]

    def mac(self, name: str, data: bytes, version: int | None = None) -> bytes:
        key = self._active(name) if version is None else self._version(name, version)
        return hmac.digest(_secret(key, Algorithm.HMAC_SHA256), data, "sha256")

    def wrap(self, name: str, plaintext: bytes, aad: bytes) -> bytes:
        key = self._active(name)
        secret = _secret(key, Algorithm.AES_256_GCM)
        head, nonce = _WRAPPED + key.version.to_bytes(2), secrets.token_bytes(_NONCE)
        return head + nonce + AESGCM(secret).encrypt(nonce, plaintext, _bound(head, name, aad))

    def unwrap(self, name: str, blob: bytes, aad: bytes) -> bytes:
        _secret(self._active(name), Algorithm.AES_256_GCM)
        head, nonce, box = blob[:_HEAD], blob[_HEAD : _HEAD + _NONCE], blob[_HEAD + _NONCE :]
        key = self._keys.get((name, int.from_bytes(head[1:])))
        if head[:1] != _WRAPPED or len(box) < _TAG or key is None or key.secret is None:
            raise UnwrapFailed("form, or a key that is gone")
        try:
            return AESGCM(key.secret).decrypt(nonce, box, _bound(head, name, aad))
        except InvalidTag:
            raise UnwrapFailed from None

    def derive_card_key(self, name: str, uid: bytes, aid: bytes, slot: int, version: int, system: bytes) -> bytes:
        master = _secret(self._version(name, version), Algorithm.AN10922)
        return diversify(master, uid, aid, slot, version, system)

    def _all(self, name: str) -> list[Key]:
        keys = [self._keys[place] for place in sorted(self._keys) if place[0] == name]
        if not keys:
            raise NoSuchKey(name)
        return keys

    def _version(self, name: str, version: int) -> Key:
        key = self._keys.get((name, version))
        if key is None:
            raise NoSuchKey(f"{name} version {version}")
        return key

    def _active(self, name: str) -> Key:
        key = self._current.get(name)
        if key is None:
            raise NoSuchKey(name)
        return key

    def _waiting(self, name: str) -> Key | None:
        return next((key for key in self._all(name) if key.state is KeyState.PRE_PUBLISHED), None)


def _secret(key: Key, algorithm: Algorithm) -> bytes:
    if key.secret is None or key.algorithm is not algorithm:
        raise WrongKeyUse(f"{key.name} version {key.version} is {key.state}, for {key.algorithm}")
    return key.secret


def _bound(head: bytes, name: str, aad: bytes) -> bytes:
    """What a wrapping is bound to: its own head, its key's name, and the caller's place."""
    return head + bytes((len(name),)) + name.encode() + aad

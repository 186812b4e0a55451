"""The lock of a key file: a passphrase through Argon2id (RFC 9106), or 32 raw bytes that a machine holds."""

import os
import secrets
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from cards import cbor
from cards.errors import KeyFileDamaged, KeyFileMissing, Malformed, WrongSecret

_MAGIC = b"AMIS-KEYS\x01"
_ARGON2ID, _RAW = 1, 2
_NONCE = 12
# what a header may demand of us before it has been authenticated
_MOST_MEMORY, _MOST_ITERATIONS, _MOST_LANES = 1 << 21, 64, 16


@dataclass(frozen=True, slots=True)
class Argon2Cost:
    """Argon2id's work: passes, memory in KiB, lanes. The default is RFC 9106's second recommendation."""

    iterations: int = 3
    memory: int = 65_536
    lanes: int = 4


@dataclass(frozen=True, slots=True)
class Passphrase:
    """A secret that a person types."""

    text: str = field(repr=False)
    cost: Argon2Cost = Argon2Cost()


@dataclass(frozen=True, slots=True)
class RawKey:
    """A secret of 32 random bytes."""

    key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.key) != 32:
            raise WrongSecret("a raw key has 32 bytes")

    @classmethod
    def read(cls, path: Path) -> "RawKey":
        """From a file of exactly 32 bytes; KeyFileMissing when it cannot be read."""
        try:
            return cls(path.read_bytes())
        except OSError as problem:
            raise KeyFileMissing(f"{path}: {problem.strerror}") from None

    @classmethod
    def credential(cls, name: str) -> "RawKey":
        """From a systemd credential (LoadCredential= or LoadCredentialEncrypted=)."""
        directory = os.environ.get("CREDENTIALS_DIRECTORY")
        if not directory:
            raise KeyFileMissing("no systemd credentials here")
        return cls.read(Path(directory) / name)


Secret = Passphrase | RawKey


@dataclass(frozen=True, slots=True)
class Lock:
    """An opened lock: the header as it stands in the file, and the key that it gave."""

    header: bytes
    key: bytes = field(repr=False)

    def close(self, content: bytes) -> bytes:
        """The whole file around `content`."""
        nonce = secrets.token_bytes(_NONCE)
        return self.header + nonce + AESGCM(self.key).encrypt(nonce, content, self.header)

    def open(self, file: bytes) -> bytes:
        """The content of a file of ours; WrongSecret for another key or any changed byte."""
        header, box = split(file)
        try:
            return AESGCM(self.key).decrypt(box[:_NONCE], box[_NONCE:], header)
        except InvalidTag:
            raise WrongSecret from None


def new_lock(secret: Secret) -> Lock:
    """A lock for a new file."""
    if isinstance(secret, RawKey):
        return Lock(_header([_RAW]), secret.key)
    cost, salt = secret.cost, secrets.token_bytes(16)
    header = _header([_ARGON2ID, cost.iterations, cost.memory, cost.lanes, salt])
    return Lock(header, _stretch(secret.text, cost, salt))


def lock_of(file: bytes, secret: Secret) -> Lock:
    """The lock of an existing file, opened with `secret`; WrongSecret for the other kind of secret."""
    header, _ = split(file)
    match _parameters(header), secret:
        case [int(kind)], RawKey(key) if kind == _RAW:
            return Lock(header, key)
        case [int(kind), int(passes), int(memory), int(lanes), bytes(salt)], Passphrase(text) if kind == _ARGON2ID:
            return Lock(header, _stretch(text, _affordable(passes, memory, lanes), salt))
    raise WrongSecret("this file opens with another kind of secret")


def split(file: bytes) -> tuple[bytes, bytes]:
    """The header and the encrypted rest; KeyFileDamaged when too short or not ours."""
    start = len(_MAGIC) + 1
    size = file[start - 1] if len(file) >= start else 0
    if not file.startswith(_MAGIC) or len(file) < start + size + _NONCE + 16:
        raise KeyFileDamaged
    return file[: start + size], file[start + size :]


def _header(parameters: list[cbor.Value]) -> bytes:
    encoded = cbor.encode(parameters)
    return _MAGIC + bytes((len(encoded),)) + encoded


def _parameters(header: bytes) -> cbor.Value:
    try:
        return cbor.decode(header[len(_MAGIC) + 1 :])
    except Malformed as refused:
        raise KeyFileDamaged(refused.detail) from None


def _affordable(iterations: int, memory: int, lanes: int) -> Argon2Cost:
    if not (1 <= iterations <= _MOST_ITERATIONS and 1 <= lanes <= _MOST_LANES and 8 * lanes <= memory <= _MOST_MEMORY):
        raise KeyFileDamaged("Argon2id parameters")
    return Argon2Cost(iterations, memory, lanes)


def _stretch(text: str, cost: Argon2Cost, salt: bytes) -> bytes:
    if len(salt) != 16:
        raise KeyFileDamaged("salt")
    kdf = Argon2id(salt=salt, length=32, iterations=cost.iterations, lanes=cost.lanes, memory_cost=cost.memory)
    return kdf.derive(unicodedata.normalize("NFKC", text).encode())

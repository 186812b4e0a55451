"""The ring: every key by name, every version of it, its state, and how it looks on disk."""

import re
import secrets
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache, cached_property
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cards import cbor, cose
from cards.errors import KeyFileDamaged, NoSuchKey, WrongKeyUse

_NAME = re.compile(r"[a-z]{1,16}(/[A-Za-z0-9-]{1,40})?")
_NEWEST, _NEWEST_OF_CARDS = (1 << 16) - 1, (1 << 8) - 1


class Algorithm(StrEnum):
    """What a key is for; the number of secret bytes follows from it."""

    ES256 = "es256"
    ED25519 = "ed25519"
    HMAC_SHA256 = "hmac-sha256"
    AES_256_GCM = "aes-256-gcm"
    AN10922 = "an10922"


USES = {
    "issuer": Algorithm.ES256,
    "status": Algorithm.ES256,
    "audit": Algorithm.ED25519,
    "root": Algorithm.ES256,
    "manifest": Algorithm.ES256,
    "mac": Algorithm.HMAC_SHA256,
    "wrap": Algorithm.AES_256_GCM,
    "card": Algorithm.AN10922,
}
_SECRET_SIZE = {algorithm: 16 if algorithm is Algorithm.AN10922 else 32 for algorithm in Algorithm}
SIGNING = {Algorithm.ES256: cose.ESP256, Algorithm.ED25519: cose.ED25519}


class KeyState(StrEnum):
    """Where a version of a key stands; only an active one makes new signatures, tags and wrappings."""

    PRE_PUBLISHED = "pre-published"
    ACTIVE = "active"
    VERIFY_ONLY = "verify-only"
    RETIRED = "retired"


class Public(NamedTuple):
    """The public half of one version of a signing key: `der` is its SubjectPublicKeyInfo."""

    name: str
    version: int
    state: KeyState
    algorithm: int
    kid: bytes
    der: bytes


@dataclass(frozen=True)
class Key:
    """One version of one key; `secret` is gone where the state no longer needs it."""

    name: str
    version: int
    state: KeyState
    secret: bytes | None
    der: bytes | None

    @property
    def algorithm(self) -> Algorithm:
        return algorithm_of(self.name)

    @cached_property
    def private(self) -> cose.PrivateKey:
        """The loaded signing key; WrongKeyUse where there is none."""
        if self.secret is None or self.algorithm not in SIGNING:
            raise WrongKeyUse(f"{self.name} version {self.version} does not sign")
        return _private(self.algorithm, self.secret)

    @cached_property
    def public(self) -> Public:
        """The public half; WrongKeyUse for a secret-only kind."""
        if self.der is None:
            raise WrongKeyUse(f"{self.name} has no public half")
        kid = cose.key_id(cose.load_public(self.der))
        return Public(self.name, self.version, self.state, SIGNING[self.algorithm], kid, self.der)


@cache
def algorithm_of(name: str) -> Algorithm:
    """The algorithm that a key's name stands for (the part before the slash); NoSuchKey for any other name."""
    use = name.partition("/")[0]
    if not _NAME.fullmatch(name) or use not in USES:
        raise NoSuchKey(f"{name!r} names no use of keys")
    return USES[use]


def check_version(name: str, version: int) -> None:
    """WrongKeyUse for a version that its place on the wire or on a chip cannot hold."""
    if version > (_NEWEST_OF_CARDS if algorithm_of(name) is Algorithm.AN10922 else _NEWEST):
        raise WrongKeyUse(f"{name} has no versions left")


def _private(algorithm: Algorithm, secret: bytes) -> cose.PrivateKey:
    if algorithm is Algorithm.ED25519:
        return ed25519.Ed25519PrivateKey.from_private_bytes(secret)
    return ec.derive_private_key(int.from_bytes(secret), ec.SECP256R1())


def new_key(name: str, version: int, state: KeyState) -> Key:
    """A fresh random key of the kind that its name says."""
    algorithm = algorithm_of(name)
    check_version(name, version)
    if algorithm is Algorithm.ES256:
        secret = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value.to_bytes(32)
    else:
        secret = secrets.token_bytes(_SECRET_SIZE[algorithm])
    der = public_der(_private(algorithm, secret).public_key()) if algorithm in SIGNING else None
    return Key(name, version, state, secret, der)


def public_der(key: cose.PublicKey) -> bytes:
    """The SubjectPublicKeyInfo (RFC 5280 section 4.1) of a public key."""
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def activated(key: Key) -> Key:
    """A pre-published key from now on."""
    return replace(key, state=KeyState.ACTIVE)


def demoted(key: Key) -> Key:
    """The key that was active until now: signing keys lose their private half, others keep what old data needs."""
    return replace(key, state=KeyState.VERIFY_ONLY, secret=None if key.algorithm in SIGNING else key.secret)


def retired(key: Key) -> Key:
    """The key after its end: nothing secret left."""
    return replace(key, state=KeyState.RETIRED, secret=None)


def dump(keys: list[Key]) -> bytes:
    """The ring as bytes (to be encrypted)."""
    return cbor.encode([[key.name, key.version, key.state.value, key.secret, key.der] for key in keys])


def load(data: bytes) -> list[Key]:
    """The ring that `dump` wrote; KeyFileDamaged for anything else."""
    rows = cbor.decode(data)
    if not isinstance(rows, list):
        raise KeyFileDamaged("ring")
    return [_key(row) for row in rows]


def _key(row: cbor.Value) -> Key:
    match row:
        case [str(name), int(version), str(state), bytes() | None as secret, bytes() | None as der]:
            return Key(name, version, KeyState(state), secret, der)
    raise KeyFileDamaged("ring")

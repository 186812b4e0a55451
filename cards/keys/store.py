"""What every key store does, whatever keeps the keys: a file here, a hardware module elsewhere."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from cards.keys.ring import KeyState, Public


class KeyStore(Protocol):
    """Named, versioned keys. The part of a name before the slash says what the key is for ("issuer/JLG", "wrap").

    Every method raises NoSuchKey for an unknown name or version and WrongKeyUse for a kind or state that cannot do it.
    """

    def reload(self) -> None:
        """Take up what another process changed; an unknown version is looked for anew without being asked."""
        ...

    def names(self) -> list[str]:
        """The names of all keys, sorted."""
        ...

    def add(self, name: str) -> None:
        """Make the first version of a new key, active at once; KeyExists when the name is taken."""
        ...

    def prepare(self, name: str) -> int:
        """Make the next version, pre-published: its public half is out before it signs. Returns the version."""
        ...

    def rotate(self, name: str) -> int:
        """Make the next version active (the pre-published one if there is one) and the old one verify-only."""
        ...

    def retire(self, name: str, version: int) -> None:
        """End a verify-only version: what only it can verify or open is lost."""
        ...

    def sign(self, name: str, data: bytes, version: int | None = None) -> bytes:
        """The raw 64-byte signature by the active version; `version` pins it, against a rotation in between."""
        ...

    def public(self, name: str, version: int | None = None) -> Public:
        """The public half of the active or the given version."""
        ...

    def publics(self, name: str) -> list[Public]:
        """The public halves that verifiers need: pre-published, active and verify-only, by version."""
        ...

    def mac(self, name: str, data: bytes, version: int | None = None) -> bytes:
        """HMAC-SHA256 (32 bytes); an older version finds what was indexed before a rotation."""
        ...

    def versions(self, name: str) -> list[int]:
        """The versions that still work, newest last."""
        ...

    def states(self, name: str) -> Mapping[int, KeyState]:
        """Where each version that still works stands, newest last."""
        ...

    def wrap(self, name: str, plaintext: bytes, aad: bytes) -> bytes:
        """AES-256-GCM; `aad` binds the result to its place (table, column, row). The blob names its key's version."""
        ...

    def unwrap(self, name: str, blob: bytes, aad: bytes) -> bytes:
        """What `wrap` took, under whichever version wrapped it; UnwrapFailed for another name, place or any change."""
        ...

    def derive_card_key(self, name: str, uid: bytes, aid: bytes, slot: int, version: int, system: bytes) -> bytes:
        """One chip's key from the master `name` (AN10922); `version` is the key-set version, that of the master."""
        ...

    def check_value(self, name: str, version: int) -> str:
        """Six hex digits by which people compare a master in two places: the first three bytes of its AES-CMAC over
        sixteen zero bytes (ANSI X9.24-1, annex A)."""
        ...


class KeySigner(NamedTuple):
    """One version of a signing key in a store, for minting."""

    store: KeyStore
    key: Public

    @classmethod
    def of(cls, store: KeyStore, name: str) -> "KeySigner":
        """The active version of `name`."""
        return cls(store, store.public(name))

    @property
    def kid(self) -> bytes:
        return self.key.kid

    @property
    def algorithm(self) -> int:
        return self.key.algorithm

    def sign(self, data: bytes) -> bytes:
        """The raw signature, never by another version than `kid` names."""
        return self.store.sign(self.key.name, data, self.key.version)

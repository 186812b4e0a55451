"""Keys of chips: seven masters that turn over together (a key set), and the keys of one chip under them (AN10922)."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Protocol

from cards.errors import NoSuchKey, WrongKeyUse
from cards.keys.ring import KeyState
from cards.keys.store import KeyStore

PICC = 0xFF
"""The slot number of the key of the chip itself, beside the application's slots 0 to 5."""
MASTERS: Mapping[int, str] = MappingProxyType({PICC: "card/picc", **{slot: f"card/{slot}" for slot in range(6)}})
"""The name in the key store of each slot's master."""
NEWEST_KEYSET = 255
"""A chip keeps the version of a key in one byte."""


class Masters(Protocol):
    """As much of a key store as knows masters of cards."""

    def states(self, name: str) -> Mapping[int, KeyState]:
        """The key sets of which this master is there."""
        ...

    def derive_card_key(self, name: str, uid: bytes, aid: bytes, slot: int, version: int, system: bytes) -> bytes:
        """One chip's key from the master `name` (AN10922)."""
        ...


CardKeys = Callable[[int, int], bytes]
"""The 16-byte key of one chip by slot (0 to 5, or PICC) and key-set version (1 to 255)."""


def system_of(issuer: int) -> bytes:
    """The 8 bytes that part the keys of one municipality's chips from another's: `issuer` as in the card's header."""
    return b"AMIS" + issuer.to_bytes(4)


def chip_keys(store: Masters, issuer: int, uid: bytes, aid: bytes) -> CardKeys:
    """The keys of the chip `uid` (7 bytes) of a municipality, for the application `aid` (3 bytes, wire order).

    Asking raises NoSuchKey for a slot or a key set that this store does not hold, WrongKeyUse for a retired one.
    """
    system = system_of(issuer)

    def key(slot: int, version: int) -> bytes:
        if slot not in MASTERS:
            raise NoSuchKey(f"slot {slot}")
        return store.derive_card_key(MASTERS[slot], uid, aid, slot, version, system)

    return key


def keyset(store: KeyStore) -> int:
    """The key-set version that new cards get; all seven masters have it, also while a rotation was interrupted."""
    return min(_active(store, name) for name in MASTERS.values())


def rotate_keyset(store: KeyStore) -> int:
    """Turns over all seven masters and returns the new key-set version.

    After an interruption the next call brings the masters that stayed behind to the version of the others.
    Raises WrongKeyUse when the versions are used up.
    """
    active = {name: _active(store, name) for name in MASTERS.values()}
    newest = max(active.values())
    target = newest + 1 if newest == min(active.values()) else newest
    if target > NEWEST_KEYSET:
        raise WrongKeyUse("no key-set versions left")
    for name, version in active.items():
        if version < target:
            store.rotate(name)
    return target


def retire_keyset(store: KeyStore, version: int) -> None:
    """Ends a key set that no card carries any more; WrongKeyUse for the present one. May be repeated."""
    if version >= keyset(store):
        raise WrongKeyUse(f"key set {version} is in use")
    for name in MASTERS.values():
        if version in store.states(name):
            store.retire(name, version)


def check_values(store: KeyStore, version: int) -> dict[str, str]:
    """The check value of each master of a key set by name, to be compared aloud when masters are loaded elsewhere."""
    return {name: store.check_value(name, version) for name in MASTERS.values()}


def _active(store: KeyStore, name: str) -> int:
    return next(version for version, state in store.states(name).items() if state is KeyState.ACTIVE)

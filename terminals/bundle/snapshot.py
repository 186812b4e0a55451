"""The card snapshot: what a card read by its UID alone may do, ten bytes a card.

b"AMISCS1\\0" || key (16) || count (u32) || count x (HMAC-SHA256(key, UID)[:8] || profile (u16)) || profiles as JSON

Numbers are big endian; the entries are sorted by their MAC, none twice. The key keeps the UIDs from whoever finds the
snapshot alone. Profile 0 is a dead card, 65535 one that must be asked for online; the others are in the dictionary.
"""

import hmac
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from operator import lt

from rules.errors import RulesError
from rules.period import Days
from rules.shape import Json, each, inside, record, text, whole, words
from rules.terms import days
from terminals.bundle.canonical import canonical, read_canonical
from terminals.bundle.errors import ObjectUnreadable

DEAD, ASK_ONLINE = 0, 0xFFFF
MOST_PROFILE = 0xFFFF
MAC_SIZE, KEY_SIZE = 8, 16
_MAGIC = b"AMISCS1\0"
_ENTRY = MAC_SIZE + 2
_HEAD = len(_MAGIC) + KEY_SIZE + 4


@dataclass(frozen=True, slots=True)
class ProfileRight:
    """A right of a profile: public tariff code, days, the modes chosen and the flags that lift a limit."""

    code: int
    periods: Days
    modes: frozenset[str] = frozenset()
    flags: frozenset[str] = frozenset()

    def to_json(self) -> Json:
        """{"c", "periods", "modes", "flags"}"""
        return {"c": self.code, "periods": str(self.periods), "modes": sorted(self.modes), "flags": sorted(self.flags)}

    @classmethod
    def from_json(cls, value: object, place: str = "") -> "ProfileRight":
        """What `to_json` writes. Raises Refused."""
        node = record(value, place, ("c", "periods", "modes", "flags"))
        return cls(
            whole(node["c"], inside(place, "c"), 0, 0xFFFF),
            days(node["periods"], inside(place, "periods")),
            words(node["modes"], inside(place, "modes")),
            words(node["flags"], inside(place, "flags")),
        )


@dataclass(frozen=True, slots=True)
class Profile:
    """What all cards of one municipality with the same rights have in common."""

    municipality: str
    rights: tuple[ProfileRight, ...]

    def to_json(self) -> Json:
        """{"m", "rights"}"""
        return {"m": self.municipality, "rights": [right.to_json() for right in self.rights]}

    @classmethod
    def from_json(cls, value: object, place: str = "") -> "Profile":
        """What `to_json` writes. Raises Refused."""
        node = record(value, place, ("m", "rights"))
        return cls(
            text(node["m"], inside(place, "m")),
            each(node["rights"], inside(place, "rights"), ProfileRight.from_json),
        )


class Snapshot:
    """The cards of one provider's bundle; never changed in place."""

    __slots__ = ("_dictionary", "_entries", "_key", "count", "profiles")

    def __init__(
        self, key: bytes, entries: bytes, profiles: Mapping[int, Profile], dictionary: bytes | None = None
    ) -> None:
        """From sorted entries; `build` and `decode` make one. `dictionary` is `profiles` as written, where known."""
        self._key, self._entries, self.profiles, self._dictionary = key, entries, profiles, dictionary
        self.count = len(entries) // _ENTRY

    @classmethod
    def build(cls, key: bytes, cards: Mapping[bytes, int], profiles: Mapping[int, Profile]) -> "Snapshot":
        """Of `cards` by UID (7 bytes), with a random `key` of 16 bytes.

        Two cards of one MAC, once among 10^7 snapshots of a million cards, are asked for online.
        """
        found: dict[bytes, int] = {}
        for uid, profile in cards.items():
            mac = card_mac(key, uid)
            found[mac] = profile if mac not in found else ASK_ONLINE
        entries = b"".join([mac + found[mac].to_bytes(2) for mac in sorted(found)])
        return cls(key, entries, dict(profiles))

    def profile(self, uid: bytes) -> int | None:
        """The profile of a card, None for one that is not in the snapshot."""
        mac = card_mac(self._key, uid)
        at = _ENTRY * self._position(mac)
        if self._entries[at : at + MAC_SIZE] != mac:
            return None
        return int.from_bytes(self._entries[at + MAC_SIZE : at + _ENTRY])

    @property
    def unknown(self) -> int:
        """How many of its cards must be asked for online."""
        high, low = self._entries[MAC_SIZE::_ENTRY], self._entries[MAC_SIZE + 1 :: _ENTRY]
        return sum(pair == (0xFF, 0xFF) for pair in zip(high, low, strict=True))

    def mac(self, uid: bytes) -> bytes:
        """The name of a card in this snapshot and in changes to it."""
        return card_mac(self._key, uid)

    def changed(self, changes: Iterable[tuple[bytes, int]]) -> "Snapshot":
        """With other profiles for some cards, given by their MAC, and with cards that it did not have."""
        pieces: list[bytes] = []
        done = 0
        for mac, profile in sorted(changes):
            at = _ENTRY * self._position(mac)
            pieces += (self._entries[done:at], mac + profile.to_bytes(2))
            done = at + _ENTRY if self._entries[at : at + MAC_SIZE] == mac else at
        return Snapshot(self._key, b"".join((*pieces, self._entries[done:])), self.profiles, self._dictionary)

    def _position(self, mac: bytes) -> int:
        entries = self._entries

        def mac_at(index: int) -> bytes:
            return entries[index * _ENTRY : index * _ENTRY + MAC_SIZE]

        return bisect_left(range(self.count), mac, key=mac_at)

    def encode(self) -> bytes:
        """The payload."""
        if self._dictionary is None:
            self._dictionary = _written(self.profiles)
        return b"".join((_MAGIC, self._key, self.count.to_bytes(4), self._entries, self._dictionary))

    @classmethod
    def decode(cls, payload: bytes) -> "Snapshot":
        """What `encode` writes. Raises ObjectUnreadable."""
        if payload[: len(_MAGIC)] != _MAGIC or len(payload) < _HEAD:
            raise ObjectUnreadable("no card snapshot")
        key, count = payload[len(_MAGIC) : _HEAD - 4], int.from_bytes(payload[_HEAD - 4 : _HEAD])
        end = _HEAD + count * _ENTRY
        if len(payload) < end:
            raise ObjectUnreadable("the snapshot ends early")
        entries = payload[_HEAD:end]
        _sorted(entries)
        return cls(key, entries, _profiles(payload[end:]), payload[end:])


def card_mac(key: bytes, uid: bytes) -> bytes:
    """How a snapshot names a card: the first eight bytes of HMAC-SHA256 of its UID (RFC 2104)."""
    return hmac.digest(key, uid, "sha256")[:MAC_SIZE]


def _sorted(entries: bytes) -> None:
    macs = [entries[at : at + MAC_SIZE] for at in range(0, len(entries), _ENTRY)]
    if not all(map(lt, macs, islice(macs, 1, None))):
        raise ObjectUnreadable("cards unsorted or repeated")


def _profiles(content: bytes) -> dict[int, Profile]:
    node = read_canonical(content)
    try:
        found = {int(number): Profile.from_json(value, inside("", number)) for number, value in node.items()}
    except (RulesError, ValueError) as refused:
        raise ObjectUnreadable(str(refused)) from None
    if any(not DEAD < number < ASK_ONLINE for number in found) or _written(found) != content:
        raise ObjectUnreadable("profiles are numbered from 1 to 65534, and have one form")
    return found


def _written(profiles: Mapping[int, Profile]) -> bytes:
    return canonical({str(number): profile.to_json() for number, profile in profiles.items()})

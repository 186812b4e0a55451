"""A delta: what changed between two states, small enough to be sent the moment it happens.

CBOR {1: iss, 6: iat, "from": n, "to": m, "status": [[list, [[index, status]...]]...], "cards": [[mac, profile]...],
"parts": [[kind, name, seq, size, sha256, href]...], "hash": digest of the state after it}
"""

from dataclasses import dataclass

from cards import cbor
from cards.statuslist import SIZE
from terminals.bundle.errors import ObjectUnreadable
from terminals.bundle.manifest import Part, read_parts
from terminals.bundle.reading import IAT, ISS, ascending, blob, each, number, record, row, text
from terminals.bundle.snapshot import MAC_SIZE, MOST_PROFILE

_MOST_LIST = (1 << 15) - 1
Change = tuple[int, int]
"""An index in a status list and its new status."""


@dataclass(frozen=True, slots=True)
class Delta:
    """Changes from one state to another: entries of status lists, cards by their MAC in the snapshot, whole parts.

    `hash` is the digest of the state after it (`terminals.bundle.manifest.state_hash`).
    """

    iss: str
    iat: int
    before: int
    after: int
    status: tuple[tuple[int, tuple[Change, ...]], ...]
    cards: tuple[tuple[bytes, int], ...]
    parts: tuple[Part, ...]
    hash: bytes

    def encode(self) -> bytes:
        """The payload, everything in its order."""
        status: list[cbor.Value] = [
            [name, [list(change) for change in sorted(changes)]] for name, changes in sorted(self.status)
        ]
        cards: list[cbor.Value] = [[mac, profile] for mac, profile in sorted(self.cards)]
        parts: list[cbor.Value] = [part.row() for part in sorted(self.parts, key=lambda part: part.order)]
        claims: dict[int | str, cbor.Value] = {ISS: self.iss, IAT: self.iat, "from": self.before, "to": self.after}
        return cbor.encode(claims | {"status": status, "cards": cards, "parts": parts, "hash": self.hash})

    @classmethod
    def decode(cls, payload: bytes) -> "Delta":
        """What `encode` writes. Raises ObjectUnreadable."""
        claims = record(payload, (ISS, IAT, "from", "to", "status", "cards", "parts", "hash"))
        found = cls(
            text(claims[ISS]),
            number(claims[IAT]),
            number(claims["from"]),
            number(claims["to"]),
            each(claims["status"], _list),
            each(claims["cards"], _card),
            read_parts(claims["parts"]),
            blob(claims["hash"], 32),
        )
        ascending(name for name, _ in found.status)
        ascending(mac for mac, _ in found.cards)
        if found.before >= found.after:
            raise ObjectUnreadable("a delta goes forward")
        whole = {part.key for part in found.parts}
        if any(("status", str(name)) in whole for name, _ in found.status) or (
            found.cards and _snapshot_in(found.parts)
        ):
            raise ObjectUnreadable("a part is sent whole or changed, not both")
        return found


def _snapshot_in(parts: tuple[Part, ...]) -> bool:
    return any(part.kind == "cards" for part in parts)


def _list(value: cbor.Value) -> tuple[int, tuple[Change, ...]]:
    name, changes = row(value, 2)
    found = each(changes, _change)
    ascending(index for index, _ in found)
    return number(name, _MOST_LIST), found


def _change(value: cbor.Value) -> Change:
    index, status = row(value, 2)
    return number(index, SIZE - 1), number(status, 3)


def _card(value: cbor.Value) -> tuple[bytes, int]:
    mac, profile = row(value, 2)
    return blob(mac, MAC_SIZE), number(profile, MOST_PROFILE)

"""The manifest: which parts make up the bundle of a provider now, each pinned by its digest.

CBOR {1: iss, 6: iat, 4: exp, "seq": n, "provider": code, "hash": digest of the state,
"parts": [[kind, name, seq, size, sha256, href]...]}
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

from cards import cbor
from terminals.bundle.errors import ObjectUnreadable
from terminals.bundle.reading import EXP, IAT, ISS, ascending, blob, each, number, record, row, text

PART_KINDS = ("trust", "policy", "status", "cards")
"""In the order in which a manifest names them."""
_MOST_PARTS = 40_000


class Part(NamedTuple):
    """One part: its kind and name, a number that counts its versions, and where its signed object is.

    `size` is that of the signed object, `sha256` the digest of its content: what it says once it is verified, and for a
    status list the packed bytes.
    """

    kind: str
    name: str
    seq: int
    size: int
    sha256: bytes
    href: str

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from the other parts."""
        return self.kind, self.name

    @property
    def order(self) -> tuple[int, int, str]:
        """Its place among the parts: by kind, then by name, lists by their number."""
        list_number = int(self.name) if self.kind == "status" else 0
        return PART_KINDS.index(self.kind), list_number, self.name

    def row(self) -> list[cbor.Value]:
        """As it is written."""
        return [*self]

    @classmethod
    def read(cls, value: cbor.Value) -> "Part":
        """What `row` writes. Raises ObjectUnreadable."""
        kind, name, seq, size, pinned, href = row(value, 6)
        part = cls(text(kind), text(name), number(seq), number(size), blob(pinned, 32), text(href, 500))
        if part.kind not in PART_KINDS or (part.kind == "status" and not _is_list(part.name)):
            raise ObjectUnreadable(f"{part.kind} {part.name} is no part")
        return part


def _is_list(name: str) -> bool:
    return name.isascii() and name.isdigit() and name == str(int(name[:5])) and int(name) < 1 << 15


def digest(content: bytes) -> bytes:
    """What pins the content of a part: its SHA-256."""
    return sha256(content).digest()


def state_hash(parts: Iterable[Part]) -> bytes:
    """The digest of a whole state: SHA-256 over kind, name and digest of each part in the manifest's order."""
    return digest(b"".join([part.kind.encode() + part.name.encode() + part.sha256 for part in parts]))


def read_parts(value: cbor.Value) -> tuple[Part, ...]:
    """Parts in their order, none twice. Raises ObjectUnreadable."""
    if isinstance(value, list) and len(value) > _MOST_PARTS:
        raise ObjectUnreadable("too many parts")
    parts = each(value, Part.read)
    ascending(part.order for part in parts)
    return parts


@dataclass(frozen=True, slots=True)
class Manifest:
    """The whole state of a provider's bundle at `iat`, good until `exp` (Unix seconds)."""

    iss: str
    iat: int
    exp: int
    seq: int
    provider: str
    parts: tuple[Part, ...]

    @property
    def hash(self) -> bytes:
        """The digest of the state."""
        return state_hash(self.parts)

    def part(self, kind: str) -> Part | None:
        """The first part of a kind."""
        return next((part for part in self.parts if part.kind == kind), None)

    def encode(self) -> bytes:
        """The payload, parts in their order."""
        parts = sorted(self.parts, key=lambda part: part.order)
        rows: list[cbor.Value] = [part.row() for part in parts]
        claims: dict[int | str, cbor.Value] = {ISS: self.iss, IAT: self.iat, EXP: self.exp, "seq": self.seq}
        return cbor.encode(claims | {"provider": self.provider, "parts": rows, "hash": state_hash(parts)})

    @classmethod
    def decode(cls, payload: bytes) -> "Manifest":
        """What `encode` writes. Raises ObjectUnreadable."""
        claims = record(payload, (ISS, IAT, EXP, "seq", "provider", "parts", "hash"))
        found = cls(
            text(claims[ISS]),
            number(claims[IAT]),
            number(claims[EXP]),
            number(claims["seq"]),
            text(claims["provider"]),
            read_parts(claims["parts"]),
        )
        kinds = [part.kind for part in found.parts]
        if any(kinds.count(kind) != 1 for kind in ("trust", "policy")) or kinds.count("cards") > 1:
            raise ObjectUnreadable("one trust list and one policy are expected, at most one snapshot")
        if claims["hash"] != found.hash:
            raise ObjectUnreadable("the digest is not that of the parts")
        return found

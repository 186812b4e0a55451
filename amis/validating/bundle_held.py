"""What is published for one provider, as its terminals hold it; and reading that back after a start."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import LiteralString
from uuid import UUID

from psycopg import AsyncConnection

from cards.statuslist import StatusList, open_status_list
from terminals.bundle.delta import Delta
from terminals.bundle.manifest import Manifest, Part, state_hash
from terminals.bundle.objects import unverified
from terminals.bundle.policy import Policy
from terminals.bundle.snapshot import Profile, Snapshot
from terminals.bundle.trustlist import TrustList

Key = tuple[str, str]
"""Kind and name of a part."""
Lists = Mapping[int, StatusList]
"""The status lists as published, by their numbers; the same for every provider."""

_WHOLE: LiteralString = """
SELECT seq, manifest, basis, at FROM bundle_version
WHERE provider_id = %s AND manifest IS NOT NULL ORDER BY seq DESC LIMIT 1
"""
_AFTER: LiteralString = "SELECT seq, delta, hash FROM bundle_version WHERE provider_id = %s AND seq > %s ORDER BY seq"
_PART: LiteralString = (
    "SELECT signed FROM bundle_part WHERE provider_id = %s AND sha256 = %s AND kind = %s AND name = %s"
)


@dataclass(frozen=True, slots=True)
class Held:
    """The published state of a provider: `parts` by kind and name, `stored` those whose signed object is kept.

    `basis` is the digest of what the snapshot was built from, `numbers` its dictionary the other way round; `whole_at`
    (Unix seconds) the time of the last manifest.
    """

    provider_id: UUID
    seq: int
    policy: Policy
    trust: TrustList
    snapshot: Snapshot
    numbers: Mapping[Profile, int]
    basis: bytes
    parts: Mapping[Key, Part]
    stored: Mapping[Key, bytes]
    whole_at: int

    @property
    def hash(self) -> bytes:
        """The digest of the state."""
        return state_hash(in_order(self.parts))


def numbers_of(snapshot: Snapshot) -> Mapping[Profile, int]:
    """The number of each profile."""
    return {profile: number for number, profile in snapshot.profiles.items()}


def in_order(parts: Mapping[Key, Part]) -> list[Part]:
    """Parts as a manifest names them."""
    return sorted(parts.values(), key=lambda part: part.order)


def contents(trust: TrustList, policy: Policy, lists: Lists, snapshot: Snapshot) -> Iterable[tuple[Key, bytes]]:
    """The content of every part of a provider's bundle."""
    yield ("trust", "trust"), trust.encode()
    yield ("policy", policy.provider), policy.encode()
    for number, statuses in lists.items():
        yield ("status", str(number)), statuses.packed()
    yield ("cards", policy.provider), snapshot.encode()


async def read_back(connection: AsyncConnection, provider_id: UUID) -> tuple[Held, dict[int, StatusList]] | None:
    """What was published last: the newest manifest with its parts, and all deltas since; None if that is not whole."""
    row = await (await connection.execute(_WHOLE, (provider_id,))).fetchone()
    if row is None:
        return None
    seq, manifest, basis, at = row
    named = Manifest.decode(unverified("manifest", manifest))
    kept: dict[Key, bytes] = {}
    for part in named.parts:
        found = await (await connection.execute(_PART, (provider_id, part.sha256, *part.key))).fetchone()
        if found is None:
            return None
        kept[part.key] = bytes(found[0])
    held, lists = _opened(provider_id, named, kept, bytes(basis), int(at.timestamp()))
    for after, delta, digest in await (await connection.execute(_AFTER, (provider_id, seq))).fetchall():
        if delta is None:
            return None
        held = followed(held, lists, Delta.decode(unverified("delta", delta)))
        if (held.seq, held.hash) != (after, bytes(digest)):
            return None
    return held, lists


def _opened(
    provider_id: UUID, named: Manifest, kept: Mapping[Key, bytes], basis: bytes, at: int
) -> tuple[Held, dict[int, StatusList]]:
    by_kind = {kind: signed for (kind, _), signed in kept.items() if kind != "status"}
    trust = TrustList.decode(unverified("trust", by_kind["trust"]))
    lists = {
        int(name): open_status_list(signed, trust.trust).statuses
        for (kind, name), signed in kept.items()
        if kind == "status"
    }
    snapshot = Snapshot.decode(unverified("cards", by_kind["cards"]))
    held = Held(
        provider_id,
        named.seq,
        Policy.decode(unverified("policy", by_kind["policy"])),
        trust,
        snapshot,
        numbers_of(snapshot),
        basis,
        {part.key: part for part in named.parts},
        {part.key: part.sha256 for part in named.parts},
        at,
    )
    return held, lists


def followed(held: Held, lists: Mapping[int, StatusList], delta: Delta) -> Held:
    """The state after a delta; the lists are changed in place."""
    parts = dict(held.parts)
    for number, changes in delta.status:
        for index, status in changes:
            lists[number].set(index, status)
        key = "status", str(number)
        parts[key] = renewed(parts[key], lists[number].packed(), delta.after)
    snapshot = held.snapshot
    if delta.cards:
        snapshot = snapshot.changed(delta.cards)
        key = "cards", held.policy.provider
        parts[key] = renewed(parts[key], snapshot.encode(), delta.after)
    return replace(held, seq=delta.after, parts=parts, snapshot=snapshot)


def renewed(part: Part, content: bytes, seq: int) -> Part:
    """The part with another content; its size is told once it is signed."""
    digest = sha256(content).digest()
    return part._replace(seq=seq, sha256=digest, href=href(part.key, digest))


def href(key: Key, digest: bytes) -> str:
    """Where a part with this content is fetched; two lists may have the same content, so they say their number."""
    kind, name = key
    return f"/terminal/v1/parts/{digest.hex()}" + (f"?name={name}" if kind == "status" else "")

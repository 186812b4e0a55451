"""Reading what is published for the terminals of a provider."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text

from amis.kernel.actor import Actor
from amis.kernel.db import Transaction
from amis.validating.errors import BundleGap, BundleNotReady, PartUnknown, TerminalNotRegistered
from amis.validating.models import Terminal

AT_ONCE = 200
"""Deltas that are given in one answer."""


@dataclass(frozen=True, slots=True)
class Change:
    """A version as terminals follow it: from `since` to `seq` by `delta`, by the whole manifest where that is None."""

    seq: int
    since: int | None
    delta: bytes | None


@dataclass(frozen=True, slots=True)
class Whole:
    """The newest manifest of a provider."""

    seq: int
    manifest: bytes


@dataclass(frozen=True, slots=True)
class SignedPart:
    """The signed object of a part, its kind, and when it was last named."""

    kind: str
    signed: bytes
    at: datetime


async def provider_of(tx: Transaction, actor: Actor) -> UUID:
    """The provider for which the calling machine validates.

    Raises:
        TerminalNotRegistered: for none.
    """
    found = await tx.session.scalar(select(Terminal.provider_id).where(Terminal.machine_id == UUID(actor.id)))
    if found is None:
        raise TerminalNotRegistered
    return found


async def newest_manifest(tx: Transaction, provider_id: UUID) -> Whole:
    """The manifest that was signed last.

    Raises:
        BundleNotReady: none was.
    """
    found = await tx.session.execute(
        text(
            "SELECT seq, manifest FROM bundle_version WHERE provider_id = :provider AND manifest IS NOT NULL"
            " ORDER BY seq DESC LIMIT 1"
        ),
        {"provider": provider_id},
    )
    row = found.one_or_none()
    if row is None:
        raise BundleNotReady
    return Whole(row.seq, bytes(row.manifest))


async def part(tx: Transaction, provider_id: UUID, sha256: bytes, name: str | None = None) -> SignedPart:
    """The signed object with this content; `name` tells two status lists of the same content apart.

    Raises:
        PartUnknown
    """
    found = await tx.session.execute(
        text(
            "SELECT kind, signed, at FROM bundle_part WHERE provider_id = :provider AND sha256 = :sha256"
            " AND (CAST(:name AS text) IS NULL OR name = :name) ORDER BY kind, name LIMIT 1"
        ),
        {"provider": provider_id, "sha256": sha256, "name": name},
    )
    row = found.one_or_none()
    if row is None:
        raise PartUnknown
    return SignedPart(row.kind, bytes(row.signed), row.at)


async def changes(tx: Transaction, provider_id: UUID, since: int) -> Sequence[Change]:
    """The versions after `since`, in order; none where that is the newest.

    Raises:
        BundleGap: `since` is none of the provider's numbers, or too old, or what follows has to be taken as a whole.
    """
    found = await tx.session.execute(
        text(
            "SELECT seq, from_seq, delta FROM bundle_version WHERE provider_id = :provider AND seq >= :since"
            " ORDER BY seq LIMIT :most"
        ),
        {"provider": provider_id, "since": since, "most": AT_ONCE + 1},
    )
    rows = [Change(seq, before, None if delta is None else bytes(delta)) for seq, before, delta in found]
    return following(rows, since)


def following(rows: Sequence[Change], since: int) -> Sequence[Change]:
    """Of versions in their order, beginning with `since` or the one after it, those that lead on from `since`.

    Raises:
        BundleGap
    """
    later = [row for row in rows if row.seq > since]
    if later:
        first = later[0]
        if first.delta is None or first.since != since:
            raise BundleGap(f"the newest is {later[-1].seq}")
    elif not rows or rows[-1].seq != since:
        raise BundleGap(f"{since} was never published")
    # what comes after a manifest is asked for once that is taken
    whole = next((at for at, row in enumerate(later) if row.delta is None), len(later))
    return later[:whole]

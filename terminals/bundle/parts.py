"""From the signed object of a part to its content: verified, the very content that was named, and well formed."""

from datetime import datetime

from cards import errors
from cards.statuslist import SIZE, StatusList, open_status_list
from cards.trust import Trust
from terminals.bundle.errors import (
    ForeignProvider,
    ObjectUnreadable,
    SignatureWrong,
    SignerUnknown,
    WrongSize,
    WrongState,
)
from terminals.bundle.manifest import Part, digest
from terminals.bundle.objects import signed
from terminals.bundle.policy import Policy
from terminals.bundle.snapshot import Snapshot
from terminals.bundle.state import Content
from terminals.bundle.trustlist import TrustList

MOST_STATUS = 1 << 16
"""Bytes of the largest status list token: a list that does not compress takes half of it."""


def open_part(part: Part, data: bytes, trust: Trust, roots: Trust, at: datetime) -> Content:
    """The content of the signed object `data`.

    Raises:
        BundleRefused: another size or content than the part says, or not signed by a key that may.
    """
    if len(data) != part.size:
        raise WrongSize(f"{part.kind} {part.name}: {len(data)} bytes, {part.size} were named")
    if part.kind == "status":
        return _status_list(part, data, trust)
    return named_content(part, signed(part.kind, data, roots if part.kind == "trust" else trust, at).payload)


def named_content(part: Part, payload: bytes) -> Content:
    """The content that a payload is; raises as `open_part`."""
    if digest(payload) != part.sha256:
        raise WrongState(f"{part.kind} {part.name}")
    if part.kind == "trust":
        return TrustList.decode(payload)
    if part.kind == "status":
        return _packed_list(payload)
    if part.kind == "cards":
        return Snapshot.decode(payload)
    found = Policy.decode(payload)
    if found.provider != part.name:
        raise ForeignProvider(found.provider)
    return found


def _packed_list(payload: bytes) -> StatusList:
    if not 0 < len(payload) <= SIZE // 4:
        raise ObjectUnreadable("a list of another size")
    return StatusList(len(payload) * 4, payload)


def _status_list(part: Part, data: bytes, trust: Trust) -> StatusList:
    # its own times do not matter: it is the manifest that names its content and says how old it may be
    if len(data) > MOST_STATUS:
        raise WrongSize(f"status {part.name}: {len(data)} bytes")
    try:
        token = open_status_list(data, trust)
    except errors.UnknownKey:
        raise SignerUnknown("status") from None
    except errors.BadSignature:
        raise SignatureWrong("status") from None
    except errors.Malformed as refused:
        raise ObjectUnreadable(refused.detail) from None
    if digest(token.statuses.packed()) != part.sha256 or token.uri.rpartition("/")[2] != part.name:
        raise WrongState(f"status {part.name}")
    return token.statuses

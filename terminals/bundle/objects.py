"""The signed objects of the bundle: COSE_Sign1, each kind with its own external data, so that none passes as another.

A status list is not among them: it is a Status List Token, see `cards.statuslist`. Source: RFC 9052 sections 4.2, 4.4.
"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from cards import cose, errors
from cards.trust import MANIFESTS, ROOT, Trust, TrustEntry
from terminals.bundle.errors import ObjectUnreadable, SignatureWrong, SignerUnknown, WrongSize

MOST_TRUST, MOST_MANIFEST, MOST_DELTA, MOST_POLICY, MOST_CARDS = 1 << 20, 1 << 20, 4 << 20, 16 << 20, 64 << 20
"""Bytes of the largest object of each kind: a snapshot of six million cards still fits."""


class Kind(NamedTuple):
    """How one kind is signed (external data, role of the key) and how large it may be at most, in bytes."""

    aad: bytes
    role: str
    most: int


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "trust": Kind(b"AMIS-TRUST", ROOT, MOST_TRUST),
        "manifest": Kind(b"AMIS-MANIFEST", MANIFESTS, MOST_MANIFEST),
        "policy": Kind(b"AMIS-POLICY", MANIFESTS, MOST_POLICY),
        "cards": Kind(b"AMIS-CARDS", MANIFESTS, MOST_CARDS),
        "delta": Kind(b"AMIS-DELTA", MANIFESTS, MOST_DELTA),
    }
)


class Opened(NamedTuple):
    """A verified object: its payload, and the key that signed it."""

    payload: bytes
    signer: TrustEntry


def seal(kind: str, payload: bytes, signer: cose.Signer) -> bytes:
    """The signed object of this kind; KeyError for a kind that is not known.

    Raises:
        WrongSize: no terminal would take it.
    """
    rules = KINDS[kind]
    sealed = cose.seal(cose.header(signer.algorithm, signer.kid), payload, rules.aad, signer.sign)
    if len(sealed) > rules.most:
        raise WrongSize(f"{kind}: {len(sealed)} bytes")
    return sealed


def opened(kind: str, data: bytes, trust: Trust) -> bytes:
    """The payload of an object of this kind, its signature verified.

    Raises:
        ObjectUnreadable, SignatureWrong, SignerUnknown, WrongSize
    """
    return signed(kind, data, trust).payload


def signed(kind: str, data: bytes, trust: Trust, at: datetime | None = None) -> Opened:
    """As `opened`, with the signer; with `at` a key counts no longer than the trust list says."""
    rules = KINDS[kind]
    if len(data) > rules.most:
        raise WrongSize(f"{kind}: {len(data)} bytes")
    try:
        parts = cose.cut(data)
        trusted = trust.key_for(parts.protected, rules.role)
        trusted.check(parts.signature, parts.signed_bytes(rules.aad))
    except errors.UnknownKey:
        raise SignerUnknown(kind) from None
    except errors.BadSignature:
        raise SignatureWrong(kind) from None
    except errors.Malformed as refused:
        raise ObjectUnreadable(refused.detail) from None
    if at is not None and _over(trusted.entry, at):
        raise SignerUnknown(f"{kind}: the key has ended")
    return Opened(parts.payload, trusted.entry)


def unverified(kind: str, data: bytes) -> bytes:
    """The payload of an object whose signer is not known yet; nothing may be believed of it."""
    if len(data) > KINDS[kind].most:
        raise WrongSize(f"{kind}: {len(data)} bytes")
    try:
        return cose.cut(data).payload
    except errors.Malformed as refused:
        raise ObjectUnreadable(refused.detail) from None


def _over(signer: TrustEntry, at: datetime) -> bool:
    return signer.verify_until is not None and at.timestamp() > signer.verify_until

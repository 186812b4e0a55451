"""The trust list: whose signatures count, for what, and until when."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from cards import cose
from cards.errors import BadTrustEntry, Malformed, UnknownKey

CREDENTIALS, STATUS_LISTS, ROOT, MANIFESTS = "issuer", "status", "root", "manifest"
STATUS_LIST_TYPE = "application/statuslist+cwt"
_CONTENT_TYPES = {CREDENTIALS: None, STATUS_LISTS: STATUS_LIST_TYPE, ROOT: None, MANIFESTS: None}


@dataclass(frozen=True, slots=True)
class TrustEntry:
    """One public key and what it may sign.

    kid: first four bytes of the key's thumbprint; algorithms: COSE numbers accepted with it; public_key: DER
    SubjectPublicKeyInfo; role: "issuer" signs credentials, "status" signs status lists, "root" signs trust lists,
    "manifest" signs all else that a terminal holds; codes: the rights that it may grant (None = any); verify_until:
    Unix seconds after which nothing it signed is accepted (None = open).
    """

    kid: bytes
    public_key: bytes
    municipality: str
    role: str = CREDENTIALS
    algorithms: tuple[int, ...] = (cose.ESP256,)
    codes: frozenset[int] | None = None
    verify_until: int | None = None


class TrustedKey(NamedTuple):
    """An entry with its key loaded: `check(signature, signed bytes)` raises BadSignature."""

    entry: TrustEntry
    check: cose.Check


class Trust:
    """The keys of a trust list, found by the protected header bytes: algorithm, kid and key are pinned together."""

    def __init__(self, entries: Iterable[TrustEntry]) -> None:
        """BadTrustEntry when a kid repeats, does not name its key, or an algorithm does not fit."""
        self._by_header: dict[bytes, TrustedKey] = {}
        seen: set[bytes] = set()
        for entry in entries:
            if entry.kid in seen:
                raise BadTrustEntry(f"kid {entry.kid.hex()} repeats")
            seen.add(entry.kid)
            self._add(entry)

    def _add(self, entry: TrustEntry) -> None:
        trusted = TrustedKey(entry, cose.check_with(_loaded(entry)))
        if entry.role not in _CONTENT_TYPES:
            return  # a role for other objects: such a key opens no credential and no status list
        for algorithm in entry.algorithms:
            self._by_header[cose.header(algorithm, entry.kid, _CONTENT_TYPES[entry.role])] = trusted

    def key_for(self, protected: bytes, role: str) -> TrustedKey:
        """The key that this exact protected header names in this role, else UnknownKey."""
        trusted = self._by_header.get(protected)
        if trusted is None or trusted.entry.role != role:
            raise UnknownKey
        return trusted


def _loaded(entry: TrustEntry) -> cose.PublicKey:
    try:
        key = cose.load_public(entry.public_key)
    except Malformed as refused:
        raise BadTrustEntry(f"kid {entry.kid.hex()}: {refused.detail}") from None
    if not entry.algorithms or not cose.algorithms_of(key).issuperset(entry.algorithms):
        raise BadTrustEntry(f"kid {entry.kid.hex()}: algorithm does not fit the key")
    if cose.key_id(key) != entry.kid:
        raise BadTrustEntry(f"kid {entry.kid.hex()} does not name its key")
    return key

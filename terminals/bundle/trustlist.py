"""The trust list as the root signs it: whose signatures count, for what, and until when.

CBOR {1: iss, 6: iat, 4: exp, "seq": n,
"keys": [[kid, der, municipality, role, [alg...], [code...] | null, verify until | null]...]}
"""

from dataclasses import dataclass
from functools import cached_property

from cards import cbor, cose, errors
from cards.trust import ROOT, Trust, TrustEntry
from terminals.bundle.errors import ObjectUnreadable
from terminals.bundle.reading import EXP, IAT, ISS, blob, each, number, record, row, text


@dataclass(frozen=True)
class TrustList:
    """Signed keys; `iat` and `exp` in Unix seconds, `seq` counts up with each list."""

    iss: str
    iat: int
    exp: int
    seq: int
    entries: tuple[TrustEntry, ...]

    @cached_property
    def trust(self) -> Trust:
        """The keys, loaded; BadTrustEntry where they contradict themselves."""
        return Trust(self.entries)

    def signs(self, kid: bytes, role: str) -> bool:
        """Whether a key is in the list in this role."""
        return any(entry.kid == kid and entry.role == role for entry in self.entries)

    @property
    def roots(self) -> tuple[TrustEntry, ...]:
        """The root keys that the list itself names; none means that they stay as they are."""
        return tuple(entry for entry in self.entries if entry.role == ROOT)

    def encode(self) -> bytes:
        """The payload."""
        keys: list[cbor.Value] = [_row(entry) for entry in self.entries]
        return cbor.encode({ISS: self.iss, IAT: self.iat, EXP: self.exp, "seq": self.seq, "keys": keys})

    @classmethod
    def decode(cls, payload: bytes) -> "TrustList":
        """What `encode` writes.

        Raises:
            ObjectUnreadable: also for keys that contradict themselves.
        """
        claims = record(payload, (ISS, IAT, EXP, "seq", "keys"))
        found = cls(
            text(claims[ISS]),
            number(claims[IAT]),
            number(claims[EXP]),
            number(claims["seq"]),
            each(claims["keys"], _entry),
        )
        try:
            found.trust  # noqa: B018  # loads the keys, so that no list is taken that cannot be used
        except errors.BadTrustEntry as refused:
            raise ObjectUnreadable(refused.detail) from None
        return found


def root_trust(der: bytes) -> Trust:
    """The trust in a single root key (DER SubjectPublicKeyInfo), as pairing gives it.

    Raises:
        ObjectUnreadable: no key of a kind in use.
    """
    try:
        key = cose.load_public(der)
    except errors.Malformed as refused:
        raise ObjectUnreadable(refused.detail) from None
    algorithm = cose.ED25519 if cose.ED25519 in cose.algorithms_of(key) else cose.ESP256
    return Trust([TrustEntry(cose.key_id(key), der, "", ROOT, (algorithm,))])


def _row(entry: TrustEntry) -> list[cbor.Value]:
    codes: list[cbor.Value] | None = None if entry.codes is None else [*sorted(entry.codes)]
    algorithms: list[cbor.Value] = [*entry.algorithms]
    who: list[cbor.Value] = [entry.kid, entry.public_key, entry.municipality, entry.role]
    return [*who, algorithms, codes, entry.verify_until]


def _entry(value: cbor.Value) -> TrustEntry:
    kid, der, municipality, role, algorithms, codes, until = row(value, 7)
    return TrustEntry(
        blob(kid, 4),
        blob(der),
        municipality if municipality == "" else text(municipality),
        text(role),
        each(algorithms, _algorithm),
        None if codes is None else frozenset(each(codes, lambda code: number(code, 0xFFFF))),
        None if until is None else number(until),
    )


def _algorithm(value: cbor.Value) -> int:
    if type(value) is not int:
        raise ObjectUnreadable("an algorithm is expected")
    return value

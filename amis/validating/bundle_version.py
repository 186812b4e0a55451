"""Making one version of a provider's bundle: a delta where single entries changed, else the whole manifest."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256

from amis.kernel.keys import MANIFEST, ROOT, STATUS
from amis.validating.bundle_held import Held, Key, Lists, contents, href, in_order, renewed
from amis.validating.bundle_notes import Changes
from cards.keys import KeySigner, KeyStore
from cards.statuslist import sign_status_list
from terminals.bundle.delta import Delta
from terminals.bundle.manifest import Manifest, Part
from terminals.bundle.objects import seal
from terminals.bundle.snapshot import Snapshot

LASTS = timedelta(hours=48)
"""The life of a manifest."""
WHOLE_EVERY = timedelta(minutes=30)
"""A manifest is signed anew at least so often, so that an idle terminal knows that it has the newest."""
_TTL = 300


@dataclass(frozen=True, slots=True)
class Version:
    """What is written for one provider: the state after it, the objects, and the parts that are kept with it."""

    held: Held
    delta: bytes | None
    manifest: bytes | None
    parts: Mapping[Key, bytes]


@dataclass(frozen=True, slots=True)
class Press:
    """Signs versions: the keys, the address of the service, the number and time of what is published now."""

    keys: KeyStore
    address: str
    seq: int
    at: datetime

    @property
    def iat(self) -> int:
        """Unix seconds."""
        return int(self.at.timestamp())

    def changed(
        self, held: Held, lists: Lists, status: Changes, cards: Mapping[bytes, int], snapshot: Snapshot
    ) -> Version:
        """A delta from `held`; `lists` and `snapshot` are those after it. With a manifest where one is due."""
        parts = dict(held.parts)
        for number in status:
            key = "status", str(number)
            parts[key] = renewed(parts[key], lists[number].packed(), self.seq)
        if cards:
            key = "cards", held.policy.provider
            parts[key] = renewed(parts[key], snapshot.encode(), self.seq)
        after = replace(held, seq=self.seq, parts=parts, snapshot=snapshot)
        entries = tuple((number, tuple(changes.items())) for number, changes in status.items())
        told = Delta(self.address, self.iat, held.seq, self.seq, entries, tuple(cards.items()), (), after.hash)
        delta = seal("delta", told.encode(), self._signer)
        return replace(self._whole(after, lists), delta=delta) if self.due(held) else Version(after, delta, None, {})

    def due(self, held: Held) -> bool:
        """Whether the manifest has to be signed anew."""
        return self.iat >= held.whole_at + WHOLE_EVERY.total_seconds()

    def whole(self, held: Held, lists: Lists) -> Version:
        """The manifest of a state whose parts changed as wholes; `held.parts` are those before."""
        named = {}
        for key, content in contents(held.trust, held.policy, lists, held.snapshot):
            digest = sha256(content).digest()
            before = held.parts.get(key)
            same = before is not None and before.sha256 == digest
            named[key] = before if same and before else Part(*key, self.seq, 0, digest, href(key, digest))
        return self._whole(replace(held, seq=self.seq, parts=named), lists)

    def _whole(self, held: Held, lists: Lists) -> Version:
        """Signs the manifest, and every part that is not kept as it is; a status list always, since it ends."""
        signed = {
            key: self._signed(key, content, lists)
            for key, content in contents(held.trust, held.policy, lists, held.snapshot)
            if key[0] == "status" or held.stored.get(key) != held.parts[key].sha256
        }
        parts = {
            key: part._replace(size=len(signed[key])) if key in signed else part for key, part in held.parts.items()
        }
        stored = {key: part.sha256 for key, part in parts.items()}
        after = replace(held, parts=parts, stored=stored, whole_at=self.iat)
        manifest = seal("manifest", self._manifest(held.policy.provider, parts).encode(), self._signer)
        return Version(after, None, manifest, signed)

    def _manifest(self, provider: str, parts: Mapping[Key, Part]) -> Manifest:
        exp = self.iat + int(LASTS.total_seconds())
        return Manifest(self.address, self.iat, exp, self.seq, provider, tuple(in_order(parts)))

    def _signed(self, key: Key, content: bytes, lists: Lists) -> bytes:
        kind, name = key
        if kind == "status":
            return self._status(int(name), lists)
        return seal(kind, content, KeySigner.of(self.keys, ROOT) if kind == "trust" else self._signer)

    def _status(self, number: int, lists: Lists) -> bytes:
        signer, where = KeySigner.of(self.keys, STATUS), f"{self.address}/status"
        uri = f"{where}/{number}"
        return sign_status_list(lists[number], signer, uri=uri, at=self.at, ttl=_TTL, aggregation_uri=where)

    @property
    def _signer(self) -> KeySigner:
        return KeySigner.of(self.keys, MANIFEST)


def moved(snapshot: Snapshot, cards: Iterable[tuple[bytes, int]]) -> dict[bytes, int]:
    """Of these cards (UID, profile) those that stand otherwise in the snapshot, by their MAC."""
    return {snapshot.mac(uid): profile for uid, profile in cards if snapshot.profile(uid) != profile}

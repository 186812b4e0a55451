"""A state of the bundle: its parts with their contents, and how a delta makes the next one."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from cards.errors import Unencodable
from cards.statuslist import StatusList
from terminals.bundle.delta import Delta
from terminals.bundle.errors import WrongState
from terminals.bundle.manifest import Part, digest, state_hash
from terminals.bundle.policy import Policy
from terminals.bundle.snapshot import Snapshot
from terminals.bundle.trustlist import TrustList

Key: TypeAlias = tuple[str, str]
Content: TypeAlias = TrustList | Policy | StatusList | Snapshot


@dataclass(frozen=True, slots=True)
class State:
    """What a manifest, or a delta after it, says the bundle is; `contents` may not be all there yet.

    `iat` is when it was signed (Unix seconds), `life` how long a manifest and every delta after it, which signs the
    whole state anew by its digest, are good from then on; `signers` are the keys that it rests on.
    """

    seq: int
    provider: str
    iat: int
    life: int
    parts: tuple[Part, ...]
    signers: frozenset[bytes]
    contents: Mapping[Key, Content] = field(default_factory=dict)

    @property
    def exp(self) -> int:
        """Until when it is good (Unix seconds)."""
        return self.iat + self.life

    @property
    def hash(self) -> bytes:
        """The digest of the state."""
        return state_hash(self.parts)

    @property
    def missing(self) -> list[Part]:
        """The parts whose content is not there yet, in their order."""
        return [part for part in self.parts if part.key not in self.contents]

    def having(self, other: "State | None") -> "State":
        """With the contents that another state has of the same parts."""
        if other is None:
            return self
        digests = {part.key: part.sha256 for part in other.parts}
        same = [part.key for part in self.parts if digests.get(part.key) == part.sha256]
        found = {key: other.contents[key] for key in same if key in other.contents}
        return replace(self, contents={**found, **self.contents})

    def having_trust(self, held: TrustList | None) -> "State":
        """With the trust list that is held, where it is the one named."""
        part = next((part for part in self.parts if part.kind == "trust"), None)
        if held is None or part is None or part.key in self.contents or digest(held.encode()) != part.sha256:
            return self
        return self.with_content(part, held)

    def with_content(self, part: Part, content: Content) -> "State":
        """With the content of one more part."""
        return replace(self, contents={**self.contents, part.key: content})

    def after(self, delta: Delta, signer: bytes) -> "State":
        """The next state; parts that come whole are missing in it.

        Raises:
            WrongState: the changes do not lead to the digest that was signed.
        """
        contents = dict(self.contents)
        parts = {part.key: part for part in self.parts}
        for key, content in self._changed(delta).items():
            contents[key] = content
            parts[key] = parts[key]._replace(seq=delta.after, sha256=digest(packed(content)))
        for part in delta.parts:
            if part.key not in parts or parts[part.key].sha256 != part.sha256:
                contents.pop(part.key, None)
            parts[part.key] = part
        ordered = tuple(sorted(parts.values(), key=lambda part: part.order))
        if state_hash(ordered) != delta.hash:
            raise WrongState(f"{delta.before} to {delta.after}")
        signers = self.signers | {signer}
        return replace(
            self, seq=delta.after, iat=max(self.iat, delta.iat), parts=ordered, signers=signers, contents=contents
        )

    def _changed(self, delta: Delta) -> dict[Key, Content]:
        changed: dict[Key, Content] = {}
        for name, changes in delta.status:
            key = "status", str(name)
            held = self.contents.get(key)
            if not isinstance(held, StatusList):
                raise WrongState(f"status list {name} is not held")
            changed[key] = _with(held, changes)
        if delta.cards:
            key = "cards", self.provider
            snapshot = self.contents.get(key)
            if not isinstance(snapshot, Snapshot):
                raise WrongState("no card snapshot is held")
            changed[key] = snapshot.changed(delta.cards)
        return changed


def _with(held: StatusList, changes: tuple[tuple[int, int], ...]) -> StatusList:
    new = StatusList(held.size, held.packed())
    try:
        for index, status in changes:
            new.set(index, status)
    except (IndexError, Unencodable) as beyond:
        raise WrongState("an index beyond the list") from beyond
    return new


def packed(content: Content) -> bytes:
    """The bytes that the digest of a part is made of."""
    return content.packed() if isinstance(content, StatusList) else content.encode()

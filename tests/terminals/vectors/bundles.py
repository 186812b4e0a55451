"""Golden bundles: what a terminal is given step by step, what it holds then, or the code of the error."""

from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from cards.statuslist import INVALID, RIGHTS_CHANGED, SUSPENDED, StatusList
from cards.trust import MANIFESTS, ROOT, STATUS_LISTS
from rules.shape import Json
from terminals.bundle.delta import Delta
from terminals.bundle.errors import BundleRefused
from terminals.bundle.holding import Holding
from terminals.bundle.manifest import Manifest, Part
from terminals.bundle.objects import opened, seal
from tests.terminals.bundle.publisher import (
    AT,
    DEAD_CARD,
    FREE_CARD,
    HOUR,
    ISSUER,
    MACHINE,
    MANIFEST_KEY,
    ROOT_KEY,
    SMALL,
    STATUS_KEY,
    STRANGER,
    TRAM_CARD,
    Publisher,
    edwards,
    p256,
    policy,
    trust_list,
)

SECOND_ROOT, SECOND_SIGNER = p256(21), edwards(22)
PLACES = ((0, 7), (3, 5), (3, 77), (3, SMALL), (9, 0))
CARDS = (FREE_CARD, TRAM_CARD, DEAD_CARD, bytes(7))


@dataclass
class Story:
    """A terminal and what it is given, written down."""

    name: str
    steps: list[Json] = field(default_factory=list)
    holding: Holding = field(default_factory=lambda: Holding(ROOT_KEY.der, MACHINE))

    def give(self, kind: str, data: bytes, at: datetime = AT, part: Part | None = None) -> None:
        """One step: a trust list, a manifest, a delta, or a part."""
        step: Json = {"do": kind, "data": b64encode(data).decode(), "at": at.isoformat()}
        if part is not None:
            step["part"] = list(part._replace(sha256=part.sha256.hex()))  # type: ignore[arg-type]  # as JSON holds it
        self.steps.append(step | {"then": taken(self.holding, step)})

    def bring(self, publisher: Publisher) -> "Story":
        """The whole state of a service, as a terminal fetches it."""
        manifest = publisher.manifest()
        seq = -1 if self.holding.trust_list is None else self.holding.trust_list.seq
        if seq < publisher.trust.seq:
            self.give("trust", publisher.objects[self.holding.named_trust(manifest).href], publisher.at)
        self.give("manifest", manifest, publisher.at)
        return self.fetch(publisher)

    def fetch(self, publisher: Publisher) -> "Story":
        """What the terminal lacks."""
        for part in self.holding.missing():
            self.give("part", publisher.objects[part.href], publisher.at, part)
        return self

    def told(self) -> Json:
        """The case."""
        return {"name": self.name, "steps": self.steps}


def taken(holding: Holding, step: Json) -> Json:
    """What this implementation holds after a step."""
    data, at = b64decode(str(step["data"])), datetime.fromisoformat(str(step["at"]))
    error = None
    try:
        if step["do"] == "trust":
            holding.update_trust(data, at)
        elif step["do"] == "manifest":
            holding.update_manifest(data, at)
        elif step["do"] == "delta":
            holding.apply_delta(data, at)
        else:
            kind, name, seq, size, digest, href = step["part"]  # type: ignore[misc]  # a list in every case
            holding.update_part(Part(kind, name, seq, size, bytes.fromhex(digest), href), data, at)
    except BundleRefused as refused:
        error = refused.code
    return held(holding, at) | ({} if error is None else {"error": error})


def held(holding: Holding, at: datetime) -> Json:
    """All that can be asked of a holding."""
    snapshot = holding.snapshot
    return {
        "seq": holding.seq,
        "hash": None if holding.hash is None else holding.hash.hex(),
        "trust": None if holding.trust_list is None else holding.trust_list.seq,
        "policy": None if holding.policy is None else holding.policy.seq,
        "missing": [[part.kind, part.name] for part in holding.missing()],
        "floor": int(holding.floor.timestamp()),
        "stale": holding.stale(at),
        "status": [[*place, holding.status(*place)] for place in PLACES],
        "cards": [[uid.hex(), None if snapshot is None else snapshot.profile(uid)] for uid in CARDS],
    }


def cases() -> Json:
    """The whole file."""
    return {
        "about": "A terminal with only a root key is given signed objects, step by step: what it holds after each.",
        "root": b64encode(ROOT_KEY.der).decode(),
        "machine": MACHINE,
        "cases": [story.told() for story in (*_ordinary(), *_in_doubt(), *_keys(), *_damaged())],
    }


def _started(name: str, publisher: Publisher | None = None) -> Story:
    return Story(name).bring(publisher or Publisher())


def _ordinary() -> Iterator[Story]:
    publisher = Publisher()
    story = Story("a terminal knows only the root, then everything, then what changes")
    story.give("manifest", publisher.manifest())
    story.bring(publisher)
    publisher.at += HOUR
    story.give("delta", publisher.delta(status={3: {5: INVALID, 77: SUSPENDED}, 0: {7: RIGHTS_CHANGED}}), publisher.at)
    story.give("delta", publisher.delta(cards={FREE_CARD: 0, bytes(7): 2}), publisher.at)
    publisher.policy = policy(seq=2, sample=7)
    publisher.lists[9] = StatusList(SMALL)
    story.give("delta", publisher.delta(whole=("policy", "status")), publisher.at)
    story.fetch(publisher)
    publisher.at, publisher.seq = publisher.at + HOUR, publisher.seq + 5
    yield story.bring(publisher)

    story = _started("a provider without a snapshot", Publisher(cards=None))
    story.give("delta", Publisher().delta(cards={FREE_CARD: 0}))
    yield story

    publisher = Publisher()
    story = _started("changes go on while a newer manifest is fetched", publisher)
    ahead = Publisher(seq=15, policy=policy(seq=5))
    story.give("manifest", ahead.manifest())
    story.give("delta", publisher.delta(status={3: {5: INVALID}}))
    yield story.fetch(ahead)


def _in_doubt() -> Iterator[Story]:
    story = Story("older ones, gaps and other states")
    old = Publisher(at=AT - HOUR)
    story.bring(Publisher(seq=15))
    story.give("manifest", old.manifest())
    story.give("manifest", Publisher(seq=15, at=AT - HOUR).manifest())
    story.give("manifest", Publisher(seq=15, policy=policy(seq=2)).manifest())
    story.give("manifest", Publisher(seq=15, at=AT + HOUR).manifest(), AT + HOUR)
    story.give("delta", Publisher(seq=13).delta(status={3: {5: INVALID}}))
    story.give("delta", Publisher(seq=16).delta(status={3: {5: INVALID}}))
    story.give("delta", Publisher(seq=15, policy=policy(seq=2)).delta(status={3: {5: INVALID}}))
    larger = Publisher(seq=15, lists={0: StatusList(2 * SMALL), 3: StatusList(2 * SMALL)})
    story.give("delta", larger.delta(status={3: {SMALL: INVALID}}))
    story.give("delta", Publisher(seq=15, lists={9: StatusList(SMALL)}).delta(status={9: {5: INVALID}}))
    story.give("manifest", Publisher(seq=20, policy=policy(provider="RS")).manifest())
    yield story

    story = _started("what has ended")
    story.give("manifest", Publisher(seq=11).manifest(), AT + 49 * HOUR)
    story.give("trust", seal("trust", trust_list(seq=2, days=0).encode(), ROOT_KEY), AT + HOUR)
    story.give("delta", Publisher().delta(status={3: {5: INVALID}}), AT + 49 * HOUR)
    yield story

    publisher = Publisher(policy=policy(stale_after=10**8))
    story = _started("a delta makes the state as young as a manifest would", publisher)
    publisher.at += 47 * HOUR
    story.give("delta", publisher.delta(), AT + 49 * HOUR)
    story.give("delta", publisher.delta(), AT + 95 * HOUR + timedelta(seconds=1))
    yield story

    publisher = Publisher(seq=11, policy=policy(seq=2))
    story = _started("parts that are not the one that was named")
    unnamed = publisher.parts()[1]
    story.give("part", publisher.objects[unnamed.href], part=unnamed)
    story.give("manifest", publisher.manifest())
    (wanted,) = story.holding.missing()
    data = publisher.objects[wanted.href]
    story.give("part", data + b"\0", part=wanted)
    story.give("part", seal("policy", policy(seq=3).encode(), MANIFEST_KEY), part=wanted)
    story.give("part", seal("cards", policy(seq=2).encode(), MANIFEST_KEY), part=wanted)
    story.give("part", data[:-1] + bytes((data[-1] ^ 1,)), part=wanted)
    story.give("part", data, part=wanted)
    yield story

    publisher = Publisher(seq=11)
    publisher.policy = policy(seq=2)
    story = _started("whole parts wait for a newer manifest")
    story.give("manifest", Publisher(seq=20, policy=policy(seq=5)).manifest())
    publisher = Publisher(policy=policy(seq=2))
    story.give("delta", publisher.delta(whole=("policy",)))
    yield story


def _keys() -> Iterator[Story]:
    story = _started("keys in the wrong role")
    for signer in (ROOT_KEY, STATUS_KEY, ISSUER, STRANGER):
        story.give("manifest", Publisher(seq=11, signer=signer).manifest())
        story.give("delta", Publisher(signer=signer).delta(status={3: {5: INVALID}}))
        story.give("trust", seal("trust", trust_list(seq=2).encode(), signer if signer != ROOT_KEY else MANIFEST_KEY))
    story.give("delta", Publisher(seq=11).manifest())
    yield story

    story = _started("a root hands over to another")
    second = trust_list(SECOND_ROOT.entry(municipality="", role=ROOT), *trust_list().entries[1:], seq=2)
    story.give("trust", seal("trust", second.encode(), ROOT_KEY))
    third = replace(second, seq=3)
    story.give("trust", seal("trust", third.encode(), ROOT_KEY))
    story.give("trust", seal("trust", third.encode(), SECOND_ROOT))
    story.give("trust", seal("trust", second.encode(), SECOND_ROOT))
    yield story

    far = Publisher(seq=10**9, at=AT + timedelta(days=300))
    story = _started("what a withdrawn key signed is stale and binds no more", far)
    kept = [entry for entry in trust_list().entries if entry.role in (ROOT, STATUS_LISTS)]
    other = trust_list(SECOND_SIGNER.entry(municipality="", role=MANIFESTS), *kept, ISSUER.entry(), seq=2)
    story.give("trust", seal("trust", other.encode(), ROOT_KEY))
    story.give("delta", Publisher(seq=10**9).delta(status={3: {5: INVALID}}))
    yield story.bring(Publisher(seq=12, trust=other, signer=SECOND_SIGNER))

    ended = MANIFEST_KEY.entry(municipality="", role=MANIFESTS, verify_until=int(AT.timestamp()))
    rest = [entry for entry in trust_list().entries if entry.role != MANIFESTS]
    story = _started("a key counts until its end", Publisher(trust=trust_list(ended, *rest)))
    story.give("manifest", Publisher(seq=11).manifest(), AT + timedelta(seconds=1))
    yield story


def _damaged() -> Iterator[Story]:
    publisher = Publisher()
    story = _started("damaged objects", publisher)
    manifest, delta = Publisher(seq=11).manifest(), Publisher().delta(status={3: {5: INVALID}}, cards={FREE_CARD: 0})
    for kind, data in (("manifest", manifest), ("delta", delta)):
        for at in (0, 1, 3, 12, len(data) // 2, len(data) - 1):
            story.give(kind, data[:at] + bytes((data[at] ^ 0x10,)) + data[at + 1 :])
        story.give(kind, data[:-1])
        story.give(kind, data + b"\0")
        story.give(kind, b"")
    said = Delta.decode(opened("delta", delta, publisher.trust.trust))
    for name, payload in _nonsense(said, Manifest.decode(opened("manifest", manifest, publisher.trust.trust))):
        story.give(name, seal(name, payload, MANIFEST_KEY))
    story.give("delta", delta)
    yield story


def _nonsense(delta: Delta, manifest: Manifest) -> Iterator[tuple[str, bytes]]:
    """Signed by the right key, and still not one of the bundle's objects."""
    good = delta.encode()
    for payload in (b"", b"\xa0", good + b"\0", good[:-1], b"\x80"):
        yield "delta", payload
    yield "delta", replace(delta, after=delta.before).encode()
    yield "delta", replace(delta, status=((3, ((5, INVALID),)), (3, ((6, INVALID),)))).encode()
    policy_part = manifest.parts[1]
    yield "delta", replace(delta, parts=(policy_part, policy_part)).encode()
    yield "delta", replace(delta, parts=(manifest.parts[-1],)).encode()
    yield "manifest", replace(manifest, parts=manifest.parts[1:]).encode()
    yield "manifest", replace(manifest, parts=(*manifest.parts, policy_part._replace(name="RS"))).encode()
    yield "manifest", manifest.encode().replace(manifest.hash, bytes(32))
    yield "manifest", manifest.encode().replace(b"fpolicy", b"fpalicy", 1)

"""The trusted state of one terminal, and the only ways into it."""

from collections.abc import Callable
from datetime import UTC, datetime

from cards.statuslist import StatusList
from cards.trust import MANIFESTS, Trust
from rules.terms import Place
from terminals.bundle.anchor import Anchor
from terminals.bundle.delta import Delta
from terminals.bundle.errors import (
    BundleExpired,
    ForeignProvider,
    Gap,
    Incomplete,
    NotNamed,
    Rollback,
    SignerUnknown,
    WrongState,
)
from terminals.bundle.manifest import Manifest, Part
from terminals.bundle.objects import Opened, signed, unverified
from terminals.bundle.parts import open_part
from terminals.bundle.policy import Policy
from terminals.bundle.snapshot import Snapshot
from terminals.bundle.state import Content, State
from terminals.bundle.trustlist import TrustList

SKEW = 120
"""Seconds that the clocks of service and terminal may differ."""
MOST_DELTAS = 2000
"""So many deltas are kept beside the manifest that they follow."""
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class Holding:
    """What the terminal may rely on. Nothing enters but by these rules; what is refused leaves everything as it was.

    - The root key comes with the pairing. A trust list counts when a known root has signed it; one that names root
      keys replaces them. Its number never goes down.
    - Manifests, policies, snapshots and deltas count when a key with the role "manifest" in the trust list has signed
      them, status lists when one with the role "status" has.
    - The first manifest fixes the provider. A manifest's number never goes down, and one that is past its end is not
      taken; of two with the same number only the newer one counts, and only for the same state.
    - A part counts when a manifest or delta names it, with exactly the size and the content that it names.
    - A state is taken as a whole: until its last part is there, the one before it stays in use and grows old.
    - A delta counts when it starts where the terminal is and its changes lead to the digest that it names. It makes the
      state as young as a manifest would.
    - When a new trust list lacks a key that the state rests on, the state stays in use as stale, and its number no
      longer binds: whoever had the key could have set it to any height.
    """

    def __init__(self, root: bytes, machine: str = "") -> None:
        """Nothing held yet; `root` is the root key (DER SubjectPublicKeyInfo), `machine` this terminal's id.

        Raises:
            ObjectUnreadable: no key of a kind in use.
        """
        self.machine = machine
        self.anchor = Anchor(root)
        self.manifest: bytes | None = None
        self.deltas: tuple[bytes, ...] = ()
        self.state: State | None = None
        self.base: State | None = None
        self.brought: tuple[Content, ...] = ()
        self._waiting: tuple[State, bytes, bool] | None = None
        self._distrusted = False

    @property
    def seq(self) -> int | None:
        """The number of the state held; None without one, or when its signer is no longer trusted."""
        return None if self.state is None or self._distrusted else self.state.seq

    @property
    def hash(self) -> bytes | None:
        """The digest of the state held."""
        return None if self.state is None else self.state.hash

    @property
    def provider(self) -> str | None:
        """Whose terminal this is."""
        return None if self.state is None else self.state.provider

    @property
    def trust(self) -> Trust:
        """The keys that count now."""
        return self.anchor.trust

    @property
    def trust_list(self) -> TrustList | None:
        """The newest trust list."""
        return self.anchor.list

    @property
    def policy(self) -> Policy | None:
        """The policy held."""
        found = self._content("policy", self.provider)
        return found if isinstance(found, Policy) else None

    @property
    def snapshot(self) -> Snapshot | None:
        """The card snapshot held, where the provider has one."""
        found = self._content("cards", self.provider)
        return found if isinstance(found, Snapshot) else None

    def status(self, status_list: int, index: int) -> int | None:
        """The two bits of a token, None where the list is not held or ends before it."""
        found = self._content("status", str(status_list))
        return found.get(index) if isinstance(found, StatusList) and index < found.size else None

    def place(self, code: str | None) -> Place | None:
        """The provider's place of this code, without one that of this terminal; None where it is not known."""
        if (policy := self.policy) is None:
            return None
        own = policy.terminals.get(self.machine) if code is None else code
        return None if own is None else policy.place(own)

    @property
    def floor(self) -> datetime:
        """The newest moment that a signed object has shown: the present is never before it."""
        known = [] if self.trust_list is None else [self.trust_list.iat]
        if self.state is not None and not self._distrusted:
            known.append(self.state.iat)
        return datetime.fromtimestamp(max(known), UTC) if known else _NEVER

    def stale(self, at: datetime) -> bool:
        """Whether what is held is too old to be sure of at the aware time `at`."""
        if self.state is None or self.trust_list is None or self._distrusted or self.policy is None:
            return True
        now = max(at, self.floor).timestamp()
        end = min(self.state.exp, self.trust_list.exp)
        return now - self.state.iat > self.policy.stale_after or now > end

    def missing(self) -> list[Part]:
        """The parts that the newest state still lacks, in the order in which they are to be fetched."""
        return [] if self._waiting is None else self._waiting[0].missing

    def named_trust(self, manifest: bytes) -> Part:
        """The trust list that a manifest names whose signer is not known yet; to be fetched for `update_trust`.

        Raises:
            ObjectUnreadable, WrongSize
        """
        return Manifest.decode(unverified("manifest", manifest)).parts[0]

    def update_trust(self, data: bytes, at: datetime) -> None:
        """Takes a trust list.

        Raises:
            BundleRefused
        """
        self.take_trust(data, lambda found: self._not_over(found.exp, at))

    def take_trust(self, data: bytes, fits: Callable[[TrustList], None] = lambda _: None) -> None:
        """As `update_trust`, whatever its end."""
        if self.anchor.take(data, fits):
            self._forget_untrusted()

    def update_manifest(self, data: bytes, at: datetime) -> None:
        """Takes a manifest: at once where all its parts are held, else with the last of its parts.

        Raises:
            BundleRefused
        """
        opened = signed("manifest", data, self.trust, at)
        found = Manifest.decode(opened.payload)
        self._not_over(found.exp, at)
        self.take_manifest(found, opened, data)

    def take_manifest(self, found: Manifest, opened: Opened, data: bytes) -> None:
        """As `update_manifest`, once the signature and the end have been looked at."""
        if self.provider not in (None, found.provider):
            raise ForeignProvider(found.provider)
        signers = frozenset((opened.signer.kid,))
        new = State(found.seq, found.provider, found.iat, found.exp - found.iat, found.parts, signers)
        if self.state is not None and not self._distrusted:
            _not_older(new, self.state)
        if self._waiting is not None:
            _not_older(new, self._waiting[0])
        self._take(new.having(self._waiting and self._waiting[0]).having(self.state), data, is_delta=False)

    def update_part(self, part: Part, data: bytes, at: datetime) -> None:
        """Takes the signed object of a part that is missing.

        Raises:
            BundleRefused
        """
        if self._waiting is None or part not in self._waiting[0].missing:
            raise NotNamed(f"{part.kind} {part.name}")
        content = open_part(part, data, self.trust, self.anchor.roots, at)
        if isinstance(content, TrustList):
            self.update_trust(data, at)
        self.take_content(part, content)

    def take_content(self, part: Part, content: Content) -> None:
        """As `update_part`, once the content is known to be the one that was named."""
        if self._waiting is None:
            raise SignerUnknown("the trust list does not name the signer of the manifest that names it")
        state, said, is_delta = self._waiting
        if is_delta:
            self.brought = (*self.brought, content)
        self._take(state.with_content(part, content), said, is_delta=is_delta)

    def apply_delta(self, data: bytes, at: datetime) -> None:
        """Takes a delta: at once, or with the last of the parts that it brings whole.

        Raises:
            BundleRefused
        """
        opened = signed("delta", data, self.trust, at)
        self.take_delta(Delta.decode(opened.payload), opened, data)

    def take_delta(self, delta: Delta, opened: Opened, data: bytes) -> None:
        """As `apply_delta`, once the signature has been looked at."""
        if self.state is None or self._distrusted:
            raise Gap("nothing is held yet")
        if delta.after <= self.state.seq:
            raise Rollback(f"delta to {delta.after}, held {self.state.seq}")
        if delta.before != self.state.seq:
            raise Gap(f"delta from {delta.before}, held {self.state.seq}")
        new = self.state.after(delta, opened.signer.kid)
        if new.missing and self._waiting is not None and self._waiting[0].seq >= new.seq:
            raise Incomplete(f"state {self._waiting[0].seq} is not complete")
        self._take(new, data, is_delta=True)

    def _take(self, new: State, data: bytes, *, is_delta: bool) -> None:
        new = new.having_trust(self.trust_list)
        if new.missing:
            self._waiting = new, data, is_delta
            return
        self.state, self._distrusted = new, False
        if is_delta:
            # those beyond are fetched again after a restart; the next manifest ends the list
            self.deltas = (*self.deltas, data)[:MOST_DELTAS]
        else:
            self.manifest, self.deltas, self.base, self.brought = data, (), new, ()
        if self._waiting is not None and self._waiting[0].seq <= new.seq:
            self._waiting = None

    def _content(self, kind: str, name: str | None) -> Content | None:
        return None if self.state is None or name is None else self.state.contents.get((kind, name))

    def _not_over(self, exp: int, at: datetime) -> None:
        if max(at, self.floor).timestamp() - SKEW > exp:
            raise BundleExpired(datetime.fromtimestamp(exp, UTC).isoformat())

    def _forget_untrusted(self) -> None:
        if self.state is not None and not self._stands(self.state):
            self._distrusted = True
        if self._waiting is not None and not self._stands(self._waiting[0]):
            self._waiting = None

    def _stands(self, state: State) -> bool:
        listed = self.anchor.list
        return listed is not None and all(listed.signs(kid, MANIFESTS) for kid in state.signers)


def _not_older(new: State, held: State) -> None:
    if (new.seq, new.iat) < (held.seq, held.iat):
        raise Rollback(f"manifest {new.seq}, held {held.seq}")
    if new.seq == held.seq and new.hash != held.hash:
        raise WrongState(f"two states of the number {new.seq}")

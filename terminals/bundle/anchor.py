"""Where a terminal's trust begins: the root key of its pairing, and the trust lists that roots have signed since."""

from collections.abc import Callable

from cards.trust import Trust
from terminals.bundle.errors import BundleRefused, Rollback
from terminals.bundle.objects import signed
from terminals.bundle.trustlist import TrustList, root_trust

_NOBODY = Trust(())


class Anchor:
    """The roots known now, the newest trust list, and the lists that lead to it from the first root.

    A list counts when a root known so far has signed it, and never one with a lower number; one that names root keys
    replaces them.
    """

    def __init__(self, root: bytes) -> None:
        """With the root key of the pairing (DER SubjectPublicKeyInfo).

        Raises:
            ObjectUnreadable: no key of a kind in use.
        """
        self.roots = root_trust(root)
        self.list: TrustList | None = None
        self.chain: tuple[bytes, ...] = ()
        self._before = self.roots

    @property
    def trust(self) -> Trust:
        """The keys that count now."""
        return _NOBODY if self.list is None else self.list.trust

    def take(self, data: bytes, fits: Callable[[TrustList], None] = lambda _: None) -> bool:
        """Takes a signed list that `fits` does not refuse; whether it is another than the one held.

        Raises:
            BundleRefused: everything is as it was.
        """
        found = TrustList.decode(signed("trust", data, self.roots).payload)
        fits(found)
        held = self.list
        if held is not None and (found.seq < held.seq or (found.seq == held.seq and found != held)):
            raise Rollback(f"trust list {found.seq}, held {held.seq}")
        if found == held:
            return False
        if self.chain and _signed_by(self._before, data):
            self.chain = (*self.chain[:-1], data)
        else:
            # the list before it is what it is verified by
            self._before, self.chain = self.roots, (*self.chain, data)
        self.list = found
        if found.roots:
            self.roots = Trust(found.roots)
        return True


def _signed_by(roots: Trust, trust_list: bytes) -> bool:
    try:
        signed("trust", trust_list, roots)
    except BundleRefused:
        return False
    return True

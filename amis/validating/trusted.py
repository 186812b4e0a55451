"""The issuers' keys of this installation, loaded once and looked at again when an unknown key turns up."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from amis.issuing.store import trust
from amis.kernel.keys import keystore
from cards.keys import KeyStore
from cards.trust import Trust

AGAIN = timedelta(minutes=1)
"""After this time the key file is read again even if no key was unknown: one may have been retired."""
SOONEST = timedelta(seconds=1)
"""An unknown key makes the file be read again, but not more often than this: strangers can show any key."""
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
Versions = tuple[tuple[str, int], ...]


@dataclass(slots=True)
class Trusted:
    """The trust list, the versions of keys it holds, and when their file was read."""

    trust: Trust = field(default_factory=lambda: Trust(()))
    holds: Versions = ()
    read_at: datetime = _NEVER

    def current(self, at: datetime) -> Trust:
        """The trust list, not older than a minute at `at`."""
        if not timedelta(0) <= at - self.read_at < AGAIN:
            self.look_again(at)
        return self.trust

    def look_again(self, at: datetime) -> bool:
        """Takes up new and retired keys; whether there were any."""
        store = keystore()
        if not timedelta(0) <= at - self.read_at < SOONEST:
            self.read_at = at
            store.reload()
        holds = _versions(store)
        changed = holds != self.holds
        if changed:
            self.trust, self.holds = trust(store), holds
        return changed


def _versions(store: KeyStore) -> Versions:
    return tuple((name, version) for name in store.names() for version in store.versions(name))

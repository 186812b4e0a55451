"""The trust list of this installation: the keys that sign credentials, status lists, bundles, and the root itself."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from amis.issuing.store import ISSUER
from amis.kernel.keys import MANIFEST, ROOT, STATUS
from cards.keys import KeyStore
from cards.trust import CREDENTIALS, MANIFESTS, STATUS_LISTS, TrustEntry
from cards.trust import ROOT as ROOTS
from terminals.bundle.trustlist import TrustList

LASTS = timedelta(days=90)
RENEWED = timedelta(days=30)
_OWN = {STATUS: STATUS_LISTS, ROOT: ROOTS, MANIFEST: MANIFESTS}


@dataclass(frozen=True, slots=True)
class Signers:
    """Whose signatures count now."""

    entries: tuple[TrustEntry, ...]

    @classmethod
    def of(cls, keys: KeyStore) -> "Signers":
        """Every public half that verifiers need."""
        return cls(
            tuple(
                TrustEntry(public.kid, public.der, name.removeprefix(ISSUER) if issuer else "", role)
                for name in keys.names()
                if (issuer := name.startswith(ISSUER)) or name in _OWN
                for role in (CREDENTIALS if issuer else _OWN[name],)
                for public in keys.publics(name)
            )
        )

    def listed(self, before: TrustList | None, address: str, seq: int, at: datetime) -> TrustList:
        """The list to publish: the one before while it says the same and is young enough."""
        iat = int(at.timestamp())
        if before and before.entries == self.entries and iat < before.iat + RENEWED.total_seconds():
            return before
        return TrustList(address, iat, iat + int(LASTS.total_seconds()), seq, self.entries)

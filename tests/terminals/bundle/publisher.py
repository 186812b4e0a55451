"""The service's side of a bundle in small: keys, a state that moves, and everything signed as a service signs it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from cards import cose
from cards.statuslist import StatusList, sign_status_list
from cards.trust import MANIFESTS, ROOT, STATUS_LISTS, TrustEntry
from rules.period import Days
from rules.quota import Per
from rules.tariff import Discount, DiscountKind, Quota
from rules.terms import Amber, Offline, Place, Terms
from terminals.bundle.delta import Delta
from terminals.bundle.holding import Holding
from terminals.bundle.manifest import Manifest, Part, state_hash
from terminals.bundle.objects import seal
from terminals.bundle.policy import Policy, Revision
from terminals.bundle.snapshot import Profile, ProfileRight, Snapshot
from terminals.bundle.trustlist import TrustList
from tests.cards.conftest import Issuer

AT = datetime(2026, 9, 1, 8, 30, tzinfo=UTC)
MACHINE = "0190c4f2-0000-7000-8000-000000000001"
SMALL = 4096
"""Entries of the status lists of tests: as large as it takes, so that vectors stay small."""
ISS = "https://amis.example.lv"
HOUR = timedelta(hours=1)
_REPEATABLE = ec.ECDSA(SHA256(), deterministic_signing=True)


class Repeatable(Issuer):
    """A signer whose signatures are the same each time (RFC 6979), so that vectors can be made again."""

    def sign(self, data: bytes) -> bytes:
        if isinstance(self.key, ed25519.Ed25519PrivateKey):
            return self.key.sign(data)
        r, s = decode_dss_signature(self.key.sign(data, _REPEATABLE))
        return r.to_bytes(32) + s.to_bytes(32)


def p256(number: int) -> Repeatable:
    """A P-256 key of tests; every number another."""
    return Repeatable(ec.derive_private_key(number + 2, ec.SECP256R1()))


def edwards(number: int) -> Repeatable:
    """An Ed25519 key of tests; every number another."""
    return Repeatable(ed25519.Ed25519PrivateKey.from_private_bytes(number.to_bytes(32)), cose.ED25519)


ROOT_KEY, MANIFEST_KEY, STATUS_KEY, ISSUER, PHONE = p256(1), edwards(2), p256(3), p256(4), p256(5)
RIGA_ISSUER, STRANGER = edwards(6), p256(7)
FREE = Discount(DiscountKind.FREE)
HALF = Discount(DiscountKind.PERCENT, Decimal(50))


def concession(number: int, grantor: str = "JLG", **fields) -> Revision:
    """A free concession, some of it changed."""
    plain = {"discount": FREE, "quota": None, "terms": Terms(), "first": date(2026, 1, 1), "until": None}
    return Revision(f"{number:032x}", 1, grantor, **(plain | fields))


CONCESSIONS: dict[int, tuple[Revision, ...]] = {
    301: (concession(301),),
    302: (concession(302, discount=HALF, quota=Quota(20, Per.MONTH)),),
    303: (concession(303, terms=Terms(modes=frozenset({"tram", "bus"}), holder_mode=True)),),
    304: (concession(304, terms=Terms(weekdays=frozenset({6, 7}), waiver="summer_work")),),
    305: (concession(305, terms=Terms(companions=1, check_photo=True)),),
    306: (concession(306, terms=Terms(offline=Offline(Amber.DENY))),),
    307: (concession(307, terms=Terms(offline=Offline(Amber.GRANT_WITH_ID, 1)), quota=Quota(5, Per.DAY)),),
    308: (concession(308, quota=Quota(0, Per.MONTH, None, Decimal(40))),),
    309: (concession(309, "RIX", discount=Discount(DiscountKind.AMOUNT_OFF, Decimal("0.50"))),),
    310: (concession(310, terms=Terms(universal=True, dates=frozenset({"11-18", "2026-09-07"}))),),
    311: (
        concession(311, until=date(2026, 9, 15), discount=HALF),
        replace(concession(311, first=date(2026, 9, 15)), revision=2),
    ),
    312: (concession(312, terms=Terms(zones=frozenset({"A"}), offline=Offline(online_only=True))),),
}
PLACES = {
    "bus-1": Place("bus-1", "JAP", "bus", "A", None, 56.65, 23.71),
    "tram-7": Place("tram-7", "JAP", "tram", None, None, 56.66, 23.75),
    "office": Place("office", "JAP"),
}


def policy(**fields) -> Policy:
    """The policy of the provider JAP, some of it changed."""
    plain = {"seq": 1, "provider": "JAP", "provider_kind": "carrier", "terminals": {MACHINE: "bus-1"}}
    plain |= {"places": PLACES, "concessions": CONCESSIONS, "amnesty": {"RIX": Days.parse("{[2026-09-01,2026-10-01)}")}}
    return Policy(**(plain | fields))


def trust_list(*entries: TrustEntry, seq: int = 1, iat: datetime = AT, days: int = 400) -> TrustList:
    """The keys of tests, or those given."""
    found = entries or (
        ROOT_KEY.entry(municipality="", role=ROOT),
        MANIFEST_KEY.entry(municipality="", role=MANIFESTS),
        STATUS_KEY.entry(municipality="", role=STATUS_LISTS),
        ISSUER.entry(),
        RIGA_ISSUER.entry(municipality="RIX"),
    )
    second = int(iat.timestamp())
    return TrustList(ISS, second, second + days * 86_400, seq, found)


SNAPSHOT_KEY = bytes(range(16))
FREE_CARD, TRAM_CARD, DEAD_CARD, ASKED_CARD = (bytes((4, 0x11, 0x22, 0x33, 0x44, 0x55, n)) for n in range(1, 5))
ALL_2026 = Days.parse("{[2026-01-01,2027-01-01)}")
PROFILES = {
    1: Profile("JLG", (ProfileRight(301, ALL_2026), ProfileRight(304, ALL_2026, flags=frozenset({"summer_work"})))),
    2: Profile("RIX", (ProfileRight(303, ALL_2026, frozenset({"tram"})),)),
}


def snapshot(cards: Mapping[bytes, int] | None = None) -> Snapshot:
    """The cards of tests: one free, one for trams, one dead, one to be asked for."""
    found = {FREE_CARD: 1, TRAM_CARD: 2, DEAD_CARD: 0, ASKED_CARD: 0xFFFF} if cards is None else cards
    return Snapshot.build(SNAPSHOT_KEY, found, PROFILES)


@dataclass
class Publisher:
    """A service that publishes to one provider; `objects` are the signed parts by their address."""

    at: datetime = AT
    seq: int = 10
    policy: Policy = field(default_factory=policy)
    trust: TrustList = field(default_factory=trust_list)
    lists: dict[int, StatusList] = field(default_factory=lambda: {0: StatusList(SMALL), 3: StatusList(SMALL)})
    cards: Snapshot | None = field(default_factory=snapshot)
    root: Repeatable = ROOT_KEY
    signer: Repeatable = MANIFEST_KEY
    status_key: Repeatable = STATUS_KEY
    objects: dict[str, bytes] = field(default_factory=dict)

    def parts(self) -> tuple[Part, ...]:
        """The parts of the present state."""
        found = [
            self._part("trust", "trust", self.trust.encode(), seal("trust", self.trust.encode(), self.root)),
            self._part("policy", self.policy.provider, *self._sealed("policy", self.policy.encode())),
        ]
        for number, statuses in sorted(self.lists.items()):
            token = sign_status_list(statuses, self.status_key, uri=f"{ISS}/status/{number}", at=self.at)
            found.append(self._part("status", str(number), statuses.packed(), token))
        if self.cards is not None:
            found.append(self._part("cards", self.policy.provider, *self._sealed("cards", self.cards.encode())))
        return tuple(found)

    def manifest(self, life: timedelta = 48 * HOUR) -> bytes:
        """The signed manifest of the present state."""
        second = int(self.at.timestamp())
        exp = second + int(life.total_seconds())
        found = Manifest(ISS, second, exp, self.seq, self.policy.provider, self.parts())
        return seal("manifest", found.encode(), self.signer)

    def delta(
        self,
        status: Mapping[int, Mapping[int, int]] | None = None,
        cards: Mapping[bytes, int] | None = None,
        whole: Iterable[str] = (),
    ) -> bytes:
        """Changes status (by list and index) and cards (by UID), and gives the signed delta.

        Parts of the kinds in `whole`, changed before, are sent whole.
        """
        before, self.seq = self.seq, self.seq + 1
        for number, changes in (status or {}).items():
            self.lists[number] = StatusList(self.lists[number].size, self.lists[number].packed())
            for index, value in changes.items():
                self.lists[number].set(index, value)
        macs: dict[bytes, int] = {}
        if cards:
            assert self.cards is not None
            macs = {self.cards.mac(uid): profile for uid, profile in cards.items()}
            self.cards = self.cards.changed(macs.items())
        parts = self.parts()
        changed = tuple((number, tuple(sorted(found.items()))) for number, found in sorted((status or {}).items()))
        sent = tuple(part for part in parts if part.kind in whole)
        second = int(self.at.timestamp())
        delta = Delta(ISS, second, before, self.seq, changed, tuple(sorted(macs.items())), sent, state_hash(parts))
        return seal("delta", delta.encode(), self.signer)

    def give(self, holding: Holding) -> None:
        """Everything that the terminal lacks, as a terminal fetches it."""
        for part in holding.missing():
            holding.update_part(part, self.objects[part.href], self.at)

    def bring(self, holding: Holding) -> Holding:
        """The whole present state to a terminal, a new one or one that is behind."""
        manifest = self.manifest()
        held = holding.trust_list
        if held is None or held.seq < self.trust.seq:
            holding.update_trust(self.objects[holding.named_trust(manifest).href], self.at)
        holding.update_manifest(manifest, self.at)
        self.give(holding)
        return holding

    def _sealed(self, kind: str, content: bytes) -> tuple[bytes, bytes]:
        return content, seal(kind, content, self.signer)

    def _part(self, kind: str, name: str, content: bytes, signed: bytes) -> Part:
        digest = sha256(content).digest()
        href = f"/terminal/v1/parts/{digest.hex()}?name={name}"
        self.objects[href] = signed
        return Part(kind, name, self.seq, len(signed), digest, href)


def held(publisher: Publisher | None = None) -> Holding:
    """A terminal that holds the present state of a service."""
    return (publisher or Publisher()).bring(Holding(ROOT_KEY.der, MACHINE))

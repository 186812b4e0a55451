"""Random contents of bundles for Hypothesis."""

from datetime import date
from decimal import Decimal

from hypothesis import strategies as st

from cards import cose
from cards.trust import MANIFESTS, STATUS_LISTS, TrustEntry
from rules.period import Days, Period
from rules.quota import Per
from rules.tariff import Discount, DiscountKind, Quota
from rules.terms import Amber, Offline, Place, Terms
from terminals.bundle.delta import Delta
from terminals.bundle.manifest import Manifest, Part
from terminals.bundle.policy import Policy, Revision
from terminals.bundle.snapshot import Profile, ProfileRight, Snapshot
from terminals.bundle.trustlist import TrustList
from tests.terminals.bundle.publisher import edwards, p256

WORDS = st.text('abĀčž"\\/ .:<🚌\n\0\u2028', min_size=1, max_size=6)
NUMBERS = st.integers(0, 2**40)
DIGESTS = st.binary(min_size=32, max_size=32)
DATES = st.dates(date(2020, 1, 1), date(2030, 12, 31))
CODES = st.integers(0, 0xFFFF)


@st.composite
def periods(draw) -> Days:
    bounds = sorted(draw(st.sets(DATES, max_size=4)))
    pairs = zip(bounds[::2], bounds[1::2], strict=False)
    return Days.of(*(Period(low, high) for low, high in pairs))


@st.composite
def entries(draw) -> TrustEntry:
    number = draw(st.integers(0, 40))
    key, algorithm = (p256(number), cose.ESP256) if draw(st.booleans()) else (edwards(number + 1), cose.ED25519)
    return TrustEntry(
        key.kid,
        key.der,
        draw(st.just("") | WORDS),
        draw(st.sampled_from(["issuer", STATUS_LISTS, MANIFESTS, "root"])),
        (algorithm,),
        draw(st.none() | st.frozensets(CODES, max_size=4)),
        draw(st.none() | NUMBERS),
    )


TRUST_LISTS = st.builds(
    TrustList,
    WORDS,
    NUMBERS,
    NUMBERS,
    NUMBERS,
    st.lists(entries(), max_size=4, unique_by=lambda entry: entry.kid).map(tuple),
)


def parts(kinds: st.SearchStrategy[str]) -> st.SearchStrategy[Part]:
    @st.composite
    def one(draw) -> Part:
        kind = draw(kinds)
        name = str(draw(st.integers(0, 2**15 - 1))) if kind == "status" else draw(WORDS)
        return Part(kind, name, draw(NUMBERS), draw(NUMBERS), draw(DIGESTS), draw(WORDS))

    return one()


@st.composite
def manifests(draw) -> Manifest:
    found = [draw(parts(st.just("trust"))), draw(parts(st.just("policy")))]
    found += draw(st.lists(parts(st.just("status")), max_size=5, unique_by=lambda part: part.name))
    found += draw(st.lists(parts(st.just("cards")), max_size=1))
    ordered = tuple(sorted(found, key=lambda part: part.order))
    return Manifest(draw(WORDS), draw(NUMBERS), draw(NUMBERS), draw(NUMBERS), draw(WORDS), ordered)


@st.composite
def deltas(draw) -> Delta:
    lists = draw(st.sets(st.integers(0, 2**15 - 1), max_size=3))
    entry = st.dictionaries(st.integers(0, 2**17 - 1), st.integers(0, 3), max_size=4)
    status = tuple((name, tuple(sorted(draw(entry).items()))) for name in sorted(lists))
    cards = draw(st.dictionaries(st.binary(min_size=8, max_size=8), CODES, max_size=3))
    whole = draw(st.lists(parts(st.sampled_from(["trust", "policy"])), max_size=2, unique_by=lambda part: part.order))
    before = draw(st.integers(0, 2**40 - 1))
    return Delta(
        draw(WORDS),
        draw(NUMBERS),
        before,
        before + 1,
        status,
        tuple(sorted(cards.items())),
        tuple(sorted(whole, key=lambda part: part.order)),
        draw(DIGESTS),
    )


AMOUNTS = st.integers(0, 100_000).map(lambda units: Decimal(units).scaleb(-4))
DISCOUNTS = st.just(Discount(DiscountKind.FREE)) | st.builds(
    Discount, st.sampled_from([kind for kind in DiscountKind if kind is not DiscountKind.FREE]), AMOUNTS
)
QUOTAS = st.none() | st.builds(Quota, st.integers(1, 100_000), st.sampled_from(Per))
TERMS = st.builds(
    Terms,
    weekdays=st.frozensets(st.integers(1, 7)),
    calendar=st.none() | periods(),
    waiver=st.none() | WORDS,
    zones=st.frozensets(WORDS, max_size=2),
    companions=st.integers(0, 10),
    offline=st.builds(Offline, st.sampled_from(Amber), st.integers(0, 1000), st.booleans()),
    universal=st.booleans(),
)


@st.composite
def dated(draw) -> tuple[Revision, ...]:
    bounds = sorted(draw(st.sets(DATES, min_size=1, max_size=3)))
    ends = [*bounds[1:], draw(st.none() | st.just(date(2040, 1, 1)))]
    code = f"{draw(st.integers(0, 2**128 - 1)):032x}"
    return tuple(
        Revision(code, number, draw(WORDS), low, high, draw(DISCOUNTS), draw(QUOTAS), draw(TERMS), draw(DATES))
        for number, (low, high) in enumerate(zip(bounds, ends, strict=True), 1)
    )


@st.composite
def policies(draw) -> Policy:
    provider = draw(WORDS)
    degrees = st.none() | st.floats(-90, 90)
    codes = draw(st.sets(WORDS, max_size=3))
    words = st.none() | WORDS
    places = {
        code: Place(code, provider, draw(words), draw(words), None, draw(degrees), draw(degrees)) for code in codes
    }
    return Policy(
        draw(NUMBERS),
        provider,
        draw(WORDS),
        draw(st.dictionaries(WORDS, WORDS, max_size=2)),
        places,
        draw(st.dictionaries(CODES, dated(), max_size=3)),
        draw(st.dictionaries(WORDS, periods(), max_size=2)),
        stale_after=draw(st.integers(0, 10**9)),
    )


RIGHTS = st.builds(ProfileRight, CODES, periods(), st.frozensets(WORDS, max_size=2), st.frozensets(WORDS, max_size=2))
PROFILES = st.dictionaries(
    st.integers(1, 65_534), st.builds(Profile, WORDS, st.lists(RIGHTS, max_size=2).map(tuple)), max_size=3
)
UIDS = st.binary(min_size=7, max_size=7)
CARDS = st.dictionaries(UIDS, CODES, max_size=30)
SNAPSHOTS = st.builds(Snapshot.build, st.binary(min_size=16, max_size=16), CARDS, PROFILES)

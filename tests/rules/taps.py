"""Short ways to write taps, rights and terms, and Hypothesis strategies for them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from hypothesis import strategies as st

from rules.claim import EntitlementClaim, Holder, LastTap, Memory, Place, Proof, Tap, TerminalState, TokenState
from rules.decision import RIGA, local
from rules.period import EMPTY, Days
from rules.tariff import Discount, DiscountKind, Per, Quota
from rules.terms import Amber, Offline, Terms
from tests.rules.draws import amounts, day_sets, discounts, quotas

FREE = Discount(DiscountKind.FREE)
HALF = Discount(DiscountKind.PERCENT, Decimal(50))
ALL_2026 = Days.parse("{[2026-01-01,2027-01-01)}")
FARE = Decimal("0.85")
BUS = Place("bus-1", "JAP", "bus")
OTHER_BUS = Place("bus-2", "JAP", "bus")
TRAM = Place("tram-1", "JAP", "tram")
MONTHLY = Quota(20, Per.MONTH)
ONLINE = TerminalState()


def riga(text: str) -> datetime:
    """A moment by the clock on the wall in Riga."""
    return datetime.fromisoformat(text).replace(tzinfo=RIGA)


def tap(
    at: str = "2026-05-10T12:00",
    *,
    place: Place = BUS,
    gross: str = "0.85",
    product: str = "single",
    companions: int = 0,
    proof: Proof = Proof.NONE,
    replay_key: str | None = None,
) -> Tap:
    moment = riga(at)
    return Tap(moment, *local(moment), place, product, Decimal(gross), companions, proof, replay_key)


def right(
    code: str,
    discount: Discount = FREE,
    quota: Quota | None = None,
    *,
    periods: Days = ALL_2026,
    modes: frozenset[str] = frozenset(),
    priority: int = 100,
    suspended: Days = EMPTY,
    flags: frozenset[str] = frozenset(),
) -> EntitlementClaim:
    return EntitlementClaim(code, 1, code[:3], periods, discount, quota, priority, suspended, modes, flags)


def holder(
    *rights: EntitlementClaim, state: TokenState = TokenState.ACTIVE, universal: tuple[EntitlementClaim, ...] = ()
) -> Holder:
    return Holder(state, rights, universal)


def terms_of(who: Holder, **special: Terms) -> Mapping[tuple[str, int], Terms]:
    """Terms without limits for every right, or the special ones by code with `_` for `-`."""
    by_code = {code.replace("_", "-"): terms for code, terms in special.items()}
    rights = (*who.entitlements, *who.universal)
    return {(each.code, each.revision): by_code.get(each.code, Terms(check_photo=False)) for each in rights}


MOMENTS = ["2026-02-28T23:59", "2026-03-01T00:00", "2026-05-30T12:00", "2026-05-31T23:59", "2026-06-01T00:01"]
places = st.sampled_from([BUS, OTHER_BUS, TRAM, Place("p", "RS", "bus", "A", "7", 56.65, 23.72)])
taps = st.builds(
    lambda at, place, gross, product, companions, proof, key: tap(
        at, place=place, gross=str(gross), product=product, companions=companions, proof=proof, replay_key=key
    ),
    st.sampled_from(MOMENTS),
    places,
    amounts,
    st.sampled_from(["single", "season"]),
    st.integers(0, 2),
    st.sampled_from(Proof),
    st.none() | st.sampled_from(["k1", "k2"]),
)
_codes = st.sampled_from(["A", "B", "C", "D"])
_few_words = st.frozensets(st.sampled_from(["bus", "tram"]), max_size=1)
claims = st.builds(
    EntitlementClaim,
    _codes,
    st.integers(1, 2),
    st.sampled_from(["JLG", "LV"]),
    day_sets,
    discounts,
    st.none() | quotas,
    st.integers(1, 2),
    st.just(Days()) | day_sets,
    _few_words,
    st.frozensets(st.just("summer_work")),
    st.sampled_from([date.min, date(2026, 5, 20)]),
)
_everybodys = claims.map(lambda claim: replace(claim, code="U", quota=None))
holders = st.builds(
    Holder,
    st.sampled_from([*TokenState, *[TokenState.ACTIVE] * 6]),
    st.lists(claims, max_size=4, unique_by=lambda claim: claim.code).map(tuple),
    st.lists(_everybodys, max_size=1).map(tuple),
)
_terms = st.builds(
    Terms,
    weekdays=st.frozensets(st.integers(1, 7), max_size=3),
    windows=st.just(()) | st.just(((22 * 60, 4 * 60),)),
    calendar=st.none() | day_sets,
    waiver=st.none() | st.just("summer_work"),
    modes=_few_words,
    products=st.frozensets(st.just("single")),
    companions=st.integers(0, 2),
    pass_back_seconds=st.sampled_from([0, 30]),
    check_photo=st.booleans(),
    offline=st.builds(Offline, st.sampled_from(Amber), st.integers(0, 2), st.booleans()),
)
all_terms = st.builds(
    dict.__or__,
    st.dictionaries(st.tuples(_codes, st.integers(1, 2)), _terms, min_size=4),
    st.dictionaries(st.tuples(st.just("U"), st.integers(1, 2)), _terms.map(lambda each: replace(each, universal=True))),
)
_windows = st.sampled_from([date(2026, 5, 1), date(2026, 3, 1), date(2026, 6, 1), date(2026, 1, 1), date(2026, 5, 31)])
_counters = st.dictionaries(st.tuples(_codes, _windows), st.integers(0, 3) | st.integers(0, 60_000))
memories = st.builds(
    Memory,
    _counters,
    _counters,
    _counters,
    st.lists(st.builds(LastTap, st.sampled_from(MOMENTS).map(riga), places), max_size=2).map(tuple),
    st.frozensets(st.just("k1")),
    _counters,
)
terminals = st.builds(
    TerminalState,
    online=st.booleans(),
    stale=st.booleans(),
    clock_doubtful=st.booleans(),
    amnesty=st.just(Days()) | day_sets,
    list_seq=st.none() | st.integers(1, 9),
    pass_back_seconds=st.sampled_from([0, 600]),
)

"""Rows of the classifier as the database gives them back, and all the terms that a form can hold."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from amis.concessions.drafts import TermsDraft
from amis.concessions.models import ConcessionTerms
from rules.funding import Funding, Part
from rules.period import Days, Period
from rules.quota import Per, Quota
from rules.tariff import Discount, DiscountKind
from rules.terms import Amber, Offline, Terms


def row_of(draft: TermsDraft, revision: int = 1) -> ConcessionTerms:
    """The row that a draft becomes."""
    return ConcessionTerms(
        revision=revision,
        valid_from=draft.valid_from,
        valid_to=draft.valid_to,
        discount=draft.discount.to_json(),
        quota=draft.quota.to_json() if draft.quota else None,
        terms=draft.terms.to_json(),
        funding=draft.funding.to_json(),
    )


_words = st.text("abcXYZāžō019-_ ", min_size=1, max_size=8).map(str.strip).filter(bool)
_days = st.dates(date(1990, 1, 1), date(2100, 12, 31))
_euros = st.decimals(0, 1000, places=2).map(lambda value: Decimal(f"{value:f}"))
_some = st.frozensets(_words, max_size=3)


@st.composite
def _flat_discounts(draw: st.DrawFn) -> Discount:
    kind = draw(st.sampled_from(list(DiscountKind)))
    if kind is DiscountKind.FREE:
        return Discount(kind)
    most = 100 if kind is DiscountKind.PERCENT else 1000
    return Discount(kind, Decimal(f"{draw(st.decimals(0, most, places=draw(st.integers(0, 4)))):f}"))


@st.composite
def _discounts(draw: st.DrawFn) -> Discount:
    own = draw(_flat_discounts())
    products = draw(st.dictionaries(_words, _flat_discounts(), max_size=3))
    return Discount(own.kind, own.value, tuple(sorted(products.items())))


_carried = st.builds(Quota, st.integers(1, 100_000), st.just(Per.MONTH), st.sampled_from(["10-31", "01-31", "06-30"]))
_plain = st.builds(Quota, st.integers(1, 100_000), st.sampled_from(Per))
_money = st.builds(
    lambda amount, per: Quota(0, per, None, amount), st.decimals("0.01", 1000, places=2), st.sampled_from(Per)
)
_quotas = st.none() | _plain | _carried | _money


@st.composite
def _fundings(draw: st.DrawFn) -> Funding:
    funders = draw(st.lists(_words, max_size=3, unique=True))
    if len(funders) == 2:
        share = draw(st.integers(1, 99))
        return Funding((Part(funders[0], Decimal(share)), Part(funders[1], Decimal(100 - share))))
    amounts = [draw(st.decimals("0.0001", 10, places=4)) for _ in funders]
    return Funding(tuple(Part(funder, amount=amount) for funder, amount in zip(funders, amounts, strict=True)))


@st.composite
def _calendars(draw: st.DrawFn) -> Days:
    starts = draw(st.lists(_days, min_size=1, max_size=3))
    open_end = draw(st.booleans())
    periods = [Period(start, start + timedelta(days=draw(st.integers(1, 300)))) for start in starts]
    return Days.of(*periods, *([Period(max(starts), None)] if open_end else ()))


_yearly = _days.map(lambda day: day.isoformat()[5:])
_windows = st.lists(
    st.tuples(st.integers(0, 1439), st.integers(0, 1440)).filter(lambda pair: pair[0] != pair[1]), max_size=3
).map(tuple)
_terms = st.builds(
    Terms,
    weekdays=st.frozensets(st.integers(1, 7)),
    windows=_windows,
    calendar=st.none() | _calendars(),
    waiver=st.none() | _words,
    dates=st.frozensets(_yearly | _days.map(date.isoformat), max_size=3),
    modes=_some | st.just(frozenset({"bus", "tram"})),
    zones=_some | st.just(frozenset({"city", "7"})),
    routes=_some,
    providers=_some,
    places=_some,
    products=_some,
    companions=st.integers(0, 10),
    exclusive_group=st.none() | _words,
    pass_back_seconds=st.integers(0, 86_400),
    check_photo=st.booleans(),
    offline=st.builds(Offline, st.sampled_from(Amber), st.integers(0, 1000), st.booleans()),
    priority=st.integers(1, 1000),
    universal=st.booleans(),
    by_sight=st.booleans(),
    holder_mode=st.booleans(),
    per_household=st.none() | st.integers(1, 20),
    cut_off_day=st.none() | st.integers(1, 31),
).filter(lambda terms: (bool(terms.modes) and not terms.universal) or not terms.holder_mode)


@st.composite
def drafts(draw: st.DrawFn) -> TermsDraft:
    """Terms of every kind."""
    start = draw(_days)
    end = draw(st.none() | st.integers(1, 4000).map(lambda count: start + timedelta(days=count)))
    terms = draw(_terms)
    # nobody's uses are counted of what everybody may use
    quota = None if terms.universal else draw(_quotas)
    return TermsDraft(start, end, draw(_discounts()), quota, terms, draw(_fundings()))

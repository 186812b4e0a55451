"""Hypothesis strategies for the rules: few days, few leaves, many collisions at the boundaries."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from rules.condition import (
    Age,
    All,
    Any,
    Condition,
    During,
    Except,
    ExtendTo,
    Grace,
    Has,
    Held,
    Member,
    Not,
)
from rules.evaluate import FactPeriod, PersonFacts
from rules.period import Days, Period
from rules.shift import Boundary
from rules.tariff import Discount, DiscountKind, Per, Quota
from rules.vocabulary import FactKind, Vocabulary, WhenMissing

_ANCHORS = [date(2024, 2, 29), date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 1), date(2026, 5, 31)]
_ANCHORS += [date(2026, 8, 31), date(2026, 12, 31)]
POOL = sorted({day + timedelta(days=step) for day in _ANCHORS for step in (-1, 0, 1)})
EVERY_DAY_NEAR = sorted({day + timedelta(days=step) for day in POOL for step in (-1, 0, 1)})

KINDS = Vocabulary(
    {
        "needy": FactKind("needy"),
        "disability": FactKind("disability", frozenset({"I", "II", "III"})),
        "study": FactKind("study", frozenset({"day", "evening"}), WhenMissing.UNKNOWN),
    },
    frozenset({"repressed"}),
    {"school": Days.of(Period(date(2025, 9, 1), date(2026, 6, 1)))},
)

days_of_pool = st.sampled_from(POOL)


@st.composite
def periods(draw: st.DrawFn) -> Period:
    start = draw(st.none() | st.sampled_from(POOL[:-1]))
    later = [day for day in POOL if start is None or day > start]
    return Period(start, draw(st.none() | st.sampled_from(later)))


_unions = st.lists(periods(), max_size=4).map(lambda many: Days.of(*many))
day_sets = _unions | _unions.map(Days.__invert__)
LEAVES: list[Condition] = [
    Has("needy"),
    Has("disability", frozenset({"I"})),
    Has("disability", frozenset({"I", "II"})),
    Has("study"),
    Has("study", frozenset({"day"})),
    Member("repressed"),
    Age("ge", 18),
    Age("lt", 18, "02-28"),
    During("school"),
    During(Period(date(2026, 2, 28), date(2026, 6, 1))),
]


def _logic(parts: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    several = st.lists(parts, min_size=1, max_size=3).map(tuple)
    return st.one_of(
        st.builds(All, several), st.builds(Any, several), st.builds(Not, parts), st.builds(Except, parts, parts)
    )


def _grown(parts: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    moved = st.one_of(
        st.builds(Held, parts, st.integers(1, 2)),
        st.builds(Grace, parts, st.integers(1, 2)),
        st.builds(ExtendTo, parts, st.sampled_from(Boundary)),
    )
    return _logic(parts) | moved


conditions = st.recursive(st.sampled_from(LEAVES), _grown, max_leaves=6)
logic_of_facts = st.recursive(
    st.sampled_from([leaf for leaf in LEAVES if isinstance(leaf, Has | Member)]), _logic, max_leaves=7
)


@st.composite
def facts(draw: st.DrawFn) -> FactPeriod:
    kind = KINDS.facts[draw(st.sampled_from(sorted(KINDS.facts)))]
    value = draw(st.sampled_from(sorted(kind.values))) if kind.values else None
    return FactPeriod(kind.code, value, draw(periods()), f"ref-{draw(st.integers(1, 99))}")


persons = st.builds(
    PersonFacts,
    born=st.none() | st.sampled_from([date(2008, 2, 29), date(2008, 3, 1), date(1950, 1, 31)]),
    died=st.none() | days_of_pool,
    facts=st.lists(facts(), max_size=4).map(tuple),
    groups=st.dictionaries(st.just("repressed"), day_sets),
)

amounts = st.integers(0, 200_000).map(lambda units: Decimal(units) / 10_000)
discounts = st.one_of(
    st.just(Discount(DiscountKind.FREE)),
    st.builds(Discount, st.just(DiscountKind.PERCENT), st.integers(0, 10_000).map(lambda part: Decimal(part) / 100)),
    st.builds(
        Discount,
        st.sampled_from([DiscountKind.AMOUNT_OFF, DiscountKind.FIXED_PRICE, DiscountKind.CAP]),
        amounts,
    ),
)
quotas = st.builds(Quota, st.integers(1, 3), st.sampled_from(Per))

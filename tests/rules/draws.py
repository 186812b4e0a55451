"""Hypothesis strategies for the rules: few days, few leaves, many collisions at the boundaries."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from rules.condition import (
    Age,
    All,
    Any,
    Cohort,
    Condition,
    Count,
    During,
    Except,
    ExtendTo,
    Grace,
    Has,
    Held,
    Member,
    Not,
    Num,
    Param,
    Related,
)
from rules.dated import Dated
from rules.evaluate import FactPeriod, PersonFacts, RelatedPerson
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
        "income": FactKind("income", None, WhenMissing.UNKNOWN, numeric=True),
        "rooms": FactKind("rooms", numeric=True),
    },
    frozenset({"repressed"}),
    {"school": Days.of(Period(date(2025, 9, 1), date(2026, 6, 1)))},
    frozenset({"child", "guardian"}),
    {
        "threshold": Dated(
            (
                (Period(None, date(2026, 1, 31)), Decimal("100.50")),
                (Period(date(2026, 1, 31), date(2026, 3, 1)), Decimal(200)),
                (Period(date(2026, 5, 31), None), Decimal(50)),
            )
        ),
        "majority": Dated(
            (
                (Period(date(2024, 1, 1), date(2026, 2, 28)), Decimal("17.75")),
                (Period(date(2026, 2, 28), date(2027, 1, 1)), Decimal(18)),
            )
        ),
    },
    {"pension": Dated(((Period(date(1950, 1, 1), date(1951, 1, 1)), Decimal("76.25")),))},
    {"helped": Any((Has("needy"), Member("repressed"), All((Has("study"), Age("lt", 18)))))},
)
LIMITS = [Decimal(50), Decimal("100.50"), Decimal(200)]

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
    Member("helped"),
    Age("ge", Param("majority")),
    Age("lt", Param("majority"), "02-28"),
    Age("ge", Cohort("pension")),
    Num("income", "le", Param("threshold")),
    Num("income", "gt", Decimal("100.50")),
    Num("rooms", "eq", Decimal(50)),
    Num("rooms", "lt", Param("threshold")),
    Related("guardian"),
    Related("child", Has("study")),
    Related("child", Related("guardian", Has("disability", frozenset({"I"})))),
    Count("child", "ge", 2),
    Count("child", "eq", 1, Has("study")),
    Count("guardian", "lt", 1, Member("helped")),
]
OPS = ["lt", "le", "eq", "ge", "gt"]


def logic(parts: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
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
    others = st.one_of(
        st.builds(Related, st.sampled_from(["child", "guardian"]), parts),
        st.builds(Count, st.sampled_from(["child", "guardian"]), st.sampled_from(OPS), st.integers(0, 2), parts),
    )
    return st.one_of(logic(parts), moved, others)


conditions = st.recursive(st.sampled_from(LEAVES), _grown, max_leaves=6)
logic_of_facts = st.recursive(
    st.sampled_from([leaf for leaf in LEAVES if isinstance(leaf, Has) or leaf == Member("repressed")]),
    logic,
    max_leaves=7,
)


@st.composite
def facts(draw: st.DrawFn) -> FactPeriod:
    kind = KINDS.facts[draw(st.sampled_from(sorted(KINDS.facts)))]
    value = draw(st.sampled_from(sorted(kind.values))) if kind.values else None
    number = draw(st.sampled_from([*LIMITS, Decimal(60), None])) if kind.numeric else None
    return FactPeriod(kind.code, value, draw(periods()), f"ref-{draw(st.integers(1, 99))}", number)


def _persons(relations: st.SearchStrategy[tuple[RelatedPerson, ...]]) -> st.SearchStrategy[PersonFacts]:
    return st.builds(
        PersonFacts,
        born=st.none() | st.sampled_from([date(2008, 2, 29), date(2008, 3, 1), date(1950, 1, 31)]),
        died=st.none() | days_of_pool,
        facts=st.lists(facts(), max_size=4).map(tuple),
        groups=st.dictionaries(st.just("repressed"), day_sets),
        relations=relations,
    )


def _relations(persons: st.SearchStrategy[PersonFacts]) -> st.SearchStrategy[tuple[RelatedPerson, ...]]:
    one = st.tuples(st.sampled_from(["child", "guardian"]), periods(), st.integers(0, 1))
    named = st.tuples(st.lists(one, max_size=3), st.lists(persons, min_size=2, max_size=2))
    return named.map(
        lambda drawn: tuple(RelatedPerson(kind, on, drawn[1][who], str(who)) for kind, on, who in drawn[0])
    )


_nobody: st.SearchStrategy[tuple[RelatedPerson, ...]] = st.just(())
persons = _persons(_relations(_persons(_nobody | _relations(_persons(_nobody)))) | _nobody)

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
carried = st.one_of(
    st.builds(Quota, st.integers(1, 3), st.sampled_from([Per.DAY, Per.WEEK]), st.sampled_from(["05-31", "02-28"])),
    st.builds(Quota, st.integers(1, 3), st.just(Per.MONTH), st.sampled_from(["10-31", "12-31", "05-31"])),
)
allowances = st.builds(
    Quota,
    st.just(0),
    st.sampled_from(Per),
    st.none(),
    st.integers(1, 60_000).map(lambda units: Decimal(units) / 10_000),
)
quotas = st.builds(Quota, st.integers(1, 3), st.sampled_from(Per)) | carried | allowances

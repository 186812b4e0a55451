"""What a rule with its versions gives, without a database."""

from datetime import date
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from amis.granting.outcome import EntitlementDiff, Rule, Version, in_force, outcome, version_at
from rules.condition import All, Has, Not
from rules.evaluate import FactPeriod, PersonFacts
from rules.period import Days, Period, union
from rules.vocabulary import FactKind, Vocabulary

WORDS = Vocabulary.of(FactKind("needy", frozenset({"yes"})))
NEEDY = Has("needy")
POOL = [date(2026, 1, 1), date(2026, 2, 28), date(2026, 3, 1), date(2026, 5, 31), date(2026, 6, 1), date(2027, 1, 1)]
sets = st.lists(st.sampled_from(POOL), unique=True).map(lambda edges: Days(tuple(sorted(edges))))


@st.composite
def periods(draw: st.DrawFn) -> Period:
    start, end = sorted(draw(st.lists(st.sampled_from(POOL), min_size=2, max_size=2, unique=True)))
    return Period(start, draw(st.sampled_from([end, None])))


def _version(number: int, period: Period, condition: All | Has | Not = NEEDY) -> Version:
    return Version(number, period, condition, f"{number:064x}", "clause")


def _rule(*versions: Version) -> Rule:
    return Rule(uuid4(), "R", uuid4(), 1, versions)


@given(st.lists(periods(), max_size=5))
def test_each_day_is_governed_by_the_newest_version_published_for_it(published: list[Period]) -> None:
    versions = [_version(number, period) for number, period in enumerate(published, 1)]
    governed = list(in_force(versions))
    assert union(days for _, days in governed) == Days.of(*published)
    for day in POOL:
        covering = [version for version in versions if day in Days.of(version.period)]
        newest = max(covering, key=lambda version: version.number, default=None)
        assert version_at(versions, day) == newest
        assert [version for version, days in governed if day in days] == ([newest] if newest else [])


@given(sets, sets)
def test_what_was_before_with_the_gained_and_without_the_lost_is_what_is_after(before: Days, after: Days) -> None:
    diff = EntitlementDiff(uuid4(), "R", uuid4(), before, after)
    assert (before | diff.gained) - diff.lost == after
    assert not diff.gained & diff.lost
    assert not diff.gained & before
    assert diff.lost <= before


def test_a_version_grants_on_its_own_days_only_and_is_named_when_it_grants() -> None:
    facts = (FactPeriod("needy", "yes", Period(date(2026, 1, 1), date(2026, 6, 1)), "f"),)
    person = PersonFacts(date(1980, 1, 1), facts=facts)
    old = _version(1, Period(date(2026, 2, 1), None))
    stricter = _version(2, Period(date(2026, 5, 1), None), Not(NEEDY))
    given_by = outcome(_rule(old, stricter), person, WORDS)
    assert str(given_by.periods) == "{[2026-02-01,2026-05-01),[2026-06-01,)}"
    assert given_by.version == stricter
    assert outcome(_rule(old), person, WORDS).version == old


def test_a_rule_that_gives_no_day_names_no_version() -> None:
    nobody = outcome(_rule(_version(1, Period(date(2026, 1, 1), None))), PersonFacts(None), WORDS)
    assert nobody.version is None
    assert not nobody.periods

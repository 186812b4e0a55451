"""What a rule with its versions gives, without a database."""

from dataclasses import replace
from datetime import date
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from amis.granting.effective import with_own_words
from amis.granting.outcome import (
    EntitlementDiff,
    Outcome,
    Rule,
    Version,
    Waiver,
    entitled,
    in_force,
    outcome,
    version_at,
)
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
    return Rule(uuid4(), "R", uuid4(), "C", 1, versions)


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
    diff = EntitlementDiff(uuid4(), "R", uuid4(), 1, before, after)
    assert (before | diff.gained) - diff.lost == after
    assert not diff.gained & diff.lost
    assert not diff.gained & before
    assert diff.lost <= before
    kept = bool(before & after)
    words = {
        "changed": bool(diff.gained and diff.lost) or before == after,
        "begins": not before and bool(after),
        "ended": bool(before) and not after,
        "prolonged": bool(before and diff.gained) and not diff.lost,
        "shortened": kept and not diff.gained and bool(diff.lost),
    }
    assert [word for word, fits in words.items() if fits] == [diff.change]


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


NOBODY = PersonFacts(date(1980, 1, 1))
CEASING = replace(_version(1, Period(date(2026, 1, 1), None)), on_ceasing="use_until_expiry")


def _needy(*periods: Period) -> PersonFacts:
    facts = tuple(FactPeriod("needy", "yes", period, str(number)) for number, period in enumerate(periods))
    return PersonFacts(date(1980, 1, 1), facts=facts)


def _entitled(person: PersonFacts, before: tuple[str, str], today: date, *versions: Version) -> Outcome:
    rule = _rule(*(versions or (CEASING,)))
    days = Days.parse(before[0]), Days.parse(before[1])
    return entitled(rule, person, with_own_words(WORDS), (), days, today)


def test_a_period_that_held_today_is_used_until_its_known_end() -> None:
    was = "{[2026-02-01,2026-06-01)}"
    cut = _needy(Period(date(2026, 2, 1), date(2026, 3, 1)))
    given_now = _entitled(cut, (was, "{}"), date(2026, 4, 1))
    assert (str(given_now.periods), str(given_now.kept)) == (was, "{[2026-03-01,2026-06-01)}")
    # and stays so when something else is told later
    later = _entitled(cut, (was, str(given_now.kept)), date(2026, 7, 1))
    assert str(later.periods) == was
    assert _entitled(NOBODY, (was, "{}"), date(2026, 4, 1)).version == CEASING


def test_what_has_not_begun_or_has_no_known_end_is_not_kept() -> None:
    cut = _needy()
    assert not _entitled(cut, ("{[2026-05-01,2026-06-01)}", "{}"), date(2026, 4, 1)).periods
    assert not _entitled(cut, ("{[2026-02-01,)}", "{}"), date(2026, 4, 1)).periods
    at_once = _version(2, Period(date(2026, 1, 1), None))
    assert not _entitled(cut, ("{[2026-02-01,2026-06-01)}", "{}"), date(2026, 4, 1), CEASING, at_once).periods


def test_death_and_a_clerk_s_refusal_end_what_was_kept() -> None:
    was = ("{[2026-02-01,2026-06-01)}", "{}")
    dead = replace(NOBODY, died=date(2026, 4, 10))
    assert str(_entitled(dead, was, date(2026, 4, 1)).periods) == "{[2026-02-01,2026-04-10)}"
    refusal = FactPeriod("override", "refuse:C", Period(date(2026, 3, 1), None), "r")
    refused = replace(NOBODY, facts=(refusal,))
    assert str(_entitled(refused, was, date(2026, 4, 1)).periods) == "{[2026-02-01,2026-03-01)}"


def test_a_retired_version_grants_until_then_and_keeps_its_later_days_to_itself() -> None:
    old = _version(1, Period(date(2026, 1, 1), None))
    retired = replace(_version(2, Period(date(2026, 2, 1), None)), retired_on=date(2026, 3, 1))
    governed = {version.number: str(days) for version, days in in_force([old, retired])}
    assert governed == {2: "{[2026-02-01,2026-03-01)}", 1: "{[2026-01-01,2026-02-01)}"}
    assert version_at([old, retired], date(2026, 3, 1)) is None


def test_the_calendar_is_lifted_while_the_fact_of_the_terms_holds() -> None:
    rule = replace(
        _rule(_version(1, Period(date(2026, 1, 1), None))), waivers=(Waiver("work", Days.parse("{(,2026-07-15)}")),)
    )
    summer = FactPeriod("work", "yes", Period(date(2026, 7, 1), date(2026, 8, 1)), "w")
    person = replace(
        _needy(Period(date(2026, 1, 1), None)), facts=(*_needy(Period(date(2026, 1, 1), None)).facts, summer)
    )
    words = with_own_words(Vocabulary.of(*WORDS.facts.values(), FactKind("work")))
    given_now = entitled(rule, person, words, (), (Days(), Days()), date(2026, 6, 1))
    assert str(given_now.waived) == "{[2026-07-01,2026-07-15)}"

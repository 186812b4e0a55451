"""Policies and overrides around what an author wrote."""

from datetime import date

from hypothesis import given

from amis.granting.effective import (
    OnBecoming,
    OnCeasing,
    chosen,
    digest,
    effective,
    override_values,
    with_own_words,
)
from rules.condition import Condition, Has
from rules.evaluate import FactPeriod, PersonFacts, evaluate
from rules.period import Period
from tests.rules.draws import KINDS, conditions, persons

CODE = "JLG-X"
WORDS = with_own_words(KINDS)
NEEDY = Has("needy")
SPRING = Period(date(2026, 3, 1), date(2026, 6, 1))


def _fact(kind: str, value: str | None, first: str, end: str | None, ref: str = "1") -> FactPeriod:
    last = None if end is None else date.fromisoformat(end)
    return FactPeriod(kind, value, Period(date.fromisoformat(first), last), ref)


def _days(condition: Condition, *facts: FactPeriod) -> str:
    return str(evaluate(condition, PersonFacts(None, facts=facts), WORDS).true)


def test_without_an_application_an_offered_right_does_not_begin() -> None:
    needy = FactPeriod("needy", None, SPRING, "1")
    asked = _fact("application", CODE, "2026-04-01", None)
    for becoming in (OnBecoming.ON_APPLICATION, OnBecoming.INVITE):
        condition = effective(NEEDY, CODE, becoming)
        assert _days(condition, needy) == "{}"
        assert _days(condition, needy, _fact("application", "JLG-OTHER", "2026-04-01", None)) == "{}"
        assert _days(condition, needy, asked) == "{[2026-04-01,2026-06-01)}"
    assert _days(effective(NEEDY, CODE), needy) == "{[2026-03-01,2026-06-01)}"


def test_a_period_of_grace_follows_the_last_day() -> None:
    condition = effective(NEEDY, CODE, on_ceasing=OnCeasing.GRACE, grace_months=2)
    assert _days(condition, FactPeriod("needy", None, SPRING, "1")) == "{[2026-03-01,2026-08-01)}"


def test_a_clerk_grants_and_refuses_in_spite_of_the_condition() -> None:
    grant, refuse = override_values(CODE)
    needy = FactPeriod("needy", None, SPRING, "1")
    condition = effective(NEEDY, CODE)
    more = _fact("override", grant, "2026-06-01", "2026-07-01")
    less = _fact("override", refuse, "2026-05-01", "2026-06-15")
    assert _days(condition, needy, more) == "{[2026-03-01,2026-07-01)}"
    assert _days(condition, needy, less) == "{[2026-03-01,2026-05-01)}"
    assert _days(condition, needy, more, less) == "{[2026-03-01,2026-05-01),[2026-06-15,2026-07-01)}"
    assert _days(effective(NEEDY, "JLG-OTHER"), needy, more, less) == "{[2026-03-01,2026-06-01)}"


@given(conditions, persons)
def test_nobody_who_is_not_overridden_notices_that_they_could_be(condition: Condition, person: PersonFacts) -> None:
    bare, whole = evaluate(condition, person, WORDS), evaluate(effective(condition, CODE), person, WORDS)
    assert bare == whole


def test_the_mode_chosen_last_counts() -> None:
    first = _fact("choice", f"{CODE}:tram", "2026-01-01", None, "01")
    later = _fact("choice", f"{CODE}:bus", "2026-01-01", None, "02")
    elsewhere = _fact("choice", "JLG-Y:train", "2026-01-01", None, "03")
    assert chosen([later, first, elsewhere], CODE) == ("bus",)
    assert chosen([elsewhere], CODE) == ()


def test_the_hash_names_condition_and_policies() -> None:
    plain = digest(NEEDY, "automatic", "immediate_termination", None)
    assert plain == digest(Has("needy"), "automatic", "immediate_termination", None)
    others = {
        digest(Has("study"), "automatic", "immediate_termination", None),
        digest(NEEDY, "invite", "immediate_termination", None),
        digest(NEEDY, "automatic", "use_until_expiry", None),
        digest(NEEDY, "automatic", "terminate_after_grace_period", 1),
        digest(NEEDY, "automatic", "terminate_after_grace_period", 2),
    }
    assert len(others | {plain}) == 6


def test_words_of_granting_are_there_and_defined_ones_are_kept() -> None:
    assert {"application", "choice", "override"} <= WORDS.facts.keys()
    assert WORDS.facts["needy"] is KINDS.facts["needy"]

"""Days of whole rules, as people tell them."""

from datetime import date
from decimal import Decimal

from rules.condition import Condition, parse
from rules.dated import Dated
from rules.evaluate import FactPeriod, PersonFacts, RelatedPerson, evaluate
from rules.period import Days, Period
from rules.vocabulary import FactKind, Vocabulary, WhenMissing

SINCE_1990 = Period(date(1990, 1, 1), None)
WORDS = Vocabulary(
    {
        "needy": FactKind("needy"),
        "resistance": FactKind("resistance"),
        "residence": FactKind("residence", frozenset({"riga", "elsewhere"})),
        "disability": FactKind("disability", frozenset({"I", "II", "III", "child"})),
        "studying": FactKind("studying"),
        "income": FactKind("income", None, WhenMissing.UNKNOWN, numeric=True),
    },
    relations=frozenset({"child"}),
    parameters={
        "needy_threshold": Dated(
            (
                (Period(date(2025, 1, 1), date(2026, 1, 1)), Decimal("377.00")),
                (Period(date(2026, 1, 1), None), Decimal("411.00")),
            )
        )
    },
)


def fact(kind: str, value: str | None, start: str, end: str | None = None) -> FactPeriod:
    ends = None if end is None else date.fromisoformat(end)
    return FactPeriod(kind, value, Period(date.fromisoformat(start), ends), f"{kind}-{start}")


def days(condition: Condition, person: PersonFacts) -> Days:
    return evaluate(condition, person, WORDS).true


def test_a_status_withdrawn_from_an_earlier_day_takes_exactly_the_days_since_then() -> None:
    needy = parse({"has": {"fact": "needy"}}, WORDS)
    before = days(needy, PersonFacts(date(1990, 1, 1), facts=(fact("needy", None, "2026-03-01", "2026-09-01"),)))
    after = days(needy, PersonFacts(date(1990, 1, 1), facts=(fact("needy", None, "2026-03-01", "2026-05-18"),)))
    assert str(before - after) == "{[2026-05-18,2026-09-01)}"
    # withdrawn on 1 June, fourteen days back: those were used in good faith and are to be looked at
    until_known = Days((date(2026, 5, 18), date(2026, 6, 1)))
    assert str((before - after) & until_known) == "{[2026-05-18,2026-06-01)}"
    assert not after - before


def test_on_the_18th_birthday_the_disability_group_decides_instead_of_childhood() -> None:
    child = {"all": [{"has": {"fact": "disability", "in": ["child"]}}, {"age": {"op": "lt", "years": 18}}]}
    group = {"has": {"fact": "disability", "in": ["I", "II"]}}
    born, birthday = date(2008, 5, 10), date(2026, 5, 10)
    as_child = fact("disability", "child", "2012-01-01")
    assert birthday not in days(parse(child, WORDS), PersonFacts(born, facts=(as_child,)))
    assert date(2026, 5, 9) in days(parse(child, WORDS), PersonFacts(born, facts=(as_child,)))
    either = parse({"any": [child, group]}, WORDS)
    graded = PersonFacts(born, facts=(as_child, fact("disability", "II", "2026-05-10")))
    assert str(days(either, graded)) == "{[2012-01-01,)}"


def test_an_amended_rule_tells_its_versions_apart_by_day() -> None:
    here = {"has": {"fact": "residence", "in": ["riga"]}}
    amended = {"during": ["2025-12-18", None]}
    rule = parse({"all": [{"has": {"fact": "resistance"}}, {"any": [here, amended]}]}, WORDS)
    member, home = fact("resistance", None, "1992-01-01"), "2020-01-01"
    outside = PersonFacts(date(1930, 1, 1), facts=(member, fact("residence", "elsewhere", home)))
    assert date(2025, 12, 17) not in days(rule, outside)
    assert date(2025, 12, 18) in days(rule, outside)
    moved = PersonFacts(
        date(1930, 1, 1),
        facts=(member, fact("residence", "riga", home, "2025-10-01"), fact("residence", "elsewhere", "2025-10-01")),
    )
    assert str(days(rule, moved)) == "{[2020-01-01,2025-10-01),[2025-12-18,)}"


def test_a_raised_threshold_lets_in_a_household_from_the_day_it_is_in_force() -> None:
    limit = {"num": {"fact": "income", "op": "le", "value": {"param": "needy_threshold"}}}
    income = FactPeriod("income", None, Period(date(2025, 7, 1), date(2026, 7, 1)), "i", Decimal("400.00"))
    truth = evaluate(parse(limit, WORDS), PersonFacts(date(1990, 1, 1), facts=(income,)), WORDS)
    assert str(truth.true) == "{[2026-01-01,2026-07-01)}"
    assert str(truth.false & Days((date(2025, 1, 1),))) == "{[2025-07-01,2026-01-01)}"


def test_a_large_family_is_one_while_three_children_are_under_18_or_study_under_24() -> None:
    minor = {"age": {"op": "lt", "years": 18}}
    student = {"all": [{"has": {"fact": "studying"}}, {"age": {"op": "lt", "years": 24}}]}
    rule = parse({"count": {"relation": "child", "where": {"any": [minor, student]}, "op": "ge", "value": 3}}, WORDS)
    eldest = PersonFacts(date(2006, 4, 1), facts=(fact("studying", None, "2025-09-01", "2026-07-01"),))
    born = [date(2010, 3, 1), date(2014, 6, 15)]
    family = [
        RelatedPerson("child", SINCE_1990, child, str(at))
        for at, child in enumerate([eldest, *(PersonFacts(day) for day in born)])
    ]
    parent = PersonFacts(date(1980, 1, 1), relations=tuple(family))
    assert str(days(rule, parent)) == "{[2014-06-15,2024-04-01),[2025-09-01,2026-07-01)}"

"""One person and the rules in Python: against a function written by hand, forty rules, and one explanation."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from rules.condition import Age, All, Any, Condition, Grace, Has, Held, Member, Not, Num, Param
from rules.dated import Dated
from rules.evaluate import evaluate
from rules.explain import explain
from rules.figure import birthday
from rules.period import Days, Period
from rules.person import FactPeriod, PersonFacts
from rules.vocabulary import FactKind, Vocabulary
from tests.bench.numbers import cost_us, median
from tests.bench.report import Goal, Section
from tests.bench.scale import Scale

_MAY = date(2026, 5, 4)
_TIMES = 2_000
_LAW = (
    (Period(date(2025, 1, 1), date(2026, 1, 1)), Decimal(343)),
    (Period(date(2026, 1, 1), None), Decimal(377)),
)
WORDS = Vocabulary(
    {
        "needy": FactKind("needy"),
        "disability": FactKind("disability", frozenset({"I", "II", "III"})),
        "income": FactKind("income", numeric=True),
    },
    frozenset({"repressed"}),
    parameters={"threshold": Dated(_LAW)},
)
RULE = Any(
    (
        Has("needy"),
        All((Has("disability", frozenset({"I", "II"})), Age("ge", 18))),
        All((Age("ge", 65), Num("income", "le", Param("threshold")))),
    )
)
NOTES = (
    "The rule: needy, or disability I or II from 18 on, or from 65 on an income up to a dated threshold; six facts.",
    "By hand: the same days by one function for this one rule, on bare pairs of dates; both give equal days, which is "
    "checked before anything is measured.",
)


def _fact(kind: str, value: str | None, start: date, end: date | None, num: Decimal | None = None) -> FactPeriod:
    return FactPeriod(kind, value, Period(start, end), f"{kind}-{start}", num)


PERSON = PersonFacts(
    date(1960, 2, 29),
    facts=(
        _fact("needy", None, date(2025, 3, 1), date(2025, 9, 1)),
        _fact("needy", None, date(2025, 8, 20), date(2026, 3, 1)),
        _fact("disability", "III", date(2020, 1, 1), date(2024, 7, 1)),
        _fact("disability", "II", date(2024, 7, 1), date(2025, 2, 1)),
        _fact("income", None, date(2025, 7, 1), date(2026, 1, 1), Decimal(400)),
        _fact("income", None, date(2026, 1, 1), date(2026, 7, 1), Decimal(360)),
    ),
)


def by_hand(person: PersonFacts) -> list[tuple[date, date]]:
    """The days of RULE, from and up to, for persons whose birth date is known."""
    born, died = person.born, person.died or date.max
    assert born is not None
    adult, old = birthday(born, 18) or date.max, birthday(born, 65) or date.max
    found: list[tuple[date, date]] = []
    for fact in person.facts:
        start, end = max(fact.period.start or date.min, born), min(fact.period.end or date.max, died)
        if fact.kind == "needy":
            found.append((start, end))
        elif fact.kind == "disability" and fact.value in ("I", "II"):
            found.append((max(start, adult), end))
        elif fact.kind == "income" and fact.num is not None:
            for period, limit in _LAW:
                if fact.num <= limit:
                    found.append((max(start, old, period.start or date.min), min(end, period.end or date.max)))
    merged: list[tuple[date, date]] = []
    for start, end in sorted(each for each in found if each[0] < each[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def forty_rules() -> list[Condition]:
    """Rules of the size that municipalities have, each another one."""
    leaves: list[Condition] = [Has("needy"), Has("disability", frozenset({"I", "II"})), Member("repressed")]
    rules: list[Condition] = []
    for years in range(18, 58):
        first, second = leaves[years % 3], leaves[(years + 1) % 3]
        moved = Held(first, 1) if years % 2 else Grace(first, 2)
        rules.append(Any((All((Age("ge", years), moved, Not(second))), All((Age("lt", years), second)))))
    return rules


def _median_us(work: Callable[[], object], rounds: int, times: int) -> float:
    return median([cost_us(work, times) for _ in range(rounds)])


def person_rules(scale: Scale) -> Section:
    """CPU time of the rules library for one person."""
    ours = evaluate(RULE, PERSON, WORDS).true
    if ours != Days.of(*(Period(*each) for each in by_hand(PERSON))):
        raise AssertionError("the rule and the function written by hand disagree")
    rules = forty_rules()
    one = _median_us(lambda: evaluate(RULE, PERSON, WORDS), scale.rounds, _TIMES)
    hand = _median_us(lambda: by_hand(PERSON), scale.rounds, _TIMES)
    forty = _median_us(lambda: [evaluate(rule, PERSON, WORDS) for rule in rules], scale.rounds, _TIMES // 20)
    told = _median_us(lambda: explain(RULE, PERSON, WORDS, _MAY), scale.rounds, _TIMES // 4)
    return Section(
        "One person, rules in Python (CPU us)",
        ("work", "us", "times by hand"),
        (
            ("one rule by hand", hand, 1.0),
            ("one rule, exact days", one, one / hand),
            ("forty rules, exact days", forty, forty / hand),
            ("one decision explained", told, told / hand),
        ),
        (Goal("one person with 40 rules, us", forty, 2_000), Goal("explanation of one decision, us", told, 1_000)),
        NOTES,
    )

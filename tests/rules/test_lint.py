"""Parts of a rule that do nothing."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.condition import All, Any, Condition, Held, Not, parse
from rules.evaluate import PersonFacts, RelatedPerson, evaluate
from rules.lint import Fault, Finding, lint
from rules.period import EMPTY
from rules.vocabulary import FactKind, Vocabulary
from tests.rules.draws import KINDS, conditions, persons

NEEDY = {"has": {"fact": "needy"}}
STUDY = {"has": {"fact": "study"}}
REPRESSED = {"member": {"group": "repressed"}}
SPRING = {"during": ["2026-03-01", "2026-06-01"]}


def disability(*groups: str) -> dict[str, object]:
    return {"has": {"fact": "disability", "in": list(groups)}}


def age(op: str, years: object) -> dict[str, object]:
    return {"age": {"op": op, "years": years}}


def income(op: str, value: object) -> dict[str, object]:
    return {"num": {"fact": "income", "op": op, "value": value}}


def children(op: str, value: int) -> dict[str, object]:
    return {"count": {"relation": "child", "op": op, "value": value}}


def rooms(op: str, value: object) -> dict[str, object]:
    return {"num": {"fact": "rooms", "op": op, "value": value}}


LAW = {"param": "threshold"}
FAULTS: list[tuple[object, list[tuple[str, str]]]] = [
    (NEEDY, []),
    ({"all": [NEEDY, {"not": NEEDY}]}, [("", "contradiction")]),
    ({"all": [STUDY, {"not": STUDY}]}, [("", "contradiction")]),
    ({"all": [age("ge", 65), age("lt", 18)]}, [("", "contradiction")]),
    ({"all": [age("ge", {"param": "majority"}), age("lt", {"param": "majority"})]}, [("", "contradiction")]),
    ({"all": [income("lt", "100"), income("gt", "200")]}, [("", "contradiction")]),
    ({"all": [income("le", "100"), income("ge", "100")]}, []),
    ({"all": [children("ge", 3), children("lt", 3)]}, [("", "contradiction")]),
    ({"all": [children("ge", 3), {"not": {"related": {"relation": "child"}}}]}, [("", "contradiction")]),
    ({"all": [SPRING, {"during": ["2026-06-01", None]}]}, [("", "contradiction")]),
    ({"all": [{"during": "school"}, {"during": ["2026-06-01", None]}, NEEDY]}, [("", "contradiction")]),
    ({"all": [disability("I"), disability("II")]}, []),
    ({"except": {"of": disability("I"), "unless": {"has": {"fact": "disability"}}}}, [("", "contradiction")]),
    ({"any": [NEEDY, {"all": [REPRESSED, {"held": {"of": {"all": [NEEDY, {"not": NEEDY}]}, "months": 1}}]}]},
     [("/any/1", "contradiction")]),
    ({"grace": {"of": {"any": [NEEDY, {"all": [REPRESSED, {"not": REPRESSED}]}]}, "months": 1}},
     [("/grace/of/any/1", "contradiction")]),
    ({"related": {"relation": "child", "where": {"all": [age("ge", 65), age("lt", 18)]}}},
     [("/related/where", "contradiction")]),
    ({"all": [age("ge", 65), {"any": [NEEDY, {"all": [REPRESSED, age("lt", 18)]}]}]},
     [("/all/1/any/1", "unreachable")]),
    ({"all": [{"held": {"of": NEEDY, "months": 1}}, {"any": [REPRESSED, {"not": NEEDY}]}]},
     [("/all/1/any/1", "unreachable")]),
    ({"any": [{"all": [NEEDY, age("ge", 65)]}, {"all": [REPRESSED, age("ge", 65)]}, {"all": [NEEDY, age("ge", 75)]}]},
     [("/any/2", "never_decides")]),
    ({"any": [{"all": [NEEDY, age("ge", 75)]}, {"all": [NEEDY, age("ge", 65)]}]}, [("/any/0", "never_decides")]),
    ({"any": [NEEDY, REPRESSED, NEEDY]}, [("/any/2", "never_decides")]),
    ({"any": [disability("I"), disability("II"), disability("I", "II")]},
     [("/any/2", "never_decides")]),
    ({"any": [{"all": [NEEDY, REPRESSED]}, {"all": [NEEDY, {"not": REPRESSED}]}, {"all": [NEEDY, age("ge", 65)]}]},
     [("/any/2", "never_decides")]),
    ({"all": [age("ge", 65), age("ge", 18), NEEDY]}, [("/all/1", "never_decides")]),
    ({"all": [{"grace": {"of": NEEDY, "months": 1}}, NEEDY]}, [("/all/0", "never_decides")]),
    ({"except": {"of": age("ge", 65), "unless": age("lt", 18)}}, [("/except/unless", "never_decides")]),
    ({"all": [{"member": {"group": "helped"}}, {"any": [NEEDY, REPRESSED, STUDY]}]}, [("/all/1", "never_decides")]),
    ({"any": [NEEDY, {"not": NEEDY}]}, [("", "always")]),
    ({"any": [STUDY, {"not": STUDY}]}, [("/any/1", "contradiction")]),
    (children("ge", 0), [("", "always")]),
    # what may be unknown is not a matter of course: birth, numbers, figures of the law, the past of a moved part
    ({"all": [NEEDY, {"any": [age("ge", 65), {"not": age("ge", 65)}]}]}, []),
    ({"any": [age("ge", 65), {"not": age("ge", 65)}]}, []),
    ({"all": [NEEDY, {"any": [income("le", "5"), {"not": income("le", "5")}]}]}, []),
    ({"all": [NEEDY, {"any": [rooms("le", "5"), {"not": rooms("le", "5")}]}]}, [("/all/1", "never_decides")]),
    ({"all": [NEEDY, {"any": [rooms("le", LAW), {"not": rooms("le", LAW)}]}]}, []),
    ({"all": [NEEDY, {"any": [REPRESSED, {"not": REPRESSED}]}]}, [("/all/1", "never_decides")]),
    ({"all": [NEEDY, {"any": [children("ge", 2), {"not": children("ge", 2)}]}]}, []),
    ({"all": [NEEDY, {"any": [{"held": {"of": REPRESSED, "months": 1}},
                              {"not": {"held": {"of": REPRESSED, "months": 1}}}]}]}, []),
    # thresholds of one subject next to each other, and subjects that only look alike
    ({"all": [age("ge", 65), age("lt", 66)]}, []),
    ({"all": [age("ge", 65), age("lt", 67), {"not": age("ge", 66)}]}, [("/all/1", "never_decides")]),
    ({"all": [age("ge", {"param": "majority"}), age("lt", 18)]}, []),
    ({"all": [age("ge", {"param": "majority"}), age("lt", 1)]}, []),
    ({"all": [age("ge", {"param": "majority"}), age("lt", {"cohort": "pension"})]}, []),
    ({"all": [income("ge", LAW), income("lt", {"param": "majority"})]}, []),
    ({"during": ["1990-01-01", None]}, []),
    ({"all": [age("ge", 18), {"age": {"op": "lt", "years": 18, "feb29": "02-28"}}]}, []),
    ({"all": [income("ge", "100"), income("lt", LAW)]}, []),
    ({"all": [income("ge", "0"), income("lt", LAW)]}, []),
    ({"all": [income("ge", "100"), rooms("lt", "100")]}, []),
    ({"all": [income("lt", LAW), income("gt", LAW)]}, [("", "contradiction")]),
    ({"all": [income("ge", "5"), income("le", "5"), income("eq", "5")]}, [("/all/2", "never_decides")]),
    ({"all": [children("gt", 1), children("lt", 3)]}, []),
    ({"all": [children("gt", 2), children("lt", 3)]}, [("", "contradiction")]),
    ({"all": [children("gt", 1), children("lt", 3), children("eq", 2)]}, [("/all/2", "never_decides")]),
    ({"all": [{"related": {"relation": "child"}}, children("lt", 2)]}, []),
    ({"all": [children("ge", 1), {"not": {"count": {"relation": "guardian", "op": "ge", "value": 1}}}]}, []),
    ({"all": [children("le", 0), children("ge", 0)]}, [("/all/1", "never_decides")]),
    ({"all": [SPRING, {"during": ["2026-05-31", None]}]}, []),
    ({"any": [SPRING, {"during": ["2026-06-01", None]}, {"during": [None, "2026-03-01"]}]}, [("", "always")]),
    ({"any": [SPRING, {"during": ["2026-06-02", None]}, {"during": [None, "2026-03-01"]}]}, []),
    ({"any": [SPRING, {"during": ["2026-06-01", None]}, {"during": [None, "2026-02-28"]}]}, []),
    ({"all": [SPRING, age("ge", 65), rooms("eq", "1"), NEEDY]}, []),
    # moved days: held days are days of the part, days of the part are days in grace, and no more is known
    ({"all": [{"grace": {"of": REPRESSED, "months": 1}}, {"not": REPRESSED}]}, []),
    ({"all": [REPRESSED, {"not": {"grace": {"of": REPRESSED, "months": 1}}}]}, [("", "contradiction")]),
    ({"all": [{"held": {"of": REPRESSED, "months": 1}}, {"not": REPRESSED}]}, [("", "contradiction")]),
    ({"all": [REPRESSED, {"not": {"held": {"of": REPRESSED, "months": 1}}}]}, []),
    ({"grace": {"of": {"all": [NEEDY, {"not": NEEDY}]}, "months": 1}}, [("", "contradiction")]),
    ({"all": [REPRESSED, {"extend_to": {"of": {"all": [NEEDY, {"not": NEEDY}]}, "boundary": "month_end"}}]},
     [("", "contradiction")]),
    # exceptions
    ({"except": {"of": NEEDY, "unless": {"all": [NEEDY, REPRESSED]}}}, []),
    ({"except": {"of": NEEDY, "unless": {"all": [REPRESSED, {"not": REPRESSED}]}}},
     [("/except/unless", "never_decides")]),
    ({"except": {"of": {"any": [NEEDY, {"all": [REPRESSED, age("lt", 5), age("ge", 5)]}]},
                 "unless": age("lt", 18)}},
     [("/except/of/any/1", "contradiction")]),
    ({"all": [NEEDY, {"except": {"of": REPRESSED, "unless": {"not": NEEDY}}}]}, [("/all/0", "never_decides")]),
    # what is said twice is needed once
    ({"all": [NEEDY, NEEDY, NEEDY]}, [("/all/1", "never_decides"), ("/all/2", "never_decides")]),
    ({"all": [NEEDY, {"any": [NEEDY, REPRESSED]}, REPRESSED]}, [("/all/1", "never_decides")]),
    ({"all": [REPRESSED, {"any": [{"all": [NEEDY, REPRESSED]}, {"all": [STUDY, {"not": REPRESSED}]}]}]},
     [("/all/1/any/0/all/1", "never_decides"), ("/all/1/any/1", "unreachable")]),
]  # fmt: skip


@pytest.mark.parametrize(("document", "found"), FAULTS, ids=[str(at) for at in range(len(FAULTS))])
def test_what_does_nothing_is_found_at_its_place(document: object, found: list[tuple[str, str]]) -> None:
    assert [(one.place, one.fault.value) for one in lint(parse(document, KINDS), KINDS)] == found


def simple(person: PersonFacts) -> PersonFacts:
    """The person with one number of a kind, as is taken for granted of numbers."""
    first = {fact.kind: fact for fact in reversed(person.facts) if fact.num is not None}
    facts = tuple(fact for fact in person.facts if fact.num is None or first[fact.kind] is fact)
    near = tuple(RelatedPerson(one.relation, one.period, simple(one.person), one.who) for one in person.relations)
    return replace(person, facts=facts, relations=near)


def without(condition: Condition, index: int) -> Condition:
    assert isinstance(condition, All | Any)
    return type(condition)(condition.of[:index] + condition.of[index + 1 :])


@given(conditions, persons)
def test_a_contradiction_gives_nobody_a_day(condition: Condition, person: PersonFacts) -> None:
    for tried in (condition, All((condition, Not(condition))), Held(condition, 1)):
        if Finding("", Fault.CONTRADICTION) in lint(tried, KINDS):
            assert evaluate(tried, simple(person), KINDS).true == EMPTY


_rows = st.lists(conditions, min_size=2, max_size=3).map(tuple)


@given(_rows.map(Any) | _rows.map(All), persons)
def test_without_a_part_that_never_decides_everybody_has_the_same_days(
    condition: Condition, person: PersonFacts
) -> None:
    before = evaluate(condition, simple(person), KINDS)
    for one in lint(condition, KINDS):
        steps = one.place.split("/")[1:]
        if one.fault is Fault.NEVER_DECIDES and len(steps) == 2 and steps[0] in ("all", "any"):
            assert evaluate(without(condition, int(steps[1])), simple(person), KINDS) == before


def test_a_rule_for_everybody_gives_every_day_of_life() -> None:
    everybody = parse({"any": [NEEDY, {"not": NEEDY}]}, KINDS)
    person = PersonFacts(None)
    assert evaluate(everybody, person, KINDS).true == person.life


def test_what_cannot_be_looked_through_is_said() -> None:
    codes = [str(code) for code in range(20)]
    words = Vocabulary.of(FactKind("status", frozenset(codes)))
    rows = Any(tuple(parse({"has": {"fact": "status", "in": [code]}}, words) for code in codes))
    assert lint(rows, words) == (Finding("", Fault.TOO_COMPLEX),)
    ten = [parse({"has": {"fact": "status", "in": [code]}}, words) for code in codes[:9]]
    assert lint(Any((*ten,)), words) == ()
    assert (
        lint(Any((*ten, parse({"has": {"fact": "status", "in": ["9"]}}, words))), words)[0].fault is Fault.TOO_COMPLEX
    )


def test_a_part_too_complex_is_said_and_the_rest_is_still_looked_through() -> None:
    kinds = [FactKind(f"k{at}") for at in range(24)]
    words = Vocabulary.of(*kinds)
    either = [
        Any((parse({"has": {"fact": f"k{at}"}}, words), parse({"has": {"fact": f"k{at + 1}"}}, words)))
        for at in range(0, 16, 2)
    ]
    needy = parse({"has": {"fact": "k23"}}, words)
    found = lint(Any((All((needy, Not(needy))), needy, All((*either,)))), words)
    assert [(one.place, one.fault) for one in found] == [("", Fault.TOO_COMPLEX)]
    inner = lint(Not(All((needy, Not(needy)))), words)
    assert [(one.place, one.fault) for one in inner] == [("", Fault.ALWAYS), ("/not", Fault.CONTRADICTION)]


def test_a_finding_is_said_in_both_languages() -> None:
    for fault in Fault:
        finding = Finding("", fault)
        assert finding.said("lv") != finding.said("en")
        assert finding.said("en").isascii()
    assert Finding("", Fault.CONTRADICTION).said("lv") == "nosacījums nekad nevar izpildīties"

"""Reading conditions strictly, and their one canonical text."""

import json
from hashlib import sha256

import pytest
from hypothesis import given

from rules.condition import MAX_NODES, Condition, canonical, digest, parse, to_json, walk
from rules.errors import MissingKey, OutOfRange, Refused, TooLarge, UnknownKey, UnknownWord, WrongType
from rules.group import define
from rules.reading import MAX_RELATIONS
from tests.rules.draws import KINDS, conditions

NEEDY = {"has": {"fact": "needy"}}


@given(conditions)
def test_a_condition_written_and_read_is_the_same_and_keeps_its_hash(condition: Condition) -> None:
    again = parse(json.loads(canonical(condition)), KINDS)
    assert again == condition
    assert digest(again) == digest(condition)


def test_the_hash_does_not_depend_on_spelling() -> None:
    one = parse({"has": {"fact": "disability", "in": ["II", "I"]}}, KINDS)
    other = parse({"has": {"in": ["I", "II", "I"], "fact": "disability"}}, KINDS)
    assert canonical(one) == canonical(other) == '{"has":{"fact":"disability","in":["I","II"]}}'
    assert digest(one) == digest(other) == sha256(canonical(one).encode()).hexdigest()


REFUSED: list[tuple[object, type[Refused], str]] = [
    ([], WrongType, ""),
    ({}, OutOfRange, ""),
    ({"all": [NEEDY], "any": [NEEDY]}, OutOfRange, ""),
    ({"xor": [NEEDY]}, UnknownKey, "/xor"),
    ({"all": []}, OutOfRange, "/all"),
    ({"all": {"0": NEEDY}}, WrongType, "/all"),
    ({"any": [NEEDY, {"not": {"has": {"fact": "rich"}}}]}, UnknownWord, "/any/1/not/has/fact"),
    ({"has": {"fact": "disability", "in": []}}, OutOfRange, "/has/in"),
    ({"has": {"fact": "needy", "on": 1}}, UnknownKey, "/has/on"),
    ({"has": {}}, MissingKey, "/has/fact"),
    ({"has": {"fact": 1}}, WrongType, "/has/fact"),
    ({"age": {"op": "ge", "years": True}}, WrongType, "/age/years"),
    ({"age": {"op": "ge", "years": 151}}, OutOfRange, "/age/years"),
    ({"age": {"op": "eq", "years": 18}}, UnknownWord, "/age/op"),
    ({"age": {"op": "ge", "years": 18, "feb29": "03-02"}}, UnknownWord, "/age/feb29"),
    ({"age": {"op": "ge", "years": {"param": "height"}}}, UnknownWord, "/age/years/param"),
    ({"age": {"op": "ge", "years": {"cohort": "majority"}}}, UnknownWord, "/age/years/cohort"),
    ({"age": {"op": "ge", "years": {"cohort": "pension", "x": 1}}}, UnknownKey, "/age/years/x"),
    ({"age": {"op": "ge", "years": {}}}, MissingKey, "/age/years/param"),
    ({"num": {"fact": "income", "op": "le"}}, MissingKey, "/num/value"),
    ({"num": {"fact": "wealth", "op": "le", "value": "1"}}, UnknownWord, "/num/fact"),
    ({"num": {"fact": "income", "op": "ne", "value": "1"}}, UnknownWord, "/num/op"),
    ({"num": {"fact": "income", "op": "le", "value": 343.5}}, WrongType, "/num/value"),
    ({"num": {"fact": "income", "op": "le", "value": "-1"}}, WrongType, "/num/value"),
    ({"num": {"fact": "income", "op": "le", "value": {"param": "rate"}}}, UnknownWord, "/num/value/param"),
    ({"num": {"fact": "income", "op": "le", "value": {"cohort": "pension"}}}, UnknownKey, "/num/value/cohort"),
    ({"related": {"relation": "friend"}}, UnknownWord, "/related/relation"),
    ({"related": {"where": NEEDY}}, MissingKey, "/related/relation"),
    ({"related": {"relation": "child", "where": {"has": {"fact": "rich"}}}}, UnknownWord,
     "/related/where/has/fact"),
    ({"count": {"relation": "child", "op": "ge", "value": "3"}}, WrongType, "/count/value"),
    ({"count": {"relation": "child", "op": "ge", "value": -1}}, OutOfRange, "/count/value"),
    ({"count": {"relation": "child", "op": "most", "value": 3}}, UnknownWord, "/count/op"),
    ({"count": {"relation": "child", "op": "ge", "value": 3, "where": None}}, WrongType, "/count/where"),
    ({"member": {"group": "friends"}}, UnknownWord, "/member/group"),
    ({"during": "holidays"}, UnknownWord, "/during"),
    ({"during": ["2026-01-01"]}, OutOfRange, "/during"),
    ({"during": ["1.1.2026", None]}, WrongType, "/during/0"),
    ({"held": {"of": NEEDY, "months": 0}}, OutOfRange, "/held/months"),
    ({"grace": {"of": NEEDY}}, MissingKey, "/grace/months"),
    ({"extend_to": {"of": NEEDY, "boundary": "week"}}, UnknownWord, "/extend_to/boundary"),
    ({"except": {"of": NEEDY}}, MissingKey, "/except/unless"),
    ({"a/b~c": 1}, UnknownKey, "/a~1b~0c"),
]  # fmt: skip
# what no JSON Schema says: the values of a fact, whether it has a number, which figures are ages, the calendar
ONLY_READ: list[tuple[object, type[Refused], str]] = [
    ({"has": {"fact": "disability", "in": ["I", "IV"]}}, UnknownWord, "/has/in/1"),
    ({"has": {"fact": "needy", "in": ["yes"]}}, UnknownKey, "/has/in"),
    ({"age": {"op": "ge", "years": 18.0}}, WrongType, "/age/years"),
    ({"age": {"op": "ge", "years": {"param": "threshold"}}}, WrongType, "/age/years/param"),
    ({"num": {"fact": "needy", "op": "le", "value": "1"}}, WrongType, "/num/fact"),
    ({"during": ["2026-01-01", "2026-02-30"]}, OutOfRange, "/during/1"),
    ({"during": ["2026-02-01", "2026-01-01"]}, OutOfRange, "/during"),
    ({"during": [None, "0001-01-01"]}, OutOfRange, "/during/1"),
]


@pytest.mark.parametrize(("value", "error", "place"), REFUSED + ONLY_READ)
def test_what_does_not_fit_is_refused_with_its_place(value: object, error: type[Refused], place: str) -> None:
    with pytest.raises(error) as caught:
        parse(value, KINDS)
    assert caught.value.place == place


def test_a_bottomless_condition_is_refused_before_the_stack_ends() -> None:
    value: object = NEEDY
    for _ in range(5000):
        value = {"not": value}
    with pytest.raises(TooLarge):
        parse(value, KINDS)


def test_a_condition_has_at_most_so_many_nodes() -> None:
    assert len(list(walk(parse({"all": [NEEDY] * (MAX_NODES - 1)}, KINDS)))) == MAX_NODES
    with pytest.raises(TooLarge):
        parse({"all": [NEEDY] * MAX_NODES}, KINDS)


def test_equal_amounts_are_one_condition_however_they_are_written() -> None:
    texts = {
        canonical(parse({"num": {"fact": "income", "op": "le", "value": value}}, KINDS))
        for value in ("100", "100.0", "100.0000")
    }
    assert texts == {'{"num":{"fact":"income","op":"le","value":"100"}}'}
    cents = parse({"num": {"fact": "income", "op": "le", "value": "100.50"}}, KINDS)
    assert to_json(cents) == {"num": {"fact": "income", "op": "le", "value": "100.5"}}


def test_relatives_of_relatives_are_followed_only_so_far() -> None:
    value: object = NEEDY
    for _ in range(MAX_RELATIONS):
        value = {"count": {"relation": "child", "op": "eq", "value": 1, "where": value}}
    parse(value, KINDS)
    with pytest.raises(TooLarge):
        parse({"related": {"relation": "child", "where": value}}, KINDS)
    with pytest.raises(TooLarge):
        parse({"related": {"relation": "child", "where": {"member": {"group": "far"}}}}, define({"far": value}, KINDS))


def test_the_nodes_of_the_groups_it_names_count_too() -> None:
    big = define({"many": {"all": [NEEDY] * (MAX_NODES - 10)}}, KINDS)
    parse({"member": {"group": "many"}}, big)
    with pytest.raises(TooLarge):
        parse({"any": [{"member": {"group": "many"}}, {"all": [NEEDY] * 9}]}, big)


def test_a_calendar_and_a_period_keep_their_shape() -> None:
    for during in ("school", ["2026-01-01", None], [None, "2026-01-01"], [None, None]):
        assert to_json(parse({"during": during}, KINDS)) == {"during": during}

"""Reading conditions strictly, and their one canonical text."""

import json
from hashlib import sha256

import pytest
from hypothesis import given

from rules.condition import MAX_NODES, All, Condition, Has, canonical, digest, parse, reads, to_json, walk
from rules.errors import MissingKey, OutOfRange, Refused, TooLarge, UnknownKey, UnknownWord, WrongType
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


@pytest.mark.parametrize(
    ("value", "error", "place"),
    [
        ([], WrongType, ""),
        ({}, OutOfRange, ""),
        ({"all": [NEEDY], "any": [NEEDY]}, OutOfRange, ""),
        ({"xor": [NEEDY]}, UnknownKey, "/xor"),
        ({"all": []}, OutOfRange, "/all"),
        ({"all": {"0": NEEDY}}, WrongType, "/all"),
        ({"any": [NEEDY, {"not": {"has": {"fact": "rich"}}}]}, UnknownWord, "/any/1/not/has/fact"),
        ({"has": {"fact": "disability", "in": ["I", "IV"]}}, UnknownWord, "/has/in/1"),
        ({"has": {"fact": "disability", "in": []}}, OutOfRange, "/has/in"),
        ({"has": {"fact": "needy", "in": ["yes"]}}, UnknownKey, "/has/in"),
        ({"has": {"fact": "needy", "on": 1}}, UnknownKey, "/has/on"),
        ({"has": {}}, MissingKey, "/has/fact"),
        ({"has": {"fact": 1}}, WrongType, "/has/fact"),
        ({"age": {"op": "ge", "years": True}}, WrongType, "/age/years"),
        ({"age": {"op": "ge", "years": 18.0}}, WrongType, "/age/years"),
        ({"age": {"op": "ge", "years": 151}}, OutOfRange, "/age/years"),
        ({"age": {"op": "eq", "years": 18}}, UnknownWord, "/age/op"),
        ({"age": {"op": "ge", "years": 18, "feb29": "03-02"}}, UnknownWord, "/age/feb29"),
        ({"member": {"group": "friends"}}, UnknownWord, "/member/group"),
        ({"during": "holidays"}, UnknownWord, "/during"),
        ({"during": ["2026-01-01"]}, OutOfRange, "/during"),
        ({"during": ["2026-01-01", "2026-02-30"]}, OutOfRange, "/during/1"),
        ({"during": ["1.1.2026", None]}, WrongType, "/during/0"),
        ({"during": ["2026-02-01", "2026-01-01"]}, OutOfRange, "/during"),
        ({"held": {"of": NEEDY, "months": 0}}, OutOfRange, "/held/months"),
        ({"grace": {"of": NEEDY}}, MissingKey, "/grace/months"),
        ({"extend_to": {"of": NEEDY, "boundary": "week"}}, UnknownWord, "/extend_to/boundary"),
        ({"except": {"of": NEEDY}}, MissingKey, "/except/unless"),
        ({"a/b~c": 1}, UnknownKey, "/a~1b~0c"),
    ],
)
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


def test_reads_names_everything_the_condition_depends_on() -> None:
    condition = parse(
        {
            "all": [
                {"held": {"of": {"has": {"fact": "study"}}, "months": 1}},
                {"except": {"of": {"member": {"group": "repressed"}}, "unless": NEEDY}},
                {"during": "school"},
                {"age": {"op": "lt", "years": 24}},
            ]
        },
        KINDS,
    )
    found = reads(condition)
    assert found.facts == {"study", "needy"}
    assert found.groups == {"repressed"}
    assert found.calendars == {"school"}
    assert found.born
    assert not reads(All((Has("needy"),))).born


def test_a_calendar_and_a_period_keep_their_shape() -> None:
    for during in ("school", ["2026-01-01", None], [None, "2026-01-01"], [None, None]):
        assert to_json(parse({"during": during}, KINDS)) == {"during": during}

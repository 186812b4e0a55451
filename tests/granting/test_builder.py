"""Single steps on a draft of a condition."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amis.granting import builder
from amis.granting.builder import Tree, at, kind_of, places
from amis.granting.errors import ConditionInvalid
from amis.granting.tree_text import read_tree
from rules.condition import parse, to_json
from rules.reading import READERS
from tests.rules.draws import KINDS, conditions

NEEDY: Tree = {"has": {"fact": "needy"}}
OLD: Tree = {"age": {"op": "ge", "years": 65}}
trees = conditions.map(to_json)


def test_a_part_is_added_at_the_end_and_can_be_moved_up() -> None:
    tree = builder.add({"all": [NEEDY]}, "", "age")
    assert tree == {"all": [NEEDY, {"age": {"op": "ge", "years": ""}}]}
    assert builder.move(tree, "/all/1", -1) == {"all": [{"age": {"op": "ge", "years": ""}}, NEEDY]}


@pytest.mark.parametrize(("place", "step"), [("/all/0", -1), ("/all/1", 1), ("/all/7", -1)])
def test_a_part_is_not_moved_beyond_its_neighbours(place: str, step: int) -> None:
    with pytest.raises(LookupError):
        builder.move({"all": [NEEDY, OLD]}, place, step)


@pytest.mark.parametrize(
    ("place", "left"),
    [
        ("", {}),
        ("/all/0", {"all": [OLD]}),
        ("/not", {"not": {}}),
        ("/except/unless", {"except": {"of": NEEDY, "unless": {}}}),
        ("/held/of", {"held": {"of": {}, "months": 1}}),
        ("/count/where", {"count": {"relation": "child", "op": "ge", "value": 3}}),
    ],
)
def test_a_part_that_is_needed_is_to_be_chosen_anew_where_it_is_removed(place: str, left: Tree) -> None:
    holders: dict[str, Tree] = {
        "": NEEDY,
        "all": {"all": [NEEDY, OLD]},
        "not": {"not": NEEDY},
        "except": {"except": {"of": NEEDY, "unless": OLD}},
        "held": {"held": {"of": NEEDY, "months": 1}},
        "count": {"count": {"relation": "child", "op": "ge", "value": 3, "where": NEEDY}},
    }
    assert builder.remove(holders[place.split("/")[1] if place else ""], place) == left


def test_another_kind_keeps_what_a_part_is_made_of() -> None:
    assert builder.become({"all": [NEEDY, OLD]}, "", "any") == {"any": [NEEDY, OLD]}
    assert builder.become({"all": [NEEDY, OLD]}, "", "not") == {"not": {"all": [NEEDY, OLD]}}
    assert builder.become({"all": [NEEDY, OLD]}, "", "except") == {"except": {"of": NEEDY, "unless": OLD}}
    assert builder.become({"not": NEEDY}, "", "grace") == {"grace": {"of": NEEDY, "months": ""}}
    assert builder.become({"held": {"of": NEEDY, "months": 2}}, "", "all") == {"all": [NEEDY]}
    assert builder.become({"not": NEEDY}, "", "related") == {"related": {"relation": "", "where": NEEDY}}
    assert builder.become({}, "", "has") == {"has": {"fact": ""}}


def test_the_condition_on_relatives_is_added_like_a_part() -> None:
    assert builder.add({"related": {"relation": "child"}}, "", "age")["related"]["where"] == builder.blank("age")


@given(trees, st.data())
def test_what_is_put_inside_another_part_can_be_taken_out_of_it(tree: Tree, data: st.DataObject) -> None:
    place = data.draw(st.sampled_from([place for place, _ in places(tree)]))
    around = data.draw(st.sampled_from(builder.WRAPPERS))
    assert builder.unwrap(builder.wrap(tree, place, around), place) == tree


@given(trees, st.data())
def test_a_step_leaves_the_tree_it_was_taken_on_as_it_was(tree: Tree, data: st.DataObject) -> None:
    before = json.dumps(tree)
    place = data.draw(st.sampled_from([place for place, _ in places(tree)]))
    builder.remove(tree, place)
    builder.wrap(tree, place, "not")
    builder.become(tree, place, "all")
    assert json.dumps(tree) == before


@given(trees)
def test_the_places_are_the_json_pointers_of_the_rules(tree: Tree) -> None:
    assert read_tree(json.dumps(tree)) == tree
    assert all(at(tree, place) is node for place, node in places(tree))
    assert parse(tree, KINDS) == parse(read_tree(json.dumps(tree)), KINDS)


@given(st.data())
def test_any_row_of_steps_leaves_a_draft_that_a_form_can_carry(data: st.DataObject) -> None:
    tree: Tree = {"all": []}
    for _ in range(data.draw(st.integers(1, 8))):
        tree = _step(tree, data)
        assert read_tree(json.dumps(tree)) == tree


def _step(tree: Tree, data: st.DataObject) -> Tree:
    place, node = data.draw(st.sampled_from(list(places(tree))))
    steps: list[Callable[[str], Tree]] = [
        lambda kind: builder.become(tree, place, kind),
        lambda kind: builder.wrap(tree, place, kind) if kind in builder.WRAPPERS else tree,
        lambda kind: builder.remove(tree, place),
    ]
    if kind_of(node) in (*builder.LISTS, *builder.RELATIVES):
        steps.append(lambda kind: builder.add(tree, place, kind))
    changed = data.draw(st.sampled_from(steps))(data.draw(st.sampled_from(sorted(READERS))))
    return tree if json.dumps(changed).count("{") > 30 else changed


@pytest.mark.parametrize(
    ("text", "pointer"),
    [
        ("{", ""),
        ("[]", ""),
        ('{"sql": "x"}', ""),
        ('{"all": {}}', "/all"),
        ('{"all": [1]}', "/all/0"),
        ('{"not": []}', "/not"),
        ('{"has": 1}', "/has"),
        ('{"during": [1]}', "/during"),
        ('{"all": [], "any": []}', ""),
        ('{"held": {"of": {"x": 1}, "months": 2}}', "/held/of"),
        ("[" * 500 + "]" * 500, ""),
    ],
)
def test_what_no_builder_could_show_is_refused_with_its_place(text: str, pointer: str) -> None:
    with pytest.raises(ConditionInvalid) as refused:
        read_tree(text)
    assert refused.value.pointer == pointer


def test_a_part_left_out_of_a_moved_part_is_to_be_chosen() -> None:
    read: Any = read_tree('{"held": {"months": 2}}')
    assert read == {"held": {"months": 2, "of": {}}}

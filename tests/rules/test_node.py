"""The way down a condition."""

from hypothesis import given

from rules.condition import Condition, children, to_json, walk
from rules.node import places
from tests.rules.draws import conditions


def follow(document: object, pointer: str) -> object:
    for step in pointer.split("/")[1:]:
        assert isinstance(document, dict | list)
        document = document[int(step)] if isinstance(document, list) else document[step]
    return document


@given(conditions)
def test_every_place_leads_to_its_node_in_the_json(condition: Condition) -> None:
    document = to_json(condition)
    for place, node in places(condition):
        assert follow(document, place) == to_json(node)


@given(conditions)
def test_a_walk_meets_each_node_before_its_parts(condition: Condition) -> None:
    nodes = list(walk(condition))
    assert nodes[0] is condition
    assert len(nodes) == 1 + sum(len(list(walk(part))) for part in children(condition))

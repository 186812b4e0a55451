"""Groups by condition."""

import pytest

from rules.condition import All, Has, Member, parse
from rules.errors import CyclicGroup, Refused, TooLarge, UnknownWord
from rules.group import define
from tests.rules.draws import KINDS

NEEDY = {"has": {"fact": "needy"}}


def member(group: str) -> dict[str, object]:
    return {"member": {"group": group}}


def test_groups_may_name_each_other_in_any_order() -> None:
    words = define({"poor": {"all": [member("base"), member("repressed")]}, "base": NEEDY}, KINDS)
    assert words.definitions == {"poor": All((Member("base"), Member("repressed"))), "base": Has("needy")}
    assert parse(member("poor"), words) == Member("poor")


@pytest.mark.parametrize(
    ("document", "error", "place"),
    [
        ({"a": member("a")}, CyclicGroup, "/a/member/group"),
        ({"a": {"not": member("b")}, "b": {"any": [NEEDY, member("a")]}}, CyclicGroup, "/b/any/1/member/group"),
        ({"a": {"related": {"relation": "child", "where": member("a")}}}, CyclicGroup,
         "/a/related/where/member/group"),
        ({"a/b": member("a/b")}, CyclicGroup, "/a~1b/member/group"),
        ({"a": member("nobody")}, UnknownWord, "/a/member/group"),
        ({"a": {"has": {"fact": "rich"}}}, UnknownWord, "/a/has/fact"),
        ({f"g{at}": member(f"g{at + 1}") for at in range(500)} | {"g500": NEEDY}, TooLarge, "/g0"),
        ({"g0": NEEDY} | {f"g{at + 1}": {"any": [member(f"g{at}")] * 2} for at in range(60)}, TooLarge, "/g7"),
    ],
)  # fmt: skip
def test_a_group_that_cannot_be_is_refused_with_its_place(
    document: dict[str, object], error: type[Refused], place: str
) -> None:
    with pytest.raises(error) as caught:
        define(document, KINDS)
    assert caught.value.place == place


def test_the_cycle_is_told() -> None:
    with pytest.raises(CyclicGroup, match="b -> c -> b"):
        define({"a": member("b"), "b": member("c"), "c": {"not": member("b")}}, KINDS)

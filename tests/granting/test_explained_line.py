"""Explanations of conditions that look at relatives, move days or rest on groups."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import pytest

from amis.granting import service, store
from amis.granting.explained_line import Line
from amis.granting.explanation import Explained
from amis.granting.service import Cause
from amis.kernel.db import transaction
from amis.web.environment import environment
from tests.granting.extra_rule import RULE, publish
from tests.granting.town import CLERK, Somebody, fact

Make = Callable[..., Awaitable[Somebody]]
DAY = date(2026, 4, 15)
NEEDY: dict[str, Any] = {"has": {"fact": "needy"}}


async def explained(person: Somebody, condition: dict[str, Any]) -> Explained:
    """What a rule with this condition says of the person."""
    await publish(condition)
    async with transaction(CLERK) as tx:
        [answer] = [one for one in await store.explain(tx, person.id, DAY) if one.rule.code == RULE]
    return answer


def shape(line: Line | None) -> tuple[str, bool | None, list[object], list[object]]:
    """A line and what is below it."""
    assert line is not None
    return line.text.en, line.holds, [shape(part) for part in line.parts], [shape(one) for one in line.relatives]


async def _parent_of_two(somebody: Make) -> Somebody:
    """A parent of two, of whom one is needy."""
    anna = await somebody()
    for needy in (True, False):
        child = await somebody(date(2015, 5, 17))
        if needy:
            await child.state(fact("needy"))
        async with transaction(CLERK) as tx:
            cause = Cause("clerk", "test")
            await service.relate_and_regrant(
                tx, anna.id, "child", child.id, date(2015, 5, 17), None, cause, source="clerk", reason="Izziņa"
            )
    return anna


async def test_of_each_relative_it_is_said_whether_they_meet_the_part_and_nothing_else(somebody: Make) -> None:
    anna = await _parent_of_two(somebody)
    answer = await explained(anna, {"count": {"relation": "child", "op": "ge", "value": 1, "where": NEEDY}})
    text, holds, parts, relatives = shape(answer.tree)
    assert (holds, parts) == (True, [])
    assert "child" in text
    assert sorted(name for name, _, _, _ in relatives) == ["child 1", "child 2"]
    assert sorted(one for _, one, _, _ in relatives) == [False, True]
    assert answer.because == ()


@pytest.mark.parametrize(("others", "told"), [(True, True), (False, False)])
async def test_a_reader_who_may_not_know_of_others_is_not_told(somebody: Make, others: bool, told: bool) -> None:
    answer = await explained(await _parent_of_two(somebody), {"related": {"relation": "child", "where": NEEDY}})
    page = environment("en").from_string(
        '{% from "granting/explanation.html" import explanation with context %}{{ explanation(answer, others) }}'
    )
    assert ("child 1" in page.render(answer=answer, others=others)) is told


async def test_parts_that_move_days_show_what_is_inside_them(somebody: Make) -> None:
    anna = await somebody()
    await anna.state(fact("needy", first="2026-04-01"))
    moved = {"grace": {"of": {"extend_to": {"of": NEEDY, "boundary": "month_end"}}, "months": 2}}
    answer = await explained(anna, {"held": {"of": moved, "months": 1}})
    assert shape(answer.tree) == (
        "has held without a break for 1 mo.",
        False,
        [
            (
                "holds, or did less than 2 mo. ago",
                True,
                [
                    (
                        "holds, or did earlier in the month",
                        True,
                        [("status of a needy household", True, [], [])],
                        [],
                    )
                ],
                [],
            )
        ],
        [],
    )


async def test_what_a_clerk_decided_otherwise_is_part_of_the_explanation(somebody: Make) -> None:
    anna = await somebody()
    await anna.state(fact("override", f"grant:{RULE}", source="clerk"))
    answer = await explained(anna, NEEDY)
    assert answer.holds is True
    assert "decision of an official" in str(shape(answer.tree))
    assert [because.source for because in answer.because] == ["clerk"]

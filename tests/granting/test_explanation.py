"""Why and why not."""

from collections.abc import Awaitable, Callable
from datetime import date

import pytest

from amis.granting import service, store
from amis.granting.explained_line import Line
from amis.granting.explanation import Explained
from amis.granting.service import Cause, RuleDraft
from amis.kernel import clock
from amis.kernel.db import transaction
from amis.web.environment import environment
from tests.granting.town import CLERK, JELGAVA_ACTOR, Somebody, days, fact
from tests.granting.village import CODE
from tests.town import riga

Make = Callable[..., Awaitable[Somebody]]
DAY = date(2026, 4, 15)


async def _explained(person: Somebody, day: date = DAY) -> dict[str, Explained]:
    async with transaction(CLERK) as tx:
        return {one.rule.code: one for one in await store.explain(tx, person.id, day)}


def _shape(line: Line) -> tuple[str, bool | None, list[object]]:
    return line.text.en, line.holds, [_shape(part) for part in line.parts]


async def test_a_right_names_its_facts_with_source_record_decision_and_the_notice_that_gave_it(somebody: Make) -> None:
    anna = await somebody()
    stated = fact("needy", record_id="d-77", decision={"number": "S-12"}, provenance={"event": "evt-1"})
    await anna.state(stated, cause=Cause("notice", "sopa evt-1"))
    answer = (await _explained(anna))["JLG-NEEDY20"]
    assert answer.holds is True
    assert answer.periods == days("{[2026-03-01,2026-06-01)}")
    [because] = answer.because
    assert (because.source, because.record_id, because.version) == ("sopa", "d-77", 1)
    assert (because.decision, because.provenance) == ({"number": "S-12"}, {"event": "evt-1"})
    assert because.text.lv == "trūcīgas mājsaimniecības statuss"
    assert answer.changed is not None
    assert (answer.changed.cause, answer.changed.ref) == ("notice", "sopa evt-1")
    assert answer.nearest == ()
    assert answer.version is not None
    assert "Jelgavas" in answer.version.legal_clause


async def test_a_right_taken_away_names_the_notice_that_took_it(somebody: Make) -> None:
    anna = await somebody()
    await anna.state(fact("needy", record_id="d-1"))
    await anna.state(fact("needy", record_id="d-1", version=2, op="withdraw"), cause=Cause("notice", "sopa evt-2"))
    answer = (await _explained(anna))["JLG-NEEDY20"]
    assert answer.holds is False
    assert answer.changed is not None
    assert answer.changed.ref == "sopa evt-2"
    assert answer.nearest is not None
    assert [(step.text.en, step.on) for step in answer.nearest] == [("status of a needy household", None)]


async def test_a_day_that_is_kept_to_its_known_end_is_granted_and_says_so(somebody: Make) -> None:
    anna = await somebody()
    needy = RuleDraft(CODE, CODE, {"has": {"fact": "needy"}}, "§ 7", date(2020, 1, 1), on_ceasing="use_until_expiry")
    with clock.moved(riga("2026-04-01 12:00")):
        async with transaction(JELGAVA_ACTOR) as tx:
            await service.publish_rule(tx, needy)
        await anna.state(fact("needy", record_id="k-1"))
        await anna.state(fact("needy", record_id="k-1", version=2, op="withdraw"))
    assert (await anna.granted())[CODE] == days("{[2026-03-01,2026-06-01)}")
    answer, after = (await _explained(anna))[CODE], (await _explained(anna, date(2026, 6, 1)))[CODE]
    assert (answer.holds, answer.kept, answer.nearest) == (True, True, ())
    assert answer.periods == days("{[2026-03-01,2026-06-01)}")
    assert answer.tree is not None
    assert answer.tree.holds is False
    assert (after.holds, after.kept) == (False, False)
    page = environment("en").from_string(
        '{% from "granting/explanation.html" import explanation with context %}{{ explanation(answer) }}'
    )
    said = ["run to its known end" in page.render(answer=one) for one in (answer, after)]
    assert said == [True, False]


async def test_the_tree_says_of_each_part_whether_it_holds(somebody: Make) -> None:
    anna = await somebody(date(2010, 5, 17))
    await anna.state(fact("needy"))
    tree = (await _explained(anna))["JLG-NEEDY20"].tree
    assert tree is not None
    assert _shape(tree) == (
        "all of these hold",
        False,
        [
            (
                "at least one of these holds",
                True,
                [("status of a needy household", True, []), ("status of a low-income household", False, [])],
            ),
            ("is 18 or older", False, []),
            ("is younger than 65", True, []),
            ("until 31 December 2026", True, []),
        ],
    )


async def test_what_comes_by_itself_is_shown_with_its_day(somebody: Make) -> None:
    anna = await somebody(date(2008, 5, 17))
    await anna.state(fact("needy", end="2026-12-01"))
    answer = (await _explained(anna))["JLG-NEEDY20"]
    assert answer.nearest is not None
    assert [(step.text.lv, step.on) for step in answer.nearest] == [("vecums ir vismaz 18 gadi", date(2026, 5, 17))]


async def test_a_datum_that_nobody_has_stated_leaves_the_answer_open_and_is_named(somebody: Make) -> None:
    anna = await somebody(date(2004, 5, 17))
    await anna.state(fact("orphan"))
    answer = (await _explained(anna))["LV-ORPHAN"]
    assert answer.holds is None
    assert [phrase.en for phrase in answer.missing] == ["out-of-family care", "studies at an educational institution"]
    assert await anna.granted() == {}


async def test_before_a_rule_was_in_force_it_gave_nothing(somebody: Make) -> None:
    anna = await somebody(date(2012, 5, 17))
    await anna.state(fact("orphan", first="2015-01-01", end=None))
    answer = (await _explained(anna, date(2024, 3, 22)))["LV-ORPHAN"]
    assert (answer.holds, answer.version, answer.tree, answer.nearest) == (False, None, None, None)
    assert (await _explained(anna, date(2024, 3, 23)))["LV-ORPHAN"].holds is True


async def test_explanations_cover_every_rule_that_could_grant_and_agree_with_the_entitlements(somebody: Make) -> None:
    anna = await somebody()
    await anna.state(fact("disability", "I"), fact("repressed"))
    answers = await _explained(anna)
    assert len(answers) == 7
    assert {code: one.periods for code, one in answers.items() if one.periods} == await anna.granted()


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("lv", ["Atņemts ar: ziņojumu sopa evt-2", "Kas dotu šīs tiesības", "izpildās vismaz viens nosacījums"]),
        ("en", ["Taken away by: notice sopa evt-2", "What would give the right", "at least one of these holds"]),
    ],
)
async def test_an_explanation_is_shown_in_both_languages(somebody: Make, language: str, words: list[str]) -> None:
    anna = await somebody()
    await anna.state(fact("needy", record_id="d-1"))
    await anna.state(fact("needy", record_id="d-1", version=2, op="withdraw"), cause=Cause("notice", "sopa evt-2"))
    page = environment(language).from_string(
        '{% from "granting/explanation.html" import explanation with context %}{{ explanation(answer) }}'
    )
    shown = page.render(answer=(await _explained(anna))["JLG-NEEDY20"])
    assert [word for word in words if word not in shown] == []

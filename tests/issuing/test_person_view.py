from datetime import date

from amis.granting import store as granting
from amis.issuing.person_view import sorted_answers, timeline_rows
from amis.kernel.actor import Actor
from amis.register import store as register
from amis.web.timeline import Span
from tests.issuing.town import acting, entitled, state

DAY = date(2026, 3, 10)


async def test_spells_of_one_fact_share_a_row_and_rights_follow(town: Actor) -> None:
    person = await entitled()
    await state(person, "studying", "no", "2024-01-01", "2025-01-01")
    facts = await acting(lambda tx: register.facts_timeline(tx, person))
    rights = await acting(lambda tx: granting.entitlements_of(tx, person))
    rows = timeline_rows(facts, rights, "lv")
    assert [(row.kind, row.note) for row in rows[-2:]] == [
        ("entitlement", "JLG-NEEDY20"),
        ("entitlement", "LV-DIS-1-2"),
    ]
    assert rows[0].label == "Invaliditāte: I grupa"
    assert rows[1].spans == (Span(date(2026, 1, 1), date(2026, 12, 1)),)
    assert timeline_rows(facts, rights, "en")[2].label.startswith("Studies at an educational institution")


async def test_answers_are_sorted_by_what_they_say_and_none_is_dropped(town: Actor) -> None:
    person = await entitled()
    await state(person, "orphan", "yes", "2026-01-01", None)
    answers = await acting(lambda tx: granting.explain(tx, person, DAY))
    why = sorted_answers(DAY, answers)
    assert {one.rule.code for one in why.granted} == {"JLG-NEEDY20", "LV-DIS-1-2"}
    assert len(why.granted) + len(why.open) + len(why.refused) == len(answers)

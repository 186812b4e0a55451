"""The seven rules of the seed: whom each grants to and whom not."""

from collections.abc import Awaitable, Callable
from datetime import date

import pytest

from amis.granting import store
from amis.granting.seed_lv import RESISTANCE, RULES
from amis.granting.words import said
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.register.seed_lv import STATE_FACT_KINDS
from amis.register.service import FactChange
from rules.condition import parse
from rules.vocabulary import Vocabulary
from tests.granting.town import CLERK, SEVEN, Somebody, fact, seed_rules

Make = Callable[..., Awaitable[Somebody]]
DAY = "2026-04-15"
ADULT, CHILD, STUDENT, PENSIONER = date(1980, 5, 17), date(2012, 5, 17), date(2004, 5, 17), date(1955, 5, 17)
CASES: list[tuple[str, date, list[FactChange], bool]] = [
    ("JLG-NEEDY20", ADULT, [fact("needy")], True),
    ("JLG-NEEDY20", ADULT, [fact("low_income")], True),
    ("JLG-NEEDY20", ADULT, [fact("large_family")], False),
    ("JLG-NEEDY20", CHILD, [fact("needy")], False),
    ("JLG-NEEDY20", PENSIONER, [fact("needy")], False),
    ("JLG-ORPHAN5", CHILD, [fact("orphan")], True),
    ("JLG-ORPHAN5", STUDENT, [fact("orphan"), fact("studying")], True),
    ("JLG-ORPHAN5", STUDENT, [fact("orphan"), fact("studying", "no")], False),
    ("JLG-ORPHAN5", STUDENT, [fact("orphan"), fact("in_care")], False),
    ("JLG-ORPHAN5", ADULT, [fact("orphan"), fact("studying")], False),
    ("JLG-ORPHAN5", CHILD, [fact("needy")], False),
    ("JLG-REPR20", PENSIONER, [fact("repressed")], True),
    ("JLG-REPR20", PENSIONER, [fact("resistance")], False),
    ("LV-DIS-1-2", ADULT, [fact("disability", "I")], True),
    ("LV-DIS-1-2", ADULT, [fact("disability", "II")], True),
    ("LV-DIS-1-2", ADULT, [fact("disability", "III")], False),
    ("LV-DIS-CHILD", CHILD, [fact("disability", "child")], True),
    ("LV-DIS-CHILD", STUDENT, [fact("disability", "child")], False),
    ("LV-DIS-CHILD", CHILD, [fact("disability", "III")], False),
    ("LV-ORPHAN", CHILD, [fact("orphan")], True),
    ("LV-ORPHAN", STUDENT, [fact("orphan"), fact("studying")], True),
    ("LV-ORPHAN", STUDENT, [fact("orphan"), fact("in_care")], True),
    ("LV-ORPHAN", STUDENT, [fact("orphan")], False),
    ("LV-ORPHAN", ADULT, [fact("orphan"), fact("studying"), fact("in_care")], False),
    ("LV-REPRESSED", PENSIONER, [fact("repressed")], True),
    ("LV-REPRESSED", PENSIONER, [fact("resistance")], True),
    ("LV-REPRESSED", PENSIONER, [fact("needy")], False),
]
SENTENCES = {
    "JLG-NEEDY20": (
        "izpildās visi nosacījumi: (izpildās vismaz viens nosacījums: trūcīgas mājsaimniecības statuss; "
        "maznodrošinātas mājsaimniecības statuss); vecums ir vismaz 18 gadi; ir jaunāks par 65 gadiem; "
        "līdz 31.12.2026.",
        "all of these: (at least one of these: status of a needy household; status of a low-income household); "
        "is 18 or older; is younger than 65; until 31 December 2026",
    ),
    "LV-DIS-1-2": ("invaliditāte: I grupa vai II grupa", "disability: group I or group II"),
    "LV-DIS-CHILD": (
        "izpildās visi nosacījumi: invaliditāte: bērnam līdz 18 gadu vecumam; ir jaunāks par 18 gadiem",
        "all of these: disability: of a child under 18; is younger than 18",
    ),
    "JLG-REPR20": ("politiski represētas personas statuss", "status of a politically repressed person"),
    "LV-REPRESSED": (
        "izpildās vismaz viens nosacījums: politiski represētas personas statuss; "
        "nacionālās pretošanās kustības dalībnieka statuss",
        "at least one of these: status of a politically repressed person; "
        "status of a participant of the national resistance",
    ),
    "JLG-ORPHAN5": (
        "izpildās visi nosacījumi: bāreņa vai bez vecāku gādības palikuša bērna statuss; "
        "(izpildās vismaz viens nosacījums: ir jaunāks par 18 gadiem; "
        "(izpildās visi nosacījumi: mācības izglītības iestādē: jā; ir jaunāks par 24 gadiem))",
        "all of these: status of an orphan or a child without parental care; "
        "(at least one of these: is younger than 18; "
        "(all of these: studies at an educational institution: yes; is younger than 24))",
    ),
    "LV-ORPHAN": (
        "izpildās visi nosacījumi: bāreņa vai bez vecāku gādības palikuša bērna statuss; ir jaunāks par 24 gadiem; "
        "(izpildās vismaz viens nosacījums: ir jaunāks par 18 gadiem; ārpusģimenes aprūpe: jā; "
        "mācības izglītības iestādē: jā)",
        "all of these: status of an orphan or a child without parental care; is younger than 24; "
        "(at least one of these: is younger than 18; out-of-family care: yes; "
        "studies at an educational institution: yes)",
    ),
}


async def test_each_rule_grants_to_those_it_means_and_to_nobody_else(somebody: Make) -> None:
    for code, born, facts, expected in CASES:
        person = await somebody(born)
        await person.state(*facts)
        held = date.fromisoformat(DAY) in (await person.granted()).get(code, ())
        assert held is expected, (code, born, facts)


def test_every_rule_of_the_town_has_somebody_who_gets_it_and_somebody_who_does_not() -> None:
    assert {code for code, *_, expected in CASES if expected} == SEVEN
    assert {code for code, *_, expected in CASES if not expected} == SEVEN


@pytest.mark.parametrize("code", sorted(SENTENCES))
def test_every_rule_of_the_seed_reads_as_plain_sentences_in_both_languages(code: str) -> None:
    [draft] = [draft for drafts in RULES.values() for draft in drafts if draft.code == code]
    phrase = said(parse(draft.condition, Vocabulary.of(*STATE_FACT_KINDS, RESISTANCE)))
    assert (phrase.lv, phrase.en) == SENTENCES[code]


async def test_seeding_again_changes_nothing(town: Actor) -> None:
    assert await seed_rules() == 0
    async with transaction(CLERK) as tx:
        assert {rule.names.code: len(rule.versions) for rule in await store.list_rules(tx)} == dict.fromkeys(
            SENTENCES, 1
        )


async def test_needy20_ends_with_2026_whatever_the_decision_says(somebody: Make) -> None:
    anna = await somebody()
    await anna.state(fact("needy", first="2026-11-01", end="2027-05-01"))
    assert str((await anna.granted())["JLG-NEEDY20"]) == "{[2026-11-01,2027-01-01)}"


async def test_the_state_right_of_an_orphan_begins_with_the_amendment_and_ends_on_the_24th_birthday(
    somebody: Make,
) -> None:
    anna = await somebody(date(2004, 5, 17))
    await anna.state(fact("orphan", first="2010-01-01", end=None), fact("studying", first="2020-09-01", end=None))
    assert str((await anna.granted())["LV-ORPHAN"]) == "{[2024-03-23,2028-05-17)}"

"""All rules of Latvia: whom each of them means and whom not, on one day, and what they rest on."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest

from amis.concessions.seed_lv import CLASSIFIERS
from amis.granting.lv.cases import CASES
from amis.granting.lv.law import CALENDARS, COHORTS, PARAMETERS
from amis.granting.seed_lv import RESISTANCE, RULES
from amis.granting.service import RuleDraft
from amis.granting.words import said
from amis.register.law import Step
from amis.register.seed_lv import STATE_FACT_KINDS
from amis.register.words import RELATIONS
from rules.condition import parse
from rules.dated import Dated
from rules.evaluate import evaluate
from rules.period import ALWAYS, Period
from rules.person import FactPeriod, PersonFacts, RelatedPerson
from rules.vocabulary import Vocabulary

DAY = date(2026, 4, 15)
IN_2013 = date(2013, 4, 15)
DRAFTS = [draft for drafts in RULES.values() for draft in drafts]
UNIVERSAL = {"RIX-ALL-DAYS"}


def dated(tables: Mapping[str, tuple[Step, ...]]) -> dict[str, Dated]:
    return {code: Dated(tuple((step.period, step.figure) for step in steps)) for code, steps in tables.items()}


WORDS = Vocabulary(
    {kind.code: kind for kind in (*STATE_FACT_KINDS, RESISTANCE)},
    calendars={one.code: one.days for one in CALENDARS},
    relations=RELATIONS,
    parameters=dated(PARAMETERS),
    cohorts=dated(COHORTS),
)


def person(born: int, *facts: str, children: tuple[int, ...] = ()) -> PersonFacts:
    """Somebody born in May of the year; facts such as `pension=old_age`, a bare word meaning yes."""
    pairs = [(one.partition("=")[0], one.partition("=")[2] or "yes") for one in facts]
    stated = tuple(FactPeriod(kind, value, Period(None, None), "r") for kind, value in pairs)
    relatives = [PersonFacts(date(year, 5, 17)) for year in children]
    relations = [RelatedPerson("child", Period(None, None), one, str(at)) for at, one in enumerate(relatives)]
    return PersonFacts(date(born, 5, 17), None, stated, relations=tuple(relations))


RIX, JLG, DGP = "residence=RIX", "residence=JLG", "residence=DGP"
IDLE = "employed=no"
CHILDREN = tuple(range(2010, 2016))
WHO: Mapping[str, tuple[PersonFacts, PersonFacts]] = {
    "LV-PRESCHOOL": (person(2020), person(2020, "school_start")),
    "LV-DIS-1-2": (person(1980, "disability=I"), person(1980, "disability=III")),
    "LV-DIS-CHILD": (person(2012, "disability=child"), person(2004, "disability=child")),
    "LV-COMPANION": (person(1980, "disability=I"), person(1980, "disability=II")),
    "LV-ORPHAN": (person(2004, "orphan", "studying"), person(2004, "orphan")),
    "LV-REPRESSED": (person(1940, "resistance"), person(1940, "needy")),
    "LV-GODA-50": (person(1980, "goda"), person(1980, "large_family")),
    "LV-GODA-40": (person(1980, "goda"), person(1980)),
    "LV-GODA-STUD": (person(2010, "goda", "grade=9"), person(1980, "goda", "studying=no")),
    "LV-GODA-DAYS": (person(1980, "goda"), person(1980)),
    "LV-RURAL-1-9": (person(2012, "grade=9", "rural"), person(2012, "grade=10", "rural")),
    "LV-RURAL-10-12": (person(2010, "grade=10", "rural"), person(2010, "grade=10")),
    "JLG-NEEDY20": (person(1980, "needy"), person(1955, "needy")),
    "JLG-PENS": (person(1955, "pension=old_age", JLG), person(1955, "pension=old_age", RIX)),
    "JLG-REPR20": (person(1940, "repressed"), person(1940, "resistance")),
    "JLG-ORPHAN5": (person(2012, "orphan"), person(2004, "orphan")),
    "JLG-PUPIL4": (person(2012, "grade=8", JLG), person(2012, "grade=8")),
    "RIX-75PLUS": (person(1950, RIX), person(1952, RIX)),
    "RIX-PENS": (person(1955, "pension=service", IDLE, RIX), person(1955, "pension=service", RIX)),
    "RIX-PUPIL": (person(2012, "grade=8"), person(2004, "studying")),
    "RIX-STUDENT": (person(2004, "student"), person(2004, "studying")),
    "RIX-DIS3": (person(1980, "disability=III", RIX), person(1980, "disability=II", RIX)),
    "RIX-PARENT6": (
        person(1985, "family_register", children=CHILDREN),
        person(1985, "family_register", children=CHILDREN[1:]),
    ),
    "RIX-PARENT3": (person(1985, children=CHILDREN[:3]), person(1985, children=CHILDREN)),
    "RIX-CHAES": (person(1960, "chaes", RIX), person(1960, "chaes", DGP)),
    "RIX-RESIST": (person(1930, "resistance", JLG), person(1930, "repressed", RIX)),
    "RIX-WELFARE50": (person(1980, "technical_staff"), person(1980, RIX)),
    "RIX-UA": (person(1990, "ukrainian", RIX), person(1990, "ukrainian", JLG)),
    "RIX-MEAL-1-4": (person(2016, "grade=4"), person(2015, "grade=5")),
    "RIX-MEAL-SOC": (person(2015, "grade=5", "low_income"), person(2015, "grade=5")),
    "DGP-PENSION": (person(1960, DGP), person(1962, DGP)),
    "DGP-EARLY": (person(1963, "early_pension", IDLE, DGP), person(1963, "early_pension", "employed", DGP)),
    "DGP-LARGE2": (person(1985, "large_family", DGP), person(1985, "large_family")),
    "DGP-DIS3": (person(1980, "disability=III", DGP), person(1980, "disability=III", RIX)),
    "DGP-CHAES": (person(1960, "chaes", IDLE, DGP), person(1960, "chaes", "employed", DGP)),
    "DGP-AFGHAN": (person(1940, "parent_of_fallen", DGP), person(1962, "afghan", "employed", DGP)),
    "DGP-CARE": (person(1950, "in_social_centre", DGP), person(1950, DGP)),
    "DGP-REPRESSED": (person(1940, "repressed", DGP), person(1940, "repressed", JLG)),
    "DGP-BARRICADE": (person(1965, "barricades", DGP), person(1965, DGP)),
    "VNT-CHILD47": (person(2008), person(2005)),
    "VNT-ORPHAN90": (person(2000, "orphan"), person(2000)),
}


def version_on(code: str, day: date) -> RuleDraft:
    [found] = [
        draft
        for draft in DRAFTS
        if draft.code == code and draft.valid_from <= day and (draft.valid_to is None or day < draft.valid_to)
    ]
    return found


def test_every_concession_but_that_for_everybody_has_a_rule() -> None:
    given = {number: [one.draft.code for one in classifier.editions] for number, classifier in CLASSIFIERS.items()}
    ruled = {number: {draft.concession_code for draft in drafts} for number, drafts in RULES.items()}
    assert {number: set(codes) - UNIVERSAL for number, codes in given.items()} == ruled


@pytest.mark.parametrize("code", sorted({draft.code for draft in DRAFTS}))
def test_each_rule_means_somebody_and_not_their_neighbour(code: str) -> None:
    day = IN_2013 if code.startswith("VNT") else DAY
    condition = parse(version_on(code, day).condition, WORDS)
    gets, gets_not = WHO[code]
    assert day in evaluate(condition, gets, WORDS).true
    assert day not in evaluate(condition, gets_not, WORDS).true


@pytest.mark.parametrize("draft", DRAFTS, ids=lambda draft: f"{draft.code} {draft.valid_from}")
def test_each_version_reads_as_a_sentence_in_both_languages(draft: RuleDraft) -> None:
    phrase = said(parse(draft.condition, WORDS))
    assert phrase.lv != phrase.en
    assert "_" not in (phrase.en + phrase.lv).replace("pension_age", "")


def test_versions_of_a_rule_follow_each_other_without_a_gap() -> None:
    for code in {draft.code for draft in DRAFTS}:
        versions = [draft for draft in DRAFTS if draft.code == code]
        assert [draft.valid_to for draft in versions[:-1]] == [draft.valid_from for draft in versions[1:]]


def test_a_rule_begins_and_ends_with_the_terms_of_its_concession() -> None:
    for draft in DRAFTS:
        [one] = [
            one for given in CLASSIFIERS.values() for one in given.editions if one.draft.code == draft.concession_code
        ]
        first, last = one.draft.terms.valid_from, (one.draft.terms, *one.later)[-1].valid_to
        assert draft.valid_from >= first, draft.code
        assert last is None or draft.code == "JLG-NEEDY20" or (draft.valid_to or last) <= last, draft.code


def test_every_case_belongs_to_a_version() -> None:
    assert CASES.keys() <= {(draft.code, draft.valid_from) for draft in DRAFTS}


@pytest.mark.parametrize(
    ("born", "age"),
    [
        ("1951-12-31", "62"),
        ("1952-01-01", "62.25"),
        ("1954-12-31", "63"),
        ("1955-01-01", "63.25"),
        ("1960-03-31", "64.75"),
        ("1960-04-01", "65"),
        ("2000-01-01", "65"),
    ],
)
def test_the_pension_age_is_that_of_the_birth_date(born: str, age: str) -> None:
    assert WORDS.cohorts["pension_age"].at(date.fromisoformat(born)) == Decimal(age)


def test_the_pension_age_is_known_for_everybody_and_an_unknown_threshold_is_not_made_up() -> None:
    assert WORDS.cohorts["pension_age"].known == ALWAYS
    assert WORDS.parameters["needy_threshold"].at(date(2022, 6, 1)) == 272
    assert WORDS.parameters["low_income_threshold"].at(date(2024, 6, 1)) is None


def test_lessons_begin_on_a_monday_where_september_begins_on_a_weekend() -> None:
    [first] = [one.days for one in CALENDARS if one.code == "first_school_day"]
    assert date(2024, 9, 2) in first
    assert date(2024, 9, 1) not in first
    assert date(2026, 9, 1) in first

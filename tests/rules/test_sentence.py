"""Plain sentences in both languages."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.condition import (
    Age,
    All,
    Cohort,
    Condition,
    Count,
    During,
    Except,
    ExtendTo,
    Grace,
    Has,
    Held,
    Member,
    Not,
    Num,
    Param,
    Related,
)
from rules.period import Period
from rules.sentence import sentence
from rules.shift import Boundary
from tests.rules.draws import conditions

LV = {
    "needy": "ir trūcīgas mājsaimniecības persona",
    "disability": "invaliditāte",
    "disability:I": "I grupa",
    "disability:II": "II grupa",
    "repressed": "politiski represētās personas",
    "child": "bērni",
    "income": "ienākumi uz personu",
    "threshold": "trūcīguma slieksnis",
    "pension": "pensijas vecums",
    "school": "mācību gads",
}
EN = {
    "needy": "is a person of a needy household",
    "disability": "disability",
    "disability:I": "group I",
    "disability:II": "group II",
    "repressed": "politically repressed persons",
    "child": "children",
    "income": "income per person",
    "threshold": "needy threshold",
    "pension": "pension age",
    "school": "school year",
}
SPRING = During(Period(date(2026, 3, 1), date(2026, 6, 1)))


@pytest.mark.parametrize(
    ("node", "lv", "en"),
    [
        (Has("needy"), "ir trūcīgas mājsaimniecības persona", "is a person of a needy household"),
        (Has("disability", frozenset({"II", "I"})), "invaliditāte: I grupa vai II grupa",
         "disability: group I or group II"),
        (Age("ge", 65), "vecums ir vismaz 65 gadi", "is 65 or older"),
        (Age("ge", 21), "vecums ir vismaz 21 gads", "is 21 or older"),
        (Age("lt", 18), "ir jaunāks par 18 gadiem", "is younger than 18"),
        (Age("lt", 21), "ir jaunāks par 21 gadu", "is younger than 21"),
        (Age("lt", 11), "ir jaunāks par 11 gadiem", "is younger than 11"),
        (Member("repressed"), "ietilpst grupā „politiski represētās personas”",
         "belongs to the group “politically repressed persons”"),
        (Num("income", "le", Decimal("343.50")), "ienākumi uz personu: ne vairāk kā 343,50",
         "income per person: at most 343.50"),
        (Num("income", "gt", Param("threshold")), "ienākumi uz personu: vairāk nekā lielums „trūcīguma slieksnis”",
         "income per person: more than the amount set by “needy threshold”"),
        (Age("ge", Param("threshold")), "vecums sasniedz lielumu „trūcīguma slieksnis”",
         "has reached the age set by “needy threshold”"),
        (Age("lt", Cohort("pension")), "vecums nesasniedz tabulā „pensijas vecums” dzimšanas datumam noteikto",
         "is younger than the age that the table “pension age” sets for the birth date"),
        (Related("child"), "bērni: ir vismaz viena persona", "children: there is one"),
        (Related("child", Has("needy")), "bērni: ir persona, kam izpildās: ir trūcīgas mājsaimniecības persona",
         "children: there is one for whom this holds: is a person of a needy household"),
        (Count("child", "ge", 21), "bērni: vismaz 21 persona", "children: at least 21 persons"),
        (Count("child", "eq", 1), "bērni: tieši 1 persona", "children: exactly 1 person"),
        (Count("child", "ge", 3, Age("lt", 18)),
         "bērni: vismaz 3 personas, kam izpildās: ir jaunāks par 18 gadiem",
         "children: at least 3 persons for whom this holds: is younger than 18"),
        (SPRING, "no 01.03.2026. līdz 31.05.2026.", "from 1 March 2026 to 31 May 2026"),
        (During(Period(None, date(2026, 6, 1))), "līdz 31.05.2026.", "until 31 May 2026"),
        (During(Period(date(2026, 3, 1), None)), "no 01.03.2026.", "from 1 March 2026 on"),
        (During(Period(None, None)), "jebkurā laikā", "at any time"),
        (During("school"), "kalendāra „mācību gads” dienās", "on the days of the calendar “school year”"),
        (Not(Age("ge", 65)), "neizpildās: vecums ir vismaz 65 gadi", "this does not hold: is 65 or older"),
        (All((Age("ge", 65),)), "vecums ir vismaz 65 gadi", "is 65 or older"),
        (All((Age("ge", 65), Not(Has("needy")))),
         "izpildās visi nosacījumi: vecums ir vismaz 65 gadi; (neizpildās: ir trūcīgas mājsaimniecības persona)",
         "all of these: is 65 or older; (this does not hold: is a person of a needy household)"),
        (Held(Age("ge", 65), 1), "bez pārtraukuma vismaz 1 mēnesi: vecums ir vismaz 65 gadi",
         "for at least 1 month without a break: is 65 or older"),
        (Grace(Age("lt", 18), 3), "ir jaunāks par 18 gadiem, un vēl 3 mēnešus pēc tam",
         "is younger than 18, and for 3 months after it ends"),
        (ExtendTo(Age("lt", 18), Boundary.SCHOOL_YEAR_END), "ir jaunāks par 18 gadiem, un līdz tā mācību gada beigām",
         "is younger than 18, and until the end of that school year"),
        (Except(Age("lt", 18), SPRING), "ir jaunāks par 18 gadiem, izņemot, ja: no 01.03.2026. līdz 31.05.2026.",
         "is younger than 18, except when: from 1 March 2026 to 31 May 2026"),
    ],
)  # fmt: skip
def test_a_condition_reads_as_a_sentence(node: Condition, lv: str, en: str) -> None:
    assert sentence(node, "lv", LV) == lv
    assert sentence(node, "en", EN) == en


@given(conditions, st.sampled_from(["lv", "en"]))
def test_every_condition_has_a_sentence_without_gaps(condition: Condition, lang: str) -> None:
    text = sentence(condition, lang, {})
    assert text
    assert "{" not in text
    assert "None" not in text


def test_a_code_without_a_name_is_shown_as_it_is() -> None:
    assert sentence(Has("rich"), "lv", {}) == "rich"

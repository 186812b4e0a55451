"""Cases that are kept with the versions of rules: persons made up, and the days that the law gives them.

A version is refused where one of them fails, so a slip in a condition never reaches the register.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from amis.granting.service import RuleDraft

Case = dict[str, Any]
_MK414_DAY, _MK182_DAY = date(2021, 6, 22), date(2024, 3, 23)
_RIGA_DAY, _AMENDMENT, _UKRAINE_DAY = date(2020, 1, 1), date(2025, 12, 18), date(2022, 3, 5)
_DAUGAVPILS_DAY = date(2022, 1, 1)


def _fact(kind: str, value: str, first: str, end: str | None = None) -> dict[str, Any]:
    return {"kind": kind, "value": value, "from": first, "to": end}


def _case(name: str, born: str, expected: str, *facts: dict[str, Any], children: Sequence[str] = ()) -> Case:
    relations = [{"kind": "child", "from": born, "person": {"born": born}} for born in children]
    return {"name": name, "person": {"born": born, "facts": list(facts), "relations": relations}, "expected": expected}


_CHILD_TURNS_18 = _case(
    "bērnam ar invaliditāti paliek 18",
    "2008-05-17",
    "{[2021-06-22,2026-05-17)}",
    _fact("disability", "child", "2015-01-01"),
)
_GROUP_AT_18 = _case(
    "no 18. dzimšanas dienas ir II grupa", "2008-05-17", "{[2026-05-17,)}", _fact("disability", "II", "2026-05-17")
)
_STUDENT_TURNS_24 = _case(
    "bārenis students sasniedz 24 gadus",
    "2002-05-17",
    "{[2024-03-23,2026-05-17)}",
    _fact("orphan", "yes", "2010-01-01"),
    _fact("studying", "yes", "2020-09-01"),
)
_STARTS_SCHOOL = _case(
    "1. klase gadā, kad paliek septiņi",
    "2019-02-10",
    "{[2021-06-22,2026-09-01)}",
    _fact("grade", "1", "2026-09-01"),
)
_STARTS_LATE = _case("skolas gaitas atliktas par gadu", "2019-02-10", "{[2021-06-22,2027-09-01)}")
_GROUP_TWO = _case("II grupai pavadoņa nav", "1980-05-17", "{}", _fact("disability", "II", "2020-01-01"))
_FROM_OUTSIDE = _fact("resistance", "yes", "2000-01-01"), _fact("residence", "other", "2000-01-01")
_UKRAINIAN = _fact("ukrainian", "yes", "2022-04-01"), _fact("residence", "RIX", "2022-04-01")
_SEVEN = tuple(f"20{year}-03-01" for year in range(10, 17))
_FIVE = _SEVEN[:5]
_ASKED = _fact("application", "RIX-PARENT3", "2024-02-01")
_IN_DAUGAVPILS = _fact("residence", "DGP", "2020-01-01")

CASES: Mapping[tuple[str, date], tuple[Case, ...]] = {
    ("LV-DIS-CHILD", _MK414_DAY): (_CHILD_TURNS_18,),
    ("LV-DIS-1-2", _MK414_DAY): (_GROUP_AT_18,),
    ("LV-COMPANION", _MK414_DAY): (_GROUP_TWO,),
    ("LV-ORPHAN", _MK182_DAY): (_STUDENT_TURNS_24,),
    ("LV-PRESCHOOL", _MK414_DAY): (_STARTS_SCHOOL, _STARTS_LATE),
    ("RIX-RESIST", _RIGA_DAY): (_case("deklarēts ārpus Rīgas", "1930-05-17", "{}", *_FROM_OUTSIDE),),
    ("RIX-RESIST", _AMENDMENT): (_case("deklarēts ārpus Rīgas", "1930-05-17", "{[2025-12-18,)}", *_FROM_OUTSIDE),),
    ("RIX-UA", _UKRAINE_DAY): (_case("līdz gada beigām", "1990-05-17", "{[2022-04-01,2026-01-01)}", *_UKRAINIAN),),
    ("RIX-UA", date(2026, 1, 1)): (_case("pagarināts", "1990-05-17", "{[2026-01-01,2026-07-01)}", *_UKRAINIAN),),
    ("RIX-PARENT6", _RIGA_DAY): (
        _case(
            "septiņi bērni, līdz seši vairs nav nepilngadīgi",
            "1985-05-17",
            "{[2020-01-01,2029-03-01)}",
            _fact("family_register", "yes", "2016-01-01"),
            children=_SEVEN,
        ),
    ),
    ("RIX-PARENT3", _RIGA_DAY): (
        _case("pieci bērni, no pieteikuma", "1985-05-17", "{[2024-02-01,2030-03-01)}", _ASKED, children=_FIVE),
        _case("bez pieteikuma", "1985-05-17", "{}", children=_FIVE),
    ),
    ("DGP-PENSION", _DAUGAVPILS_DAY): (
        _case("dzimis 1959. gada augustā: 64 gadi un 9 mēneši", "1959-08-01", "{[2024-05-01,)}", _IN_DAUGAVPILS),
        _case("dzimis 1960. gada aprīlī: 65 gadi", "1960-04-01", "{[2025-04-01,)}", _IN_DAUGAVPILS),
    ),
}


def with_cases(draft: RuleDraft) -> RuleDraft:
    """The draft with the cases of its version."""
    return replace(draft, cases=CASES.get((draft.code, draft.valid_from), ()))

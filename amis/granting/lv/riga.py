"""Who gets what Riga gives. A rule that changed by date stands here once for each version, the older one first.

Source: binding regulations No. 89 of Riga on fare concessions, as listed in June 2020 and amended on 18 December 2025.
"""

from dataclasses import replace
from datetime import date

from amis.granting.lv.parts import (
    NEEDY,
    NOT_WORKING,
    STUDYING,
    declared_in,
    every,
    from_age,
    grades,
    has,
    minor_children,
    some,
    until_age,
)
from amis.granting.lv.policy import on_application
from amis.granting.service import RuleDraft

_RULES89 = "Rīgas domes saistošie noteikumi Nr. 89 par braukšanas maksas atvieglojumiem"
_AMENDED = f"{_RULES89}, grozīti 2025. gada 18. decembrī"
_MEALS = "Rīgas domes saistošie noteikumi par skolēnu ēdināšanu"
_DAY = date(2020, 1, 1)
_AMENDMENT = date(2025, 12, 18)
_MEALS_DAY = date(2024, 9, 1)
_HERE = declared_in("RIX")
_PENSIONER = every(has("pension", "old_age", "service"), NOT_WORKING, until_age(75), _HERE)
_PUPIL = some(has("grade"), has("pupil"), every(STUDYING, until_age(19)))
_SOCIAL_STATUS = some(NEEDY, has("large_family"), has("orphan"), has("disability", "child"))
_UKRAINIAN = every(has("ukrainian"), _HERE)

_WELFARE = RuleDraft("RIX-WELFARE50", "RIX-WELFARE50", has("social_worker"), _RULES89, _DAY, _AMENDMENT)
_RESIST = RuleDraft("RIX-RESIST", "RIX-RESIST", every(has("resistance"), _HERE), _RULES89, _DAY, _AMENDMENT)
_UA = RuleDraft("RIX-UA", "RIX-UA", _UKRAINIAN, _RULES89, date(2022, 3, 5), date(2026, 1, 1))

RULES = (
    RuleDraft("RIX-75PLUS", "RIX-75PLUS", every(from_age(75), _HERE), _RULES89, _DAY),
    RuleDraft("RIX-PENS", "RIX-PENS", _PENSIONER, _RULES89, _DAY),
    RuleDraft("RIX-PUPIL", "RIX-PUPIL", _PUPIL, _RULES89, _DAY),
    RuleDraft("RIX-STUDENT", "RIX-STUDENT", has("student"), _RULES89, _DAY),
    RuleDraft("RIX-DIS3", "RIX-DIS3", every(has("disability", "III"), _HERE), _RULES89, _DAY),
    RuleDraft("RIX-PARENT6", "RIX-PARENT6", every(minor_children(("ge", 6)), has("family_register")), _RULES89, _DAY),
    on_application(RuleDraft("RIX-PARENT3", "RIX-PARENT3", minor_children(("ge", 3), ("le", 5)), _RULES89, _DAY)),
    RuleDraft("RIX-CHAES", "RIX-CHAES", every(has("chaes"), _HERE), _RULES89, _DAY),
    _RESIST,
    replace(_RESIST, condition=has("resistance"), legal_clause=_AMENDED, valid_from=_AMENDMENT, valid_to=None),
    _WELFARE,
    replace(
        _WELFARE,
        condition=some(has("social_worker"), has("technical_staff")),
        legal_clause=_AMENDED,
        valid_from=_AMENDMENT,
        valid_to=None,
    ),
    _UA,
    replace(_UA, legal_clause=_AMENDED, valid_from=date(2026, 1, 1), valid_to=date(2026, 7, 1)),
    RuleDraft("RIX-MEAL-1-4", "RIX-MEAL-1-4", grades(1, 4), _MEALS, _MEALS_DAY),
    RuleDraft("RIX-MEAL-SOC", "RIX-MEAL-SOC", every(grades(5, 12), _SOCIAL_STATUS), _MEALS, _MEALS_DAY),
)

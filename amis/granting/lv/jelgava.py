"""Who gets what Jelgava gives.

Source: the binding regulations of Jelgava on fare concessions. Working age ends at the pension age of section 11 of
the law "On State Pensions": 65 years since 1 January 2025.
"""

from datetime import date

from amis.granting.lv.parts import NEEDY, ORPHAN_STUDYING, declared_in, every, from_age, has, some, until_age
from amis.granting.service import RuleDraft

_JLG = "Jelgavas valstspilsētas pašvaldības saistošie noteikumi par braukšanas maksas atvieglojumiem"
_JLG_DAY = date(2021, 1, 1)
_FARE_OF_2017 = date(2017, 10, 1)
_PENSION_AGE = 65
_HERE = declared_in("JLG")
_NEEDY20 = every(NEEDY, from_age(18), until_age(_PENSION_AGE), {"during": [None, "2027-01-01"]})
_PUPIL = some(has("pupil"), has("grade"))

RULES = (
    RuleDraft("JLG-NEEDY20", "JLG-NEEDY20", _NEEDY20, _JLG, _JLG_DAY),
    RuleDraft("JLG-ORPHAN5", "JLG-ORPHAN5", ORPHAN_STUDYING, _JLG, _JLG_DAY),
    RuleDraft("JLG-PENS", "JLG-PENS", every(has("pension", "old_age", "service"), _HERE), _JLG, _FARE_OF_2017),
    RuleDraft("JLG-PUPIL4", "JLG-PUPIL4", every(_PUPIL, _HERE), _JLG, _JLG_DAY),
    RuleDraft("JLG-REPR20", "JLG-REPR20", has("repressed"), _JLG, _JLG_DAY),
)

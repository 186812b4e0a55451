"""Who got what Ventspils gave while the lats was money."""

from datetime import date

from amis.granting.lv.parts import every, from_age, has, until_age
from amis.granting.service import RuleDraft

_RULES = "Ventspils pilsētas domes saistošie noteikumi par braukšanas maksas atvieglojumiem, latu redakcija"
_DAYS = date(2009, 1, 1), date(2014, 1, 1)

RULES = (
    RuleDraft("VNT-CHILD47", "VNT-CHILD47", every(from_age(4), until_age(7)), _RULES, *_DAYS),
    RuleDraft("VNT-ORPHAN90", "VNT-ORPHAN90", has("orphan"), _RULES, *_DAYS),
)

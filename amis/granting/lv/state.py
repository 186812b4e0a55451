"""Who gets what the state gives.

Source: Cabinet of Ministers regulation No. 414 (22 June 2021) as amended by No. 182 (19 March 2024).
"""

from datetime import date

from amis.granting.lv.parts import CHILD, ORPHAN_IN_CARE, every, grades, has, some, until_age
from amis.granting.service import RuleDraft

_MK414 = "Ministru kabineta 2021. gada 22. jūnija noteikumi Nr. 414"
_MK182 = f"{_MK414}, grozīti ar 2024. gada 19. marta noteikumiem Nr. 182"
_MK414_DAY = date(2021, 6, 22)
_MK182_DAY = date(2024, 3, 23)

# a child starts school in the year of the seventh birthday, at the latest a year later (General Education Law, 32)
_PRESCHOOL = {
    "except": {
        "of": {"extend_to": {"of": until_age(8), "boundary": "school_year_end"}},
        "unless": some(has("school_start"), has("grade"), has("pupil")),
    }
}
_DISABLED_CHILD = every(has("disability", "child"), CHILD)
_AT_SCHOOL = some(has("studying", "yes"), has("pupil"), has("grade"), has("student"))
_REPRESSED = some(has("repressed"), has("resistance"))

RULES = (
    RuleDraft("LV-PRESCHOOL", "LV-PRESCHOOL", _PRESCHOOL, _MK414, _MK414_DAY),
    RuleDraft("LV-DIS-1-2", "LV-DIS-1-2", has("disability", "I", "II"), _MK414, _MK414_DAY),
    RuleDraft("LV-DIS-CHILD", "LV-DIS-CHILD", _DISABLED_CHILD, _MK414, _MK414_DAY),
    RuleDraft("LV-COMPANION", "LV-COMPANION", some(has("disability", "I"), _DISABLED_CHILD), _MK414, _MK414_DAY),
    RuleDraft("LV-ORPHAN", "LV-ORPHAN", ORPHAN_IN_CARE, _MK182, _MK182_DAY),
    RuleDraft("LV-REPRESSED", "LV-REPRESSED", _REPRESSED, _MK414, _MK414_DAY),
    RuleDraft("LV-GODA-50", "LV-GODA-50", has("goda"), _MK414, _MK414_DAY),
    RuleDraft("LV-GODA-40", "LV-GODA-40", has("goda"), _MK414, _MK414_DAY),
    RuleDraft("LV-GODA-STUD", "LV-GODA-STUD", every(has("goda"), _AT_SCHOOL), _MK414, _MK414_DAY),
    RuleDraft("LV-GODA-DAYS", "LV-GODA-DAYS", has("goda"), _MK414, _MK414_DAY),
    RuleDraft("LV-RURAL-1-9", "LV-RURAL-1-9", every(grades(1, 9), has("rural")), _MK414, _MK414_DAY),
    RuleDraft("LV-RURAL-10-12", "LV-RURAL-10-12", every(grades(10, 12), has("rural")), _MK414, _MK414_DAY),
)

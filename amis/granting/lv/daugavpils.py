"""Who gets what Daugavpils gives; every holder is declared there.

Source: binding regulations No. 7 of Daugavpils on fare concessions.
"""

from datetime import date

from amis.granting.lv.parts import NOT_WORKING, REACHED_PENSION_AGE, Part, declared_in, every, has, some
from amis.granting.lv.policy import on_application
from amis.granting.service import RuleDraft

_RULES7 = "Daugavpils valstspilsētas pašvaldības saistošie noteikumi Nr. 7 par braukšanas maksas atvieglojumiem"
_DAY = date(2022, 1, 1)


def _declared(code: str, *parts: Part) -> RuleDraft:
    return RuleDraft(code, code, every(*parts, declared_in("DGP")), _RULES7, _DAY)


_VETERAN_OR_PARENT = some(every(has("afghan"), NOT_WORKING), has("parent_of_fallen"))
RULES = (
    _declared("DGP-PENSION", REACHED_PENSION_AGE),
    _declared("DGP-EARLY", has("early_pension"), NOT_WORKING),
    # who of the family gets it, and which mode a holder takes, is theirs to say: they apply
    on_application(_declared("DGP-LARGE2", has("large_family"))),
    _declared("DGP-DIS3", has("disability", "III")),
    on_application(_declared("DGP-CHAES", has("chaes"), NOT_WORKING)),
    on_application(_declared("DGP-AFGHAN", _VETERAN_OR_PARENT)),
    on_application(_declared("DGP-CARE", has("in_social_centre"))),
    _declared("DGP-REPRESSED", has("repressed")),
    _declared("DGP-BARRICADE", has("barricades")),
)

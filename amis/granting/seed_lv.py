"""The grant rules of seven concessions of Latvia, as data.

Sources: Cabinet of Ministers regulation No. 414 (22 June 2021) as amended by No. 182 (19 March 2024) for the state's;
the binding regulations of Jelgava on fare concessions for the city's. Working age ends at the pension age of section
11 of the law "On State Pensions": 65 years since 1 January 2025.
"""

from collections.abc import Mapping
from datetime import date

from amis.concessions.seed_lv import JELGAVA
from amis.granting.service import RuleDraft, publish_rule
from amis.granting.store import rule_by_code
from amis.kernel.db import Transaction
from amis.kernel.models import STATE
from amis.register.seed_lv import seed_fact_kinds
from amis.register.service import define_fact_kind
from rules.vocabulary import FactKind

_MK414 = "Ministru kabineta 2021. gada 22. jūnija noteikumi Nr. 414"
_MK182 = f"{_MK414}, grozīti ar 2024. gada 19. marta noteikumiem Nr. 182"
_JLG = "Jelgavas valstspilsētas pašvaldības saistošie noteikumi par braukšanas maksas atvieglojumiem"
_MK414_DAY = date(2021, 6, 22)
_MK182_DAY = date(2024, 3, 23)
_JLG_DAY = date(2021, 1, 1)
_PENSION_AGE = 65

RESISTANCE = FactKind("resistance", frozenset({"yes"}))
_NEEDY20 = {
    "all": [
        {"any": [{"has": {"fact": "needy"}}, {"has": {"fact": "low_income"}}]},
        {"age": {"op": "ge", "years": 18}},
        {"age": {"op": "lt", "years": _PENSION_AGE}},
        {"during": [None, "2027-01-01"]},
    ]
}
_STUDYING = {"has": {"fact": "studying", "in": ["yes"]}}
_YOUNG = {"age": {"op": "lt", "years": 24}}
_CHILD = {"age": {"op": "lt", "years": 18}}
_ORPHAN5 = {"all": [{"has": {"fact": "orphan"}}, {"any": [_CHILD, {"all": [_STUDYING, _YOUNG]}]}]}
# a child without parental care is in out-of-family care by law; from 18 on the care or the studies have to be stated
_ORPHAN = {
    "all": [
        {"has": {"fact": "orphan"}},
        _YOUNG,
        {"any": [_CHILD, {"has": {"fact": "in_care", "in": ["yes"]}}, _STUDYING]},
    ]
}
_DIS_1_2 = {"has": {"fact": "disability", "in": ["I", "II"]}}
_DIS_CHILD = {"all": [{"has": {"fact": "disability", "in": ["child"]}}, _CHILD]}
_REPRESSED = {"any": [{"has": {"fact": "repressed"}}, {"has": {"fact": "resistance"}}]}

RULES: Mapping[int, tuple[RuleDraft, ...]] = {
    STATE: (
        RuleDraft("LV-DIS-1-2", "LV-DIS-1-2", _DIS_1_2, _MK414, _MK414_DAY),
        RuleDraft("LV-DIS-CHILD", "LV-DIS-CHILD", _DIS_CHILD, _MK414, _MK414_DAY),
        RuleDraft("LV-ORPHAN", "LV-ORPHAN", _ORPHAN, _MK182, _MK182_DAY),
        RuleDraft("LV-REPRESSED", "LV-REPRESSED", _REPRESSED, _MK414, _MK414_DAY),
    ),
    JELGAVA: (
        RuleDraft("JLG-NEEDY20", "JLG-NEEDY20", _NEEDY20, _JLG, _JLG_DAY),
        RuleDraft("JLG-ORPHAN5", "JLG-ORPHAN5", _ORPHAN5, _JLG, _JLG_DAY),
        RuleDraft("JLG-REPR20", "JLG-REPR20", {"has": {"fact": "repressed"}}, _JLG, _JLG_DAY),
    ),
}


async def seed(tx: Transaction) -> int:
    """Publishes the rules of the acting municipality where they are not published yet; how many were new.

    For the state the fact kinds are defined first, so the state comes before the municipalities. The concessions
    must be there. A rule that has been changed since is left as it is.
    """
    if tx.municipality_id == STATE:
        await seed_fact_kinds(tx)
        await define_fact_kind(tx, RESISTANCE)
    drafts = [draft for draft in RULES.get(tx.municipality_id, ()) if await _missing(tx, draft)]
    for draft in drafts:
        await publish_rule(tx, draft)
    return len(drafts)


async def _missing(tx: Transaction, draft: RuleDraft) -> bool:
    return await rule_by_code(tx, draft.code) is None

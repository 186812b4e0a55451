"""Loads the grant rules of Latvia (`amis.granting.lv`) with the words, figures and calendars that they name."""

from collections.abc import Collection, Mapping

from sqlalchemy import select

from amis.concessions.seed_lv import DAUGAVPILS, JELGAVA, RIGA, VENTSPILS
from amis.granting.lv import daugavpils, jelgava, riga, state, ventspils
from amis.granting.lv.cases import with_cases
from amis.granting.lv.law import CALENDARS, COHORTS, PARAMETERS
from amis.granting.lv.orders import ORDERS
from amis.granting.models import SuspensionOrder
from amis.granting.service import RuleDraft, publish_rule
from amis.granting.store import rule_by_code
from amis.granting.suspension import draft_order, publish_order
from amis.kernel.db import Transaction
from amis.kernel.models import STATE
from amis.register.seed_lv import seed_fact_kinds
from amis.register.service import define_calendar, define_fact_kind, define_figures
from rules.vocabulary import FactKind

RESISTANCE = FactKind("resistance", frozenset({"yes"}))
RULES: Mapping[int, tuple[RuleDraft, ...]] = {
    STATE: state.RULES,
    JELGAVA: jelgava.RULES,
    RIGA: riga.RULES,
    DAUGAVPILS: daugavpils.RULES,
    VENTSPILS: ventspils.RULES,
}


async def seed(tx: Transaction, only: Collection[str] | None = None) -> int:
    """Publishes the rules of the acting municipality where they are not published yet; how many were new.

    For the state the words, figures and calendars are defined first, so the state comes before the municipalities. The
    concessions must be there; `only` names the codes that are wanted, None = all. A rule that has been changed since is
    left as it is.
    """
    if tx.municipality_id == STATE:
        await _seed_law(tx)
    given = [draft for draft in RULES.get(tx.municipality_id, ()) if only is None or draft.code in only]
    missing = [code for code in dict.fromkeys(draft.code for draft in given) if await rule_by_code(tx, code) is None]
    for draft in given:
        if draft.code in missing:
            await publish_rule(tx, with_cases(draft))
    return len(missing)


async def seed_orders(tx: Transaction) -> int:
    """Publishes the acting municipality's suspension order where it is not kept yet; how many were new."""
    draft = ORDERS.get(tx.municipality_id)
    if draft is None or await _kept(tx, draft.code):
        return 0
    await publish_order(tx, await draft_order(tx, draft))
    return 1


async def _kept(tx: Transaction, code: str) -> bool:
    own = SuspensionOrder.municipality_id == tx.municipality_id
    return await tx.session.scalar(select(SuspensionOrder.id).where(own, SuspensionOrder.code == code)) is not None


async def _seed_law(tx: Transaction) -> None:
    await seed_fact_kinds(tx)
    await define_fact_kind(
        tx, RESISTANCE, "nacionālās pretošanās kustības dalībnieka statuss", "participant of the national resistance"
    )
    for code, ages in COHORTS.items():
        await define_figures(tx, "cohort", code, ages)
    for code, steps in PARAMETERS.items():
        await define_figures(tx, "parameter", code, steps)
    for calendar in CALENDARS:
        await define_calendar(tx, calendar)

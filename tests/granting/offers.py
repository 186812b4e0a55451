"""Concessions that are granted to those who apply, for the tests of applications."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from amis.concessions import service as concessions
from amis.concessions.drafts import UNLIMITED, ConcessionDraft, Description, GroupDraft, TermsDraft
from amis.granting import service
from amis.granting.service import RuleDraft
from amis.kernel.db import transaction
from rules.tariff import Discount, DiscountKind
from rules.terms import Terms
from tests.granting.town import JELGAVA_ACTOR

GROUP = GroupDraft("T-GROUP", "Uz pieteikuma", "On application")
CLAUSE = "Saistošie noteikumi, 5. punkts"


async def offer(code: str = "T-FAMILY", terms: Terms = UNLIMITED, on_becoming: str = "on_application") -> UUID:
    """A free concession for large families of the town, with its rule; its id."""
    about = Description("Daudzbērnu ģimene", "Large family", GROUP.code, "Saistošie noteikumi", "JLG")
    first = TermsDraft(date(2020, 1, 1), None, Discount(DiscountKind.FREE), terms=terms)
    rule = RuleDraft(code, code, {"has": {"fact": "large_family"}}, CLAUSE, date(2020, 1, 1))
    async with transaction(JELGAVA_ACTOR) as tx:
        await concessions.define_group(tx, GROUP)
        concession = await concessions.define_concession(tx, ConcessionDraft(code, about, first))
        await service.publish_rule(tx, replace(rule, on_becoming=on_becoming))
        return concession.id

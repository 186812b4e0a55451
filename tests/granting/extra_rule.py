"""Another condition for one of the town's concessions."""

from datetime import date

from amis.granting import service
from amis.granting.service import RuleDraft
from amis.kernel.db import transaction
from tests.granting.town import JELGAVA_ACTOR

RULE = "JLG-REPR20"


async def publish(condition: dict[str, object]) -> None:
    """Puts a newer version of the rule in force, for all days on which somebody may have the concession."""
    async with transaction(JELGAVA_ACTOR) as tx:
        await service.publish_rule(tx, RuleDraft(RULE, RULE, condition, "§ 1", date(2000, 1, 1)))

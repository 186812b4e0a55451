"""Two persons who turn out to be one: the applications of both are one person's, and rights are granted anew."""

from collections.abc import Collection
from uuid import UUID

from amis.granting import rulebook
from amis.granting.models import Application
from amis.granting.regranting import Cause, bring_in_line, regrant
from amis.kernel.db import Transaction
from amis.register import store as register
from amis.register.carrying import Carriage, carry


async def carry_applications(tx: Transaction, carriage: Carriage) -> dict[str, list[str]]:
    """Makes applications the other person's, whoever they are for and whoever made them; the ids of the rows."""
    columns = {"application": Application.person_id, "applicant": Application.applicant_id}
    return {name: await carry(tx, carriage, name, column) for name, column in columns.items()}


async def regrant_each(tx: Transaction, persons: Collection[UUID], cause: Cause) -> None:
    """Grants anew to each of these locked persons; whoever turned out to be somebody else has no right any more."""
    await rulebook.hold_rules(tx)
    for person_id in sorted(persons):
        if (await register.get_person(tx, person_id)).merged_into is None:
            await regrant(tx, person_id, cause)
        else:
            await bring_in_line(tx, person_id, await rulebook.rules(tx, await rulebook.vocabulary(tx)), cause)

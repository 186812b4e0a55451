"""How many persons of one household may have a concession: counted behind a lock on the household."""

from datetime import date
from uuid import UUID

from sqlalchemy import text

from amis.granting.errors import HouseholdLimit
from amis.kernel.db import Transaction

# Ordered inside, so that two approvals lock the households of two persons in the same order.
_LOCK = """
SELECT pg_advisory_xact_lock(hashtextextended('household ' || shared.id, 0)) FROM (
    SELECT DISTINCT household_id AS id FROM household_member
    WHERE municipality_id = :own AND person_id = :person AND recorded_to IS NULL
        AND (valid_to IS NULL OR valid_to > :first)
    ORDER BY household_id
) AS shared
"""
# An approved application counts even where its right has no day yet: it would get some as soon as a fact arrives.
_HOLDERS = """
SELECT DISTINCT seen.other_id FROM relation_seen AS seen
WHERE seen.municipality_id = :own AND seen.person_id = :person AND seen.kind = 'household'
    AND seen.valid && daterange(:first, NULL)
    AND (EXISTS (
            SELECT FROM entitlement AS held
            WHERE held.municipality_id = :own AND held.person_id = seen.other_id
                AND held.concession_id = :concession AND (held.until_day IS NULL OR held.until_day > :first))
        OR EXISTS (
            SELECT FROM application AS asked
            WHERE asked.municipality_id = :own AND asked.person_id = seen.other_id
                AND asked.concession_id = :concession AND asked.state = 'approved'))
"""


async def holders_in_household(tx: Transaction, person_id: UUID, concession_id: UUID, first: date) -> int:
    """How many others of the person's household have the concession from `first` on, or an approved application."""
    values = {"own": tx.municipality_id, "person": person_id, "concession": concession_id, "first": first}
    return len((await tx.session.execute(text(_HOLDERS), values)).all())


async def limit_household(tx: Transaction, person_id: UUID, concession_id: UUID, first: date, most: int) -> None:
    """Lets the person be one of at most `most` of the household; another approval for it waits until this one is done.

    Raises:
        HouseholdLimit
    """
    values = {"own": tx.municipality_id, "person": person_id, "first": first}
    await tx.session.execute(text(_LOCK), values)
    if await holders_in_household(tx, person_id, concession_id, first) >= most:
        raise HouseholdLimit

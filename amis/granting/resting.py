"""Whom an order would concern, reckoned for a whole register before it is published."""

from uuid import UUID

from amis.granting.suspending import Order, stopping_by
from amis.kernel.db import Transaction
from amis.register import store as register
from rules.compile import Tables, both

_TABLES = Tables("rested_person", "rested_fact", "rested_membership", "rested_relation")
# The exceptions of an order look at the person only, so no relation is read.
_CONCERNED = """
WITH rested_person AS NOT MATERIALIZED (
    SELECT id, born, died FROM person WHERE municipality_id = %(own)s AND merged_into IS NULL
), rested_fact AS NOT MATERIALIZED (
    SELECT person_id, kind, value, num, daterange(valid_from, valid_to) AS valid
    FROM fact WHERE municipality_id = %(own)s AND recorded_to IS NULL AND NOT shadowed
), rested_membership AS NOT MATERIALIZED (
    SELECT membership.person_id, person_group.code AS grp,
        daterange(membership.valid_from, membership.valid_to) AS valid
    FROM membership JOIN person_group ON person_group.id = membership.group_id
    WHERE membership.municipality_id = %(own)s AND membership.recorded_to IS NULL
), answer AS ({answer})
SELECT count(DISTINCT mine.person_id) FROM entitlement AS mine JOIN answer ON answer.id = mine.person_id
WHERE mine.municipality_id = %(own)s AND mine.concession_id = ANY(%(concessions)s)
    AND NOT isempty(('{{(,)}}'::datemultirange - answer.fails) * mine.periods)
"""


async def concerned(tx: Transaction, order: Order, concession_ids: list[UUID]) -> int:
    """How many persons have one of these concessions on a day on which the order, published or not, stops it."""
    answer = both(stopping_by([order]), await register.vocabulary(tx), _TABLES)
    values = answer.values | {"own": tx.municipality_id, "concessions": concession_ids}
    connection = await tx.session.connection()
    return int((await connection.exec_driver_sql(_CONCERNED.format(answer=answer.text), values)).scalar_one())

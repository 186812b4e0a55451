"""Last days that come near, and last days that have passed: noted once each."""

from datetime import date, timedelta

from sqlalchemy import text

from amis.kernel.db import Transaction
from amis.notifying.kinds import Kind
from amis.notifying.setting import Telling

LOOK_BACK = timedelta(days=7)
"""A last day that nobody looked at for longer than this is not told any more."""
# Several rules may give one concession: together they are one right, which ends with the last of them.
# Whoever was reached under an id of theirs that is merged into another is reached as that other.
_LAST_DAYS = """
WITH RECURSIVE reached AS (
    SELECT person.id, person.merged_into FROM contact JOIN person
        ON person.municipality_id = contact.municipality_id AND person.id = contact.person_id
    WHERE contact.municipality_id = :own AND contact.channel <> 'none'
    UNION
    SELECT person.id, person.merged_into FROM reached JOIN person
        ON person.municipality_id = :own AND person.id = reached.merged_into
)
INSERT INTO holder_news (id, municipality_id, person_id, cause_key, topic, concession_id, last_day, cause, cause_ref,
    happened_at, noted_at, held)
SELECT uuidv7(), :own, held.person_id, concat_ws('/', CAST(:kind AS text), held.person_id, held.concession_id,
    held.until_day - 1), :kind, held.concession_id, held.until_day - 1, 'day', '', :now, :now, false
FROM (
    SELECT person_id, concession_id, max(coalesce(until_day, 'infinity')) AS until_day
    FROM entitlement JOIN reached ON reached.id = entitlement.person_id
    WHERE entitlement.municipality_id = :own
    GROUP BY person_id, concession_id
) AS held JOIN person ON person.municipality_id = :own AND person.id = held.person_id
WHERE held.until_day BETWEEN :first AND :last AND person.died IS NULL AND person.erased_at IS NULL
    AND NOT EXISTS (
        SELECT FROM entitlement_log AS cut
        WHERE cut.municipality_id = :own AND cut.person_id = held.person_id
            AND cut.concession_id = held.concession_id AND held.until_day <@ cut.lost AND :taken
    )
ON CONFLICT (municipality_id, cause_key) DO NOTHING
"""


async def note_last_days(tx: Transaction, telling: Telling) -> None:
    """Notes the concessions that end within the days before, and those whose last day has just passed.

    A right that was taken away has been told of by then, so its end is no news. Safe to repeat.
    """
    await _note(tx, Kind.ENDS_SOON, tx.day, tx.day + timedelta(days=telling.days_before))
    await _note(tx, Kind.EXPIRED, tx.day - LOOK_BACK, tx.day - timedelta(days=1))


async def _note(tx: Transaction, kind: Kind, first: date, last: date) -> None:
    """Those whose last day lies between these days (inclusive); once it has passed, without what was cut off there."""
    day = timedelta(days=1)
    asked = {"own": tx.municipality_id, "kind": kind.value, "now": tx.at, "taken": kind is Kind.EXPIRED}
    await tx.session.execute(text(_LAST_DAYS), asked | {"first": first + day, "last": last + day})

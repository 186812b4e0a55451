"""Taps that nobody but somebody else can have made: after the holder's death, or with a token that is lost or blocked.

What was accepted after a death, before anybody told of it, is here too: what it cost is among the uses without a right.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from amis.kernel.db import Transaction

LOOK_BACK = timedelta(days=730)
MOST = 200
"""Taps that a list shows."""
_MISUSE = """
WITH refused AS (
    SELECT audit.id, audit.at, 'DENY' AS verdict, token.id AS token_id, token.number, token.person_id,
        provider.name AS provider, place.name AS place,
        CASE WHEN (audit.at AT TIME ZONE 'Europe/Riga')::date >= person.died THEN 'deceased' ELSE token.reason END
            AS why
    FROM audit
        JOIN token ON token.municipality_id = :own AND token.id = audit.subject_id::uuid
        JOIN person ON person.id = token.person_id
        JOIN provider ON provider.id = (audit.after ->> 'provider')::uuid
        JOIN place ON place.id = (audit.after ->> 'place')::uuid
    WHERE audit.municipality_id = :own AND audit.action = 'tap.deny' AND audit.subject_kind = 'token'
        AND audit.at >= :since
        AND ((audit.at AT TIME ZONE 'Europe/Riga')::date >= person.died
            OR (audit.reason = 'TOKEN_BLOCKED' AND token.reason IN ('lost', 'stolen', 'misuse') AND EXISTS (
                SELECT FROM audit AS told
                WHERE told.municipality_id = :own AND told.subject_kind = 'token' AND told.subject_id = token.id::text
                    AND told.action IN ('token.block', 'token.end') AND told.reason = token.reason
                    AND told.at <= audit.at)))
), accepted AS (
    SELECT use.id, use.at, use.verdict, token.id AS token_id, token.number, use.person_id,
        provider.name AS provider, place.name AS place, 'deceased' AS why
    FROM person
        JOIN use ON use.municipality_id = :own AND use.person_id = person.id AND use.day >= person.died
        JOIN token ON token.municipality_id = :own AND token.id = use.token_id
        JOIN provider ON provider.id = use.provider_id
        JOIN place ON place.id = use.place_id
    WHERE person.municipality_id = :own AND person.died IS NOT NULL AND use.at >= :since AND use.reverses IS NULL
)
SELECT * FROM refused UNION ALL SELECT * FROM accepted ORDER BY at DESC, id DESC LIMIT :most
"""


@dataclass(frozen=True, slots=True)
class Misuse:
    """A tap with somebody else's token: `why` deceased | lost | stolen | misuse."""

    id: UUID
    at: datetime
    verdict: str
    token_id: UUID
    number: str
    person_id: UUID
    provider: str
    place: str
    why: str


async def misuse(tx: Transaction) -> list[Misuse]:
    """Such taps of the last two years, newest first."""
    values = {"own": tx.municipality_id, "since": tx.at - LOOK_BACK, "most": MOST}
    return [Misuse(**row) for row in (await tx.session.execute(text(_MISUSE), values)).mappings()]

"""Learning the revisions of terms that are met for the first time."""

from uuid import UUID

import msgspec
import structlog
from psycopg import AsyncConnection

from amis.validating.claims import KnownTerms, TermsRevision
from rules.errors import RulesError

_log = structlog.get_logger()
_encode = msgspec.json.Encoder().encode


async def learn(connection: AsyncConnection, known: KnownTerms, missing: set[tuple[UUID, int]]) -> None:
    """Reads these revisions into `known`; one that does not exist stays missing."""
    wanted = _encode([{"concession": concession, "revision": revision} for concession, revision in missing])
    async with connection.cursor(binary=True) as cursor:
        await cursor.execute("SELECT * FROM tap_terms(%s::json)", (wanted.decode(),))
        for row in await cursor.fetchall():
            try:
                known.add(TermsRevision.from_row(row))
            except RulesError as error:
                # without its terms the right is not used; the others still are
                _log.error("terms not readable", concession=str(row[0]), revision=row[1], reason=str(error))

"""What persons would lose by a snapshot that does not name their records: counted while its names are known."""

from dataclasses import asdict, dataclass
from typing import Any, LiteralString

from amis.intake.chunk_absence import ABSENT, STANDING
from amis.intake.chunk_effect import values
from amis.intake.chunk_rows import Lot
from amis.kernel.db import Transaction
from amis.kernel.staging import staging

_LOST: LiteralString = f"""
SELECT fact.kind, fact.value, count(*), count(DISTINCT fact.person_id)
FROM (SELECT ledger.record_id FROM {STANDING} AND {ABSENT}) AS absent
JOIN fact ON fact.municipality_id = %(own)s AND fact.source = %(source)s AND fact.record_id = absent.record_id
    AND fact.recorded_to IS NULL
GROUP BY fact.kind, fact.value ORDER BY count(*) DESC, fact.kind, fact.value
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Loss:
    """One kind and value of facts that would be closed: of how many records, and of how many persons."""

    fact: str
    value: str | None
    records: int
    persons: int

    def to_json(self) -> dict[str, Any]:
        """As the difference of a held snapshot keeps it."""
        return asdict(self)


async def losses(tx: Transaction, lot: Lot) -> list[Loss]:
    """What a snapshot whose names stand in `batch_record` would close now, the most first."""
    async with staging(tx) as cursor:
        await cursor.execute(_LOST, values(tx, lot))
        return [Loss(*row) for row in await cursor.fetchall()]

"""The rows of a chunk that were refused: the first thousand of a batch are kept one by one until somebody decides."""

from typing import Any, LiteralString

from psycopg import AsyncCursor

from amis.intake.arrival import seal_refused
from amis.intake.chunk_rows import Lot, Prepared
from amis.kernel.db import Transaction
from amis.kernel.ids import new_id

MOST = 1000
"""Rows of one batch that are kept singly; the sealed file has them all."""
ROW = "application/x-amis-row"
"""The content type of a row: the JSON object of a status, or the bytes of a line that is none."""
_REFUSED: LiteralString = """
SELECT n, row_no, arrival_id FROM judged WHERE error IS NOT NULL ORDER BY n LIMIT greatest(0, %(most)s - (
    SELECT count(*) FROM quarantine WHERE municipality_id = %(own)s AND batch_id = %(batch)s
))
"""
_KEEP: LiteralString = """
INSERT INTO quarantine (id, municipality_id, sender_id, message_id, content_type, sealed, state, received_at,
    arrival_id, batch_id, row_no)
VALUES (%s, %s, %s, %s, %s, %s, 'open', %s, %s, %s, %s)
"""


async def quarantine_rows(tx: Transaction, cursor: AsyncCursor[Any], lot: Lot, prepared: Prepared) -> None:
    """Seals what was refused, as far as the batch has room for it."""
    await cursor.execute(_REFUSED, {"most": MOST, "own": tx.municipality_id, "batch": lot.batch_id})
    kept = []
    for n, row_no, arrival_id in await cursor.fetchall():
        row_id = new_id()
        sealed = seal_refused(row_id, prepared.raw[n])
        about = (tx.municipality_id, lot.sender_id, f"batch/{lot.batch_id}", ROW, sealed, lot.received_at)
        kept.append((row_id, *about, arrival_id, lot.batch_id, row_no))
    if kept:
        await cursor.executemany(_KEEP, kept)

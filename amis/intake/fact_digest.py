"""The digest of a source's ledger, summed up by the database: see `sync.digest` for what it is of."""

from sqlalchemy import text

from amis.intake.models import Sender
from amis.kernel.db import Transaction
from sync.digest import Bucket, Digest

# OFFSET 0 keeps the planner from taking every digest four times.
_BUCKETS = text("""
SELECT bucket, count(*), bit_xor(substr(value, 1, 8)::int8), bit_xor(substr(value, 9, 8)::int8),
    bit_xor(substr(value, 17, 8)::int8), bit_xor(substr(value, 25, 8)::int8)
FROM (
    SELECT get_byte(sha256(convert_to(record_id, 'UTF8')), 0) AS bucket,
        sha256(convert_to(record_id || E'\\x1F' || version || E'\\x1F' || op, 'UTF8')) AS value
    FROM notice
    WHERE municipality_id = :own AND source = :source
        AND (op = 'upsert' OR version > coalesce(CAST(:floor AS int8), -1))
    OFFSET 0
) AS entries
GROUP BY bucket
""")
_WORD = 64


async def digest(tx: Transaction, sender: Sender) -> Digest:
    """What stands of this sender's records, and its withdrawals above the floor."""
    found = Digest(sender.source, sender.snapshot_as_of)
    asked = {"own": tx.municipality_id, "source": sender.source, "floor": sender.snapshot_as_of}
    for bucket, count, *words in await tx.session.execute(_BUCKETS, asked):
        found.buckets[bucket] = Bucket(count, _joined(words))
    return found


def _joined(words: list[int]) -> int:
    """Four signed numbers of 64 bits, the highest first, as one of 256."""
    value = 0
    for word in words:
        value = value << _WORD | word % (1 << _WORD)
    return value

"""Summing uses up by month, each use exactly once.

A use is taken once no older transaction can still commit (its xid lies below `pg_snapshot_xmin`); the sums and the mark
move in one transaction, so a crash between them is impossible and two workers wait for each other at the mark.
"""

from typing import LiteralString

from psycopg import AsyncConnection

from amis.reporting.shares import COLUMNS, PAID

_MARK = "SELECT xid_before::text FROM use_month_mark FOR UPDATE"
_FINAL_BELOW = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text"
_ADD: LiteralString = f"""
INSERT INTO use_month AS sums
    (municipality_id, grantor_id, month, provider_id, concession_id, funder, uses, repeated, gross, payable, discount)
SELECT municipality_id, grantor_id, month, provider_id, concession_id, funder,
    sum(uses), sum(repeated), sum(gross), sum(payable), sum(discount)
FROM (
    SELECT use.municipality_id, use.grantor_id, date_trunc('month', use.day)::date AS month, use.provider_id,
        use.concession_id, {COLUMNS}
    FROM use {PAID}
    WHERE use.xid >= %(start)s::xid8 AND use.xid < %(end)s::xid8
) AS part
GROUP BY 1, 2, 3, 4, 5, 6
ON CONFLICT (municipality_id, month, provider_id, concession_id, funder) DO UPDATE SET
    uses = sums.uses + excluded.uses, repeated = sums.repeated + excluded.repeated, gross = sums.gross + excluded.gross,
    payable = sums.payable + excluded.payable, discount = sums.discount + excluded.discount
"""  # noqa: S608  # parts of our own
_MOVE = "UPDATE use_month_mark SET xid_before = %(end)s::xid8"


async def roll_up(connection: AsyncConnection) -> None:
    """Adds every use that has become final since the last run (as amis_worker)."""
    async with connection.transaction():
        start = await _text(connection, _MARK)
        # Asked only when the mark is ours: all below it is then visible to the statements that follow.
        end = await _text(connection, _FINAL_BELOW)
        await connection.execute(_ADD, {"start": start, "end": end})
        await connection.execute(_MOVE, {"end": end})


async def _text(connection: AsyncConnection, statement: LiteralString) -> str:
    row = await (await connection.execute(statement)).fetchone()
    if row is None:
        raise LookupError("use_month_mark has no row")
    return str(row[0])

"""The sequencer: one process puts committed audit rows in order, grows the tree and signs checkpoints.

A row is taken once no older transaction can still commit (its xid lies below `pg_snapshot_xmin`), so the order
(xid, source, id) never changes afterwards and no writer ever waits for the tree.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import LiteralString

from psycopg import AsyncConnection

from amis.kernel import checkpoint, clock, locks
from amis.kernel.locks import Lock
from amis.kernel.tree import Frontier
from cards.keys import KeyStore


@dataclass(frozen=True, slots=True)
class LeafSource:
    """A table whose rows are leaves: `name` as in audit_leaf.source, `rows` selects (xid, source, id, canonical)."""

    name: str
    rows: LiteralString


AUDIT = LeafSource(
    "audit",
    "SELECT xid, 'audit' AS source, id, convert_to(jsonb_strip_nulls(to_jsonb(audit))::text, 'UTF8') AS canonical"
    " FROM audit",
)


async def lead(connection: AsyncConnection) -> bool:
    """Whether this connection is now the one sequencer; it stays so until it closes."""
    return await locks.lead(connection, Lock.SEQUENCER)


async def extend(
    connection: AsyncConnection, keys: KeyStore, sources: Sequence[LeafSource], witness: Path | None = None
) -> int:
    """Takes every row that is final into the tree and signs a checkpoint; returns how many leaves came.

    The new leaves and their checkpoint commit together; the witness file gets the note after that.
    """
    async with connection.transaction():
        await connection.execute("SET LOCAL TIME ZONE 'UTC'")
        frontier, start = await _last(connection)
        end = await _final_below(connection)
        taken = await _take(connection, frontier, sources, start, end)
        if not taken:
            return 0
        note = checkpoint.sign(keys, frontier.size, frontier.root())
        await connection.execute(
            "INSERT INTO audit_checkpoint (size, root, frontier, xid_before, at, note)"
            " VALUES (%s, %s, %s, %s::xid8, %s, %s)",
            (frontier.size, frontier.root(), frontier.dump(), end, clock.now(), note),
        )
    if witness is not None:
        _append_durably(witness, note)
    return taken


def leaves(sources: Sequence[LeafSource], condition: LiteralString) -> LiteralString:
    """The statement that reads (source, id, leaf hash) in tree order, each source filtered by `condition`."""
    rows = " UNION ALL ".join(f"({source.rows} WHERE {condition})" for source in sources)
    return f"SELECT source, id, sha256('\\x00'::bytea || canonical) FROM ({rows}) AS row ORDER BY xid, source, id"  # noqa: S608


async def _last(connection: AsyncConnection) -> tuple[Frontier, str]:
    cursor = await connection.execute(
        "SELECT size, frontier, xid_before::text FROM audit_checkpoint ORDER BY size DESC LIMIT 1"
    )
    row = await cursor.fetchone()
    return (Frontier.load(row[0], row[1]), row[2]) if row else (Frontier(), "0")


async def _final_below(connection: AsyncConnection) -> str:
    cursor = await connection.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text")
    row = await cursor.fetchone()
    return str(row[0]) if row else "0"


async def _take(
    connection: AsyncConnection, frontier: Frontier, sources: Sequence[LeafSource], start: str, end: str
) -> int:
    before = frontier.size
    statement = leaves(sources, "xid >= %(start)s::xid8 AND xid < %(end)s::xid8")
    async with connection.cursor() as rows, connection.cursor() as target:
        await rows.execute(statement, {"start": start, "end": end})
        async with target.copy("COPY audit_leaf (pos, source, ref, hash) FROM STDIN") as copy:
            async for source, ref, leaf in rows:
                await copy.write_row((frontier.size, source, ref, leaf))
                frontier.append(leaf)
    return frontier.size - before


def _append_durably(witness: Path, note: str) -> None:
    with witness.open("a") as file:
        file.write(json.dumps(note) + "\n")
        file.flush()
        os.fsync(file.fileno())

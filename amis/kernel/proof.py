"""Proof that one entry stands in the audit tree under its newest signed checkpoint."""

from dataclasses import dataclass

from psycopg import AsyncConnection

from amis.kernel.tree import inclusion_proof


@dataclass(frozen=True, slots=True)
class Proof:
    """The leaf, its place, the audit path (nearest sibling first) and the signed note over (size, root)."""

    leaf: bytes
    position: int
    size: int
    root: bytes
    path: tuple[bytes, ...]
    note: str


async def prove(connection: AsyncConnection, ref: str) -> Proof | None:
    """The proof for the row with id `ref`; None when it has no leaf (yet)."""
    cursor = await connection.execute("SELECT pos, hash FROM audit_leaf WHERE ref::text = %s", (ref,))
    leaf = await cursor.fetchone()
    cursor = await connection.execute("SELECT size, root, note FROM audit_checkpoint ORDER BY size DESC LIMIT 1")
    head = await cursor.fetchone()
    if leaf is None or head is None:
        return None
    cursor = await connection.execute("SELECT hash FROM audit_leaf WHERE pos < %s ORDER BY pos", (head[0],))
    leaves = [row[0] for row in await cursor.fetchall()]
    return Proof(leaf[1], leaf[0], head[0], head[1], tuple(inclusion_proof(leaves, leaf[0])), head[2])

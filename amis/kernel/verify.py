"""Verification of the audit trail: every changed, missing, added or reordered leaf is found and named."""

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from psycopg import AsyncConnection

from amis.kernel import checkpoint
from amis.kernel.sequencer import LeafSource, leaves
from amis.kernel.tree import Frontier


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: `kind` is changed | missing | added | reordered | root | signature | gap | witness."""

    kind: str
    place: str
    detail: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What a verification saw."""

    leaves: int
    checkpoints: int
    findings: tuple[Finding, ...]


async def verify(
    connection: AsyncConnection, publics: Sequence[bytes], sources: Sequence[LeafSource], witness: Path | None = None
) -> Verified:
    """Recomputes the whole tree from the rows and compares it with leaves, checkpoints and the witness file.

    `publics` are the Ed25519 keys (32 bytes each) that sign or signed checkpoints.
    """
    # Read first: a checkpoint is witnessed after its commit, so what is in the file now is in the snapshot too.
    witnessed = _lines(witness)
    witnessed = _lines(witness)
    async with connection.transaction():
        await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        await connection.execute("SET LOCAL TIME ZONE 'UTC'")
        checkpoints = await _checkpoints(connection)
        size = max(checkpoints, default=0)
        found = [finding async for finding in _rows_against_leaves(connection, sources)]
        found += [finding async for finding in _leaves_against_checkpoints(connection, checkpoints)]
    found += _signatures(checkpoints, publics)
    found += _against_witness(checkpoints, publics, witnessed)
    return Verified(size, len(checkpoints), tuple(found))


async def _checkpoints(connection: AsyncConnection) -> dict[int, tuple[bytes, str]]:
    cursor = await connection.execute("SELECT size, root, note FROM audit_checkpoint ORDER BY size")
    return {size: (root, note) async for size, root, note in cursor}


async def _rows_against_leaves(connection: AsyncConnection, sources: Sequence[LeafSource]) -> AsyncIterator[Finding]:
    """Each row below the last checkpoint must have its leaf, in tree order, and each leaf its row."""
    places = await _places(connection)
    last = await connection.execute("SELECT coalesce(max(xid_before), '0'::xid8)::text FROM audit_checkpoint")
    row = await last.fetchone()
    expected = -1
    async with connection.cursor() as cursor:
        await cursor.execute(leaves(sources, "xid < %(end)s::xid8"), {"end": row[0] if row else "0"})
        async for source, ref, computed in cursor:
            place = f"{source} {ref}"
            position, stored = places.pop((source, ref), (None, b""))
            if position is None:
                yield Finding("added", place, "a row without a leaf, written after its checkpoint")
                continue
            if stored != computed:
                yield Finding("changed", place, f"the row no longer has the hash of leaf {position}")
            if position < expected:
                yield Finding("reordered", place, f"leaf {position} stands before leaf {expected}")
            expected = max(expected, position)
    for (source, ref), (position, _) in places.items():
        yield Finding("missing", f"{source} {ref}", f"leaf {position} has no row")


async def _places(connection: AsyncConnection) -> dict[tuple[str, object], tuple[int, bytes]]:
    cursor = await connection.execute("SELECT source, ref, pos, hash FROM audit_leaf")
    return {(source, ref): (position, stored) async for source, ref, position, stored in cursor}


async def _leaves_against_checkpoints(
    connection: AsyncConnection, checkpoints: dict[int, tuple[bytes, str]]
) -> AsyncIterator[Finding]:
    """The leaves must be dense and give each checkpoint's root."""
    frontier = Frontier()
    cursor = await connection.execute("SELECT pos, hash FROM audit_leaf ORDER BY pos")
    async for position, stored in cursor:
        if position != frontier.size:
            yield Finding("gap", f"leaf {frontier.size}", f"the next leaf is {position}")
            return
        frontier.append(stored)
        if frontier.size in checkpoints and frontier.root() != checkpoints[frontier.size][0]:
            yield Finding("root", f"checkpoint {frontier.size}", "the leaves give another root")
            return
    if frontier.size != max(checkpoints, default=0):
        yield Finding(
            "gap", f"leaf {frontier.size}", f"the last checkpoint covers {max(checkpoints, default=0)} leaves"
        )


def _signatures(checkpoints: dict[int, tuple[bytes, str]], publics: Sequence[bytes]) -> list[Finding]:
    return [
        Finding("signature", f"checkpoint {size}", "the signed note does not confirm this size and root")
        for size, (root, note) in checkpoints.items()
        if checkpoint.opened(publics, note) != (size, root)
    ]


def _lines(witness: Path | None) -> list[str]:
    return witness.read_text(errors="replace").splitlines() if witness is not None and witness.exists() else []


def _against_witness(
    checkpoints: dict[int, tuple[bytes, str]], publics: Sequence[bytes], witnessed: Sequence[str]
) -> list[Finding]:
    found = (_witnessed(checkpoints, publics, number, line) for number, line in enumerate(witnessed, 1))
    return [finding for finding in found if finding is not None]


def _witnessed(
    checkpoints: dict[int, tuple[bytes, str]], publics: Sequence[bytes], number: int, line: str
) -> Finding | None:
    opened = checkpoint.opened(publics, _note(line))
    if opened is None:
        return Finding("witness", f"line {number}", "this is no note that one of our keys signed")
    size, root = opened
    if size in checkpoints and checkpoints[size][0] == root:
        return None
    return Finding("witness", f"checkpoint {size}", "a witnessed checkpoint is gone or differs")


def _note(line: str) -> str:
    try:
        return str(json.loads(line))
    except ValueError:
        return ""

"""Entries of the audit trail for its tests."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from psycopg import AsyncConnection

from amis.kernel import audit, checkpoint, sequencer
from amis.kernel.actor import system
from amis.kernel.db import transaction
from amis.kernel.keys import AUDIT, keystore
from amis.kernel.verify import Verified, verify

SOURCES = [sequencer.AUDIT]


async def write(*actions: str) -> None:
    """One entry for each action, each in a transaction of its own."""
    for action in actions:
        async with transaction(system("test")) as tx:
            await audit.record(tx, action, ("thing", action))


async def extend(connection: AsyncConnection, witness: Path | None = None) -> int:
    """Takes what is final into the tree."""
    return await sequencer.extend(connection, keystore(), SOURCES, witness)


def publics() -> Sequence[bytes]:
    """The keys that sign, or signed, checkpoints."""
    return [checkpoint.raw(key) for key in keystore().publics(AUDIT)]


async def verified(connection: AsyncConnection, witness: Path | None = None) -> Verified:
    """What a verification sees."""
    return await verify(connection, publics(), SOURCES, witness)


async def entry_ids(connection: AsyncConnection) -> list[str]:
    """The ids of all entries in the order of their leaves."""
    cursor = await connection.execute("SELECT ref::text FROM audit_leaf ORDER BY pos")
    return [row[0] for row in await cursor.fetchall()]


async def becomes_leader(connection: AsyncConnection) -> bool:
    """Whether this connection leads soon; the server lets go of a closed connection's lock a moment later."""
    for _ in range(200):
        if await sequencer.lead(connection):
            return True
        await asyncio.sleep(0.05)
    return False

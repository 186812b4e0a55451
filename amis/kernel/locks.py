"""Advisory locks with a fixed number, in one list, so that no two purposes share one; and how one comes to lead."""

import asyncio
from enum import IntEnum

from psycopg import AsyncConnection

AGAIN = 0.25
"""Seconds between two attempts of those who wait to lead. Waiting inside the database would hold up its vacuum."""


class Lock(IntEnum):
    """What is locked. Locks on single persons and accounts use 64-bit hashes instead."""

    SEQUENCER = 1
    STATUS_LIST_NUMBERS = 2
    RULES = 3  # with the number of the municipality
    SETTLEMENT = 4  # with the number of the municipality
    STOCK = 5  # with the number of the municipality
    BUNDLE = 6  # the one publisher of what terminals carry
    FEED = 7  # the one that numbers what others follow
    TICKER = 8  # the one that ticks periodic jobs
    JOB = 9  # with a hash of the job's name


async def lead(connection: AsyncConnection, lock: Lock) -> bool:
    """Whether this connection holds the lock now; it does so until it closes."""
    row = await (await connection.execute("SELECT pg_try_advisory_lock(%s)", (int(lock),))).fetchone()
    return bool(row and row[0])


async def wait_to_lead(connection: AsyncConnection, lock: Lock) -> None:
    """Returns when this connection holds the lock: at once, or soon after the one that held it has gone."""
    while not await lead(connection, lock):  # noqa: ASYNC110 - the lock of another process makes no event here
        await asyncio.sleep(AGAIN)

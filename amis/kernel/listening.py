"""Listening to the database: one connection of a process hears that something is new, for all who wait for it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import LiteralString

import structlog
from psycopg import AsyncConnection, Error

LOOK_EVERY = 5.0
"""Seconds after which it looks although nothing was heard."""
AGAIN = 1.0
"""Seconds between two looks while the connection is lost."""

_log = structlog.get_logger()


async def listen(url: str, channel: LiteralString, look: Callable[[AsyncConnection], Awaitable[None]]) -> None:
    """Looks at once, whenever the channel is heard and each `LOOK_EVERY` seconds, for ever, on one connection.

    A lost connection is opened again, and it looks then.
    """
    while True:
        try:
            async with await AsyncConnection.connect(url, autocommit=True) as connection:
                await connection.execute(f"LISTEN {channel}")
                while True:
                    await look(connection)
                    async for _ in connection.notifies(timeout=LOOK_EVERY, stop_after=1):
                        pass
        except (Error, OSError) as error:
            _log.warning("listening lost the database, again in a second", channel=channel, reason=str(error))
        await asyncio.sleep(AGAIN)

"""Reading the receiver's feed beside the sending, and counting what came."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sync.door import Door
from sync.errors import FeedGap, SyncError
from sync.feed import Cursor, FeedClient
from sync.pretend.scoreboard import Outflow

_AFTER_A_GAP = 5.0


@asynccontextmanager
async def reading(door: Door, place: Path, outflow: Outflow) -> AsyncIterator[None]:
    """Reads from where the file `place` says on, for the length of the block."""
    task = asyncio.create_task(_told(FeedClient(door), Cursor(place), outflow))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _told(feed: FeedClient, cursor: Cursor, outflow: Outflow) -> None:
    try:
        await _read(feed, cursor, outflow)
    except SyncError as error:
        # the sending goes on: that nothing is read any more has to be seen
        outflow.fault = error.code


async def _read(feed: FeedClient, cursor: Cursor, outflow: Outflow) -> None:
    while True:
        after = cursor.read()
        try:
            found = await feed.page(after)
        except FeedGap:
            outflow.gaps += 1
            await asyncio.sleep(_AFTER_A_GAP)
            continue
        outflow.entries += len(found.entries)
        outflow.seq, outflow.head = found.next, found.head
        outflow.topics.update(entry.topic for entry in found.entries)
        if found.next != after:
            cursor.keep(found.next)

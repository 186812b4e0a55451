"""How long a single event takes while nothing else happens, and while a large file is taken in."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from time import perf_counter

import httpx

from sync import signature
from sync.population import Resident
from tests.bench.numbers import percentile
from tests.bench.push import Sender, adults
from tests.bench.report import Cell, Goal, Section
from tests.bench.scale import FULL, Scale
from tests.bench.stage import Stage
from tests.bench.sync_sender import sending

_PAUSE = 0.02
IDLE, BUSY = "nothing else", "during a bulk"
NOTES = (
    "One signed event (Standard Webhooks HMAC) a request, by one sender over one connection, 20 ms apart: verified, "
    "judged, fact, rights, log, audit and notes committed before the answer. Every event is of a person of its own.",
    "The bulk is a file of the same source, taken in by the importer in a process of its own meanwhile.",
)


async def sync_events(on: Stage, scale: Scale) -> Section:
    """Events alone, then events from the start of a bulk to its end."""
    count = 100_000 if scale is FULL else 20_000
    people = iter(adults(count // 10))
    async with sending(on) as by, httpx.AsyncClient(base_url=by.site.url, timeout=30) as http:
        sender = Sender(http, signature.signing_key(on.town.sender_key))
        await by.deliver(by.file(2_000), 2_000)
        async with _pushed(sender, people) as alone:
            await asyncio.sleep(3 * scale.seconds)
        async with _pushed(sender, people) as beside:
            taken = await by.deliver(by.file(count), count)
    rows = [_row(IDLE, 0, alone), _row(BUSY, count, beside)]
    goals = [
        Goal("event alone, p99 ms", percentile(alone, 99), 50),
        Goal("longest event during a bulk, ms", max(beside), 1_000),
    ]
    columns = ("beside", "rows", "events", "p50 ms", "p99 ms", "longest ms")
    return Section(f"Events beside a bulk ({taken.rate:,.0f} rows/s)", columns, rows, goals, NOTES)


@asynccontextmanager
async def _pushed(sender: Sender, people: Iterator[Resident]) -> AsyncIterator[list[float]]:
    """Sends events until the block ends; milliseconds of each."""
    took: list[float] = []
    task = asyncio.create_task(_push(sender, people, took))
    try:
        yield took
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _push(sender: Sender, people: Iterator[Resident], took: list[float]) -> None:
    for who in people:
        began = perf_counter()
        await sender.push(who, "upsert")
        took.append(1000 * (perf_counter() - began))
        await asyncio.sleep(_PAUSE)


def _row(name: str, count: int, took: Sequence[float]) -> tuple[Cell, ...]:
    return name, count, len(took), percentile(took, 50), percentile(took, 99), max(took)

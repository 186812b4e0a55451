"""The second pass over a batch: its rows in chunks that each commit with the progress, then what it does not name."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import islice
from time import monotonic
from typing import TypeVar

from prometheus_client import Counter
from sqlalchemy.exc import DBAPIError

from amis.intake.batch_lease import LeaseLost
from amis.intake.batch_work import Work, end
from amis.intake.chunk import AGAIN, apply_chunk
from amis.intake.chunk_absence import withdraw_absent
from amis.intake.chunk_rows import Lot, Prepared, Row, prepare
from amis.intake.floors import raise_floor, read_floor
from amis.intake.reading_ahead import Ahead, patiently, rows_of
from sync.notice import Notice
from sync.rows import FACT, RawRow, read_row
from sync.verdict import RowError

ROWS = Counter("amis_batch_rows", "Rows of batches settled, by verdict", ["verdict"])
_AIM = 0.8
"""Seconds a chunk should take: so long an event about a person of it waits at most."""
_SMALLEST, _LARGEST = 4_000, 20_000
"""Rows of a chunk. Of fewer the statements as such take most of the time, so it would be little quicker."""
_WITHDRAWN_AT_ONCE = 5_000
_TRIES = 5

T = TypeVar("T")


async def apply_rows(work: Work) -> None:
    """Applies the rows from the first one on that no committed chunk has settled."""
    rows, settled = rows_of(work.folder, work.batch), work.batch.next_row
    async with work.transaction() as (tx, _):
        lot = await work.lot(tx)
    await patiently(asyncio.create_task(asyncio.to_thread(_skip, rows, settled)), work.renew)
    ahead = Ahead(rows, lambda raw: prepare(work.batch.municipality_id, lot, _read(lot, raw)), _SMALLEST, work.renew)
    try:
        while True:
            count, chunk = await ahead.take()
            if count == 0:
                return
            began = monotonic()
            await _repeated(partial(_settle, work, lot, settled, chunk))
            settled += count
            ahead.size = _next_size(count, monotonic() - began)
    finally:
        await ahead.close()


async def _repeated(step: Callable[[], Awaitable[T]]) -> T:
    """One transaction, begun anew where an event about the same people or records was quicker."""
    for remaining in reversed(range(_TRIES)):
        try:
            return await step()
        except (DBAPIError, *AGAIN) as error:
            if remaining == 0 or not isinstance(getattr(error, "orig", error), AGAIN):
                raise
    raise AssertionError("unreachable: the last try returns or raises")


async def _settle(work: Work, lot: Lot, settled: int, chunk: Prepared) -> None:
    """One chunk and the batch's progress, both or neither."""
    async with work.transaction() as (tx, batch):
        if batch.next_row != settled:
            raise LeaseLost
        floor = await read_floor(tx, work.sender.id)
        counts = await apply_chunk(tx, replace(lot, floor=floor), chunk)
        for verdict, count in counts.items():
            setattr(batch, verdict.value, getattr(batch, verdict.value) + count)
        batch.next_row, batch.attempts = settled + len(chunk.staged), 1
    for verdict, count in counts.items():
        ROWS.labels(verdict.value).inc(count)


async def withdraw_unnamed(work: Work) -> None:
    """What a snapshot does not name is withdrawn, in steps; from the first on, nothing below it comes in any more."""
    if work.batch.as_of is None:
        return
    async with work.transaction() as (tx, batch):
        await raise_floor(tx, batch.sender_id, work.batch.as_of)
    while await _repeated(partial(_withdraw_some, work)):
        pass


async def _withdraw_some(work: Work) -> int:
    async with work.transaction() as (tx, batch):
        count = await withdraw_absent(tx, await work.lot(tx), _WITHDRAWN_AT_ONCE)
        batch.withdrawn, batch.attempts = batch.withdrawn + count, 1
    return count


async def finish(work: Work) -> None:
    """Everything is settled."""
    async with work.transaction() as (tx, batch):
        await end(tx, batch, "done")


def _read(lot: Lot, raw: list[RawRow]) -> list[Row]:
    return [_row(lot, row) for row in raw]


def _row(lot: Lot, raw: RawRow) -> Row:
    """The row as an event of its batch."""
    stated, event_id = read_row(raw), f"{lot.batch_id}:{raw.number}"
    if isinstance(stated, RowError):
        return Row(raw.number, RowError(stated.code, stated.pointer, event_id), raw.raw)
    return Row(raw.number, Notice(event_id, lot.source, FACT, None, stated), raw.raw)


def _skip(rows: Iterator[RawRow], count: int) -> None:
    for _ in islice(rows, count):
        pass


def _next_size(count: int, seconds: float) -> int:
    """So many rows as would have taken the time aimed at, at most twice as many as before."""
    fitting = round(count * _AIM / max(seconds, 0.001))
    return max(_SMALLEST, min(fitting, 2 * count, _LARGEST))

"""Rows of a stored file, read in a thread: opening, decompressing and splitting go on while the database works."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Generic, TypeVar

from amis.intake.batch_models import Batch
from amis.intake.raw_files import read_blocks
from sync.inflate import inflated
from sync.rows import RawRow, split_rows

T = TypeVar("T")
_SILENCE = 15
"""Seconds after which a worker that still reads says that it is alive."""


def rows_of(folder: Path, batch: Batch) -> Iterator[RawRow]:
    """The rows of a batch from the first on.

    Raises:
        sync.errors.FileUnreadable: where the file cannot be read on.
    """
    blocks = read_blocks(folder, batch.id, batch.raw_key)
    return split_rows(inflated(blocks) if batch.gzip else blocks, batch.format)


async def patiently(reading: asyncio.Task[T], renew: Callable[[], Awaitable[None]]) -> T:
    """What a thread reads, however long it takes: a file of a strange kind may have a row only after gigabytes."""
    while not (await asyncio.wait({reading}, timeout=_SILENCE))[0]:
        await renew()
    return reading.result()


@dataclass(slots=True)
class Ahead(Generic[T]):
    """Gives out pieces of a file, each made ready by `make` in a thread while the one before is used.

    `renew` is called while a piece is long in coming.
    """

    rows: Iterator[RawRow]
    make: Callable[[list[RawRow]], T]
    size: int
    renew: Callable[[], Awaitable[None]]
    _next: asyncio.Task[tuple[int, T]] | None = None

    async def take(self) -> tuple[int, T]:
        """The number of rows of the next piece, 0 at the end, and what was made of them."""
        self._next = self._next or self._begun()
        piece = await patiently(self._next, self.renew)
        self._next = self._begun() if piece[0] else None
        return piece

    async def close(self) -> None:
        """Waits for what is being read; the file can be left then."""
        if self._next is not None:
            await asyncio.gather(self._next, return_exceptions=True)

    def _begun(self) -> asyncio.Task[tuple[int, T]]:
        return asyncio.create_task(asyncio.to_thread(self._made, self.size))

    def _made(self, size: int) -> tuple[int, T]:
        rows = list(islice(self.rows, size))
        return len(rows), self.make(rows)

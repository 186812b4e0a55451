"""A file on its way from the network to the disk: never whole in memory, and nothing is left of one that breaks off."""

from collections.abc import AsyncIterator
from pathlib import Path

from starlette.concurrency import run_in_threadpool

from amis.intake.raw_files import Incoming, Stored
from amis.kernel.errors import Unavailable
from amis.kernel.ids import new_id

_PIECE = 1024 * 1024
"""Bytes that are sealed and written in one go, away from the loop."""


async def store_pieces(folder: Path, pieces: AsyncIterator[bytes], expected: bytes) -> Stored:
    """Keeps what arrives as a sealed file; `expected` is the SHA-256 that it has to have.

    Raises:
        DigestMismatch: nothing is kept.
        Unavailable: the disk takes no more.
    """
    try:
        incoming = Incoming(folder, new_id())
        try:
            await _write(pieces, incoming)
            return await run_in_threadpool(incoming.finish, expected)
        finally:
            incoming.discard()
    except OSError as fault:
        raise Unavailable from fault


async def _write(pieces: AsyncIterator[bytes], incoming: Incoming) -> None:
    waiting: list[bytes] = []
    size = 0
    async for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= _PIECE:
            await run_in_threadpool(incoming.write, b"".join(waiting))
            waiting, size = [], 0
    await run_in_threadpool(incoming.write, b"".join(waiting))

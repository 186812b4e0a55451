"""Taking an upload in: piece by piece, each durable before the next, and never in the way of taps that wait."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import msgspec
import structlog
from psycopg import Error, OperationalError
from psycopg.errors import DeadlockDetected, SerializationFailure, UniqueViolation

from amis.kernel.actor import system
from amis.kernel.db import transaction
from amis.kernel.errors import Unavailable
from amis.kernel.log import request_id
from amis.validating import samples
from amis.validating.claims import KnownTerms
from amis.validating.errors import Unrecordable
from amis.validating.lines import Sent, read
from amis.validating.trusted import Trusted
from amis.validating.upload import Upload
from amis.validating.upload_item import UploadItem
from amis.validating.upload_ledger import Told
from amis.validating.upload_store import OWN, Bearer, Journal, claims, write

A_PIECE = 200
"""Lines that are compared and written together: a few milliseconds in which this process answers nobody else."""
MOST_WAITING = 32
"""Uploads that may wait in one process; the next one is told to come again."""
ROUNDS = 8
"""How often a piece may lose a race before its terminal is told to come again."""
RACES = (UniqueViolation, SerializationFailure, DeadlockDetected)
_log = structlog.get_logger()
_encode = msgspec.json.Encoder().encode


@dataclass(slots=True)
class Uploads:
    """Where a process takes uploads in, one after the other, apart from its lane."""

    trusted: Trusted = field(default_factory=Trusted)
    known: KnownTerms = field(default_factory=KnownTerms)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: int = 0

    async def take_in(self, caller: Bearer | Journal, lines: list[bytes]) -> bytes:
        """Records the lines and answers each; all that is answered is durable.

        Raises:
            TerminalUnknown, TerminalNotRegistered
            Unavailable: too many uploads wait, or others were always faster; the same lines again are known.
        """
        if self.waiting >= MOST_WAITING:
            raise Unavailable
        self.waiting += 1
        try:
            async with self.turn:
                return b"".join([await self._piece(caller, piece) for piece in _pieces(lines)])
        finally:
            self.waiting -= 1

    async def _piece(self, caller: Bearer | Journal, lines: list[bytes]) -> bytes:
        # whoever waits for a tap comes first
        await asyncio.sleep(0)
        told = [one for sent in _runs(read(lines)) for one in await self._isolated(caller, sent)]
        return b"".join(_encode(one) + b"\n" for one in told)

    async def _isolated(self, caller: Bearer | Journal, sent: Sequence[Sent]) -> list[Told]:
        """Records lines; if they fail together, each alone."""
        try:
            return await self._settled(caller, sent)
        except OperationalError as error:
            raise Unavailable from error
        except Error as error:
            _log.warning("lines failed", lines=len(sent), reason=f"{type(error).__name__}: {error}")
            if sent[0].line is None and len(sent) == 1:
                raise Unavailable from error
            if len(sent) == 1:
                sent = [replace(sent[0], line=None, fault=Unrecordable())]
        return [told for one in sent for told in await self._isolated(caller, [one])]

    async def _settled(self, caller: Bearer | Journal, sent: Sequence[Sent]) -> list[Told]:
        for _ in range(ROUNDS):
            try:
                return await self._recorded(caller, sent)
            except RACES:
                # a tap or another upload took the same key or unit meanwhile: read again
                continue
        raise Unavailable

    async def _recorded(self, caller: Bearer | Journal, sent: Sequence[Sent]) -> list[Told]:
        async with transaction(system("validating")) as tx:
            items = [UploadItem.of(i, one, tx.at) for i, one in enumerate(sent)]
            found = await claims(tx, caller, items, self.known)
            faults = samples.faults(items, self.trusted.current(tx.at))
            upload = Upload(self.known, found[OWN][0], tx.at, request_id.get(), dict(faults))
            upload.compare(sent, items, found)
            batch = upload.batch()
            if batch is not None:
                await write(tx, batch)
        return upload.told


def _runs(sent: Iterable[Sent]) -> list[list[Sent]]:
    """The lines in runs in which no number comes twice: a repeated one then finds what was recorded."""
    runs: list[list[Sent]] = [[]]
    numbers: set[int | None] = set()
    for one in sent:
        if one.line is not None and one.seq in numbers:
            runs.append([])
            numbers = set()
        runs[-1].append(one)
        numbers.add(one.seq)
    return runs


def _pieces(lines: list[bytes]) -> list[list[bytes]]:
    return [lines[start : start + A_PIECE] for start in range(0, len(lines), A_PIECE)]

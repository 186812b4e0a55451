"""The desk's side of an operation: a card held for it, and lists of commands relayed to that card."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Protocol

from cards import pcsc
from cards.desk.message import Begin, Commands, Responses
from cards.desk.relay import relayed
from cards.errors import CardGone, CardReset, ReaderBusy, ReaderError

_PAUSES = (0.2, 0.5, 1.0)
"""Seconds before a card's number is asked for again while another program looks at the card."""


class Link(Protocol):
    """What reaches one card: cards.pcsc.Connection, whose errors it raises."""

    def transmit(self, apdu: bytes) -> bytes: ...
    def uid(self) -> bytes: ...
    def close(self) -> None: ...


@dataclass(slots=True)
class _Held:
    """The card of one operation, or why there is none."""

    reader: str
    card: Link | None = None
    error: ReaderError | None = None

    def let_go(self, error: ReaderError) -> None:
        """The operation cannot go on with this card; the reader is free."""
        if self.card is not None:
            self.card.close()
        self.card, self.error = None, error


class Work:
    """The open operations of a desk. PC/SC is called in threads, one call at a time for each reader."""

    def __init__(self, connect: Callable[[str], Link] = pcsc.connect, pauses: Sequence[float] = _PAUSES) -> None:
        self._connect, self._pauses = connect, pauses
        self._open: dict[str, _Held] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def begin(self, asked: Begin) -> None:
        """Holds the card on that reader, anew if the operation had it; another one there has lost it.

        What goes wrong is told with the answer to the first list.
        """
        async with self._locks[asked.reader]:
            for op, held in list(self._open.items()):
                if asked.op == op or held.reader == asked.reader:
                    del self._open[op]
                    await asyncio.to_thread(held.let_go, CardGone())
            held = self._open[asked.op] = _Held(asked.reader)
            try:
                held.card = await asyncio.to_thread(self._connect, asked.reader)
            except ReaderError as error:
                held.error = error

    async def relay(self, asked: Commands) -> Responses:
        """The card's answers, up to the first that is not the expected one or to what ended the list."""
        held = self._open.get(asked.op)
        if held is None:
            return Responses(asked.op, asked.seq, (), pcsc_error=CardGone.code)
        async with self._locks[held.reader]:
            return await asyncio.to_thread(_relayed, held, asked)

    async def end(self, op: str) -> None:
        """The card is free again."""
        held = self._open.pop(op, None)
        if held is not None:
            async with self._locks[held.reader]:
                await asyncio.to_thread(held.let_go, CardGone())

    async def end_all(self) -> None:
        """As `end`, for every operation."""
        for op in list(self._open):
            await self.end(op)

    async def gone(self, reader: str, error: ReaderError) -> None:
        """The card has left that reader: its operation answers with the error until it is begun anew."""
        async with self._locks[reader]:
            # operations on other readers come and go meanwhile
            for held in list(self._open.values()):
                if held.reader == reader and held.card is not None:
                    await asyncio.to_thread(held.let_go, error)

    async def uid(self, reader: str) -> bytes:
        """The number of the card there; empty when it cannot be read.

        A new card wakes other programs of the computer too: what they disturb is tried again.
        """
        for pause in (0.0, *self._pauses):
            await asyncio.sleep(pause)
            try:
                return await self._uid(reader)
            except (ReaderBusy, CardReset):
                continue
            except ReaderError:
                break
        return b""

    async def _uid(self, reader: str) -> bytes:
        async with self._locks[reader]:
            held = next((held for held in self._open.values() if held.reader == reader and held.card), None)
            return await asyncio.to_thread(_uid, self._connect, reader, held)


def _uid(connect: Callable[[str], Link], reader: str, held: _Held | None) -> bytes:
    if held is not None and held.card is not None:
        return held.card.uid()
    with closing(connect(reader)) as card:
        return card.uid()


def _relayed(held: _Held, asked: Commands) -> Responses:
    def transmit(apdu: bytes) -> bytes:
        if held.card is None:
            raise held.error or CardGone()
        return held.card.transmit(apdu)

    told, error = relayed(asked, transmit)
    if error is not None:
        held.let_go(error)
    return told

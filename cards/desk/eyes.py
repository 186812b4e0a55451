"""What a desk tells about its readers: which there are, and which card came or went."""

import asyncio
from collections.abc import Awaitable, Callable

from cards.desk.message import Card, Hello
from cards.desk.work import Work
from cards.errors import CardGone, ReaderError, ReaderGone
from cards.pcsc_monitor import Seen, Slot

News = Hello | Card
Tell = Callable[[News], Awaitable[None]]


class Eyes:
    """Follows the monitor and tells what changed to the service that listens, if one does."""

    def __init__(self, agent: str, printer: str, work: Work) -> None:
        self._work = work
        self.tell: Tell | None = None
        self._slots: dict[str, Slot] = {}
        self._cards: dict[str, Card] = {}
        self._hello = Hello(agent, (), printer)
        self._lock = asyncio.Lock()

    async def greet(self, tell: Tell) -> None:
        """Tells a service that just came how it is now, and from now on what changes."""
        async with self._lock:
            self.tell = tell
            await tell(self._hello)
            for card in self._cards.values():
                await tell(card)

    async def see(self, seen: Seen | ReaderError) -> None:
        """Tells what is new."""
        async with self._lock:
            slots = () if isinstance(seen, ReaderError) else seen
            problem = seen.code if isinstance(seen, ReaderError) else None
            await self._greet(tuple(slot.reader for slot in slots), problem)
            await self._forget({slot.reader for slot in slots}, seen if isinstance(seen, ReaderError) else ReaderGone())
            for slot in slots:
                await self._look(slot, self._slots.get(slot.reader))
            self._slots = {slot.reader: slot for slot in slots}

    async def _greet(self, readers: tuple[str, ...], problem: str | None) -> None:
        if (readers, problem) != (self._hello.readers, self._hello.problem):
            self._hello = Hello(self._hello.agent, readers, self._hello.printer, problem)
            await self._tell(self._hello)

    async def _forget(self, there: set[str], error: ReaderError) -> None:
        for reader in self._slots.keys() - there:
            self._cards.pop(reader, None)
            await self._work.gone(reader, error)

    async def _look(self, slot: Slot, before: Slot | None) -> None:
        was_present = before is not None and before.present
        if before is not None and (slot.present, slot.events) == (before.present, before.events):
            return
        if was_present:
            await self._work.gone(slot.reader, CardGone())
        if slot.present:
            card = Card(slot.reader, slot.atr, await self._work.uid(slot.reader), True)
            self._cards[slot.reader] = card
            await self._tell(card)
        elif was_present:
            self._cards.pop(slot.reader, None)
            await self._tell(Card(slot.reader, b"", b"", False))

    async def _tell(self, news: News) -> None:
        if self.tell is not None:
            await self.tell(news)

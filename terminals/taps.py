"""Where taps come from: lines on standard input, cards laid on a reader."""

import asyncio
import json
import os
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum, auto
from threading import Thread
from typing import Any, TypeVar

from cards import pcsc
from cards.errors import CardsError, ReaderError
from cards.keys.chip import Masters
from cards.pcsc_monitor import Monitor, Seen
from terminals.chip_card import ChipCard, look
from terminals.errors import LineUnreadable, TerminalError
from terminals.message import CardShown, Tap

LONGEST_LINE = 1 << 16
GROSS, _PLACE, _PRODUCT = r"[0-9]{1,6}(\.[0-9]{1,4})?", r"[A-Za-z0-9._-]{1,64}", r"[a-z0-9_-]{1,32}"
_MOST_COMPANIONS = 9
"""What the service takes; a line for upload that says anything else would be refused for good."""
Fault = TerminalError | CardsError
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Offer:
    """What is asked for at this terminal where a tap says nothing else: the full price in euros, product, place."""

    gross: Decimal
    product: str = "single"
    place: str | None = None
    companions: int = 0

    def tap(self, token: str | CardShown | None, at: datetime) -> Tap:
        """A tap of that token."""
        return Tap(token, at, self.gross, self.place, self.product, self.companions)


@dataclass(frozen=True, slots=True)
class Laid:
    """A tap of a card that still lies there."""

    tap: Tap
    card: ChipCard


class Lines(Enum):
    """What lines are: texts as a scanner types them, or taps of a till, {"token", "gross"?, "product"?, "place"?, ...}.

    Only a till may say the price: what a scanner types is a stranger's.
    """

    TEXTS = auto()
    TAPS = auto()


async def typed(
    source: int, offer: Offer, now: Callable[[], datetime], lines: Lines = Lines.TEXTS
) -> AsyncIterator[Tap | Fault]:
    """A tap a line, until the source, a file descriptor, ends."""
    read: asyncio.Queue[bytes] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    # nothing interrupts a read: the thread ends with the program
    Thread(target=_read, args=(source, lambda line: _put(loop, read, line)), name="taps", daemon=True).start()
    while line := await read.get():
        if line.strip():
            try:
                yield _tap(line, offer, now(), lines)
            except LineUnreadable as fault:
                yield fault


async def laid_down(
    reader: str,
    masters: Callable[[], Masters | None],
    offer: Offer,
    now: Callable[[], datetime],
    *,
    serve: bool = False,
) -> AsyncIterator[Laid | Fault]:
    """A tap for each card that is laid on the reader; a card or reader that fails is told.

    `masters` as they are held at that moment; `serve`: where they do not know a card, the service is to talk to it. The
    card is held until the next tap is asked for.
    """
    seen: asyncio.Queue[Seen | ReaderError] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    events = -1
    with Monitor(lambda news: _put(loop, seen, news)):
        while True:
            news = await seen.get()
            if isinstance(news, ReaderError):
                yield news
                continue
            slot = next((slot for slot in news if slot.reader == reader), None)
            if slot is None or not slot.present or slot.events == events:
                continue
            events = slot.events
            try:
                with await asyncio.to_thread(pcsc.connect, reader) as connection:
                    card = await asyncio.to_thread(look, connection.transmit, masters(), serve=serve)
                    yield Laid(offer.tap(card.shown, now()), card)
            except CardsError as fault:
                yield fault


def _tap(line: bytes, offer: Offer, at: datetime, lines: Lines) -> Tap:
    try:
        text = line.decode().strip()
        return _tap_of(json.loads(text), offer, at) if lines is Lines.TAPS else offer.tap(text, at)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise LineUnreadable(type(error).__name__) from error


def _tap_of(said: dict[str, Any], offer: Offer, at: datetime) -> Tap:
    """The tap that a line of JSON says; raises ValueError, KeyError or TypeError for anything else."""
    token, place = said["token"], said.get("place", offer.place)
    gross, product = str(said.get("gross", offer.gross)), said.get("product", offer.product)
    companions = int(said.get("companions", offer.companions))
    if not isinstance(token, str | None) or not (place is None or re.fullmatch(_PLACE, place)):
        raise ValueError
    if not (re.fullmatch(GROSS, gross) and re.fullmatch(_PRODUCT, product) and 0 <= companions <= _MOST_COMPANIONS):
        raise ValueError
    return Tap(token, at, Decimal(gross), place, product, companions)


def _read(source: int, put: Callable[[bytes], None]) -> None:
    """Puts every line, and an empty one at the end."""
    rest = b""
    # not by a buffered file: its lock would not let the program end while a thread waits in it
    while chunk := os.read(source, LONGEST_LINE):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            put(line + b"\n")
        rest = rest[:LONGEST_LINE]
    if rest:
        put(rest)
    put(b"")


def _put(loop: asyncio.AbstractEventLoop, queue: "asyncio.Queue[Item]", item: Item) -> None:
    # the program may be ending while a thread still reads
    if not loop.is_closed():
        loop.call_soon_threadsafe(queue.put_nowait, item)

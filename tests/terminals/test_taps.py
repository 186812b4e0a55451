"""Where taps come from: lines, and cards on a real reader."""

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from cards.errors import ForeignCard
from cards.pcsc import GET_UID
from cards.simcard import VirtualCard
from terminals.message import CardShown, Tap
from terminals.taps import Fault, Laid, Lines, Offer, laid_down, typed
from tests.cards.profile.table import CONTENT, UID
from tests.pcscd import Reader
from tests.terminals.test_card import made, masters

__all__ = ["masters"]
NOW = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)
OFFER = Offer(Decimal("0.85"), place="bus-1")


async def read_all(*chunks: bytes, lines: Lines = Lines.TAPS) -> list[Tap | Fault]:
    """The taps in what is written to a pipe piece by piece."""
    read, write = os.pipe()
    for chunk in chunks:
        os.write(write, chunk)
    os.close(write)
    found = [item async for item in typed(read, OFFER, lambda: NOW, lines)]
    os.close(read)
    return found


async def test_a_scanner_types_texts_and_cannot_name_a_price() -> None:
    first, second = await read_all(b"AM1:A", b'BC\n\n  \n{"token":"AM1:X","gross":"0.01"}\n', lines=Lines.TEXTS)
    assert first == Tap("AM1:ABC", NOW, Decimal("0.85"), "bus-1")
    assert second == Tap('{"token":"AM1:X","gross":"0.01"}', NOW, Decimal("0.85"), "bus-1")


async def test_a_till_says_the_whole_tap() -> None:
    whole = b'{"token":"AM1:X","gross":"2.10","product":"day","place":"bus-2","companions":1}'
    first, second = await read_all(whole, b'\n{"token":null}')
    assert first == Tap("AM1:X", NOW, Decimal("2.10"), "bus-2", "day", 1)
    assert second == Tap(None, NOW, Decimal("0.85"), "bus-1")


@pytest.mark.parametrize(
    "line",
    [
        b"\xff\xfe",
        b"{",
        b"{}",
        b'{"token":"x","gross":"much"}',
        b'{"token":"x","gross":"NaN"}',
        b'{"token":"x","gross":-1}',
        b'{"token":"x","gross":"1e999999"}',
        b'{"token":"x","companions":"two"}',
        b'{"token":"x","companions":-3}',
        b'{"token":"x","place":["a"]}',
        b'{"token":"x","place":"\\ud800"}',
        b'{"token":"x","product":null}',
        b'{"token":{}}',
        b'{"token":' + b"[" * 40_000,
    ],
)
async def test_a_line_that_is_no_tap_is_told_and_the_next_is_read(line: bytes) -> None:
    fault, tap = await read_all(line + b'\n{"token":"AM1:ABC"}\n')
    assert isinstance(fault, Exception)
    assert fault.code == "terminal.line_unreadable"
    assert isinstance(tap, Tap)


async def test_a_card_laid_down_is_a_tap_each_time(reader: Reader, masters) -> None:  # type: ignore[no-untyped-def]
    reader.put(made(masters))
    taps = laid_down(reader.name, lambda: None, OFFER, lambda: NOW)
    laid = await _next(taps)
    assert isinstance(laid, Laid)
    assert laid.tap == OFFER.tap(CardShown(UID, CONTENT.credential, 0), NOW)
    # it is held until the next one is asked for
    assert laid.card.transmit(GET_UID) == UID + b"\x90\x00"
    reader.remove()
    reader.insert(VirtualCard(UID))
    assert isinstance(await _next(taps), ForeignCard)
    await taps.aclose()  # type: ignore[attr-defined]


async def _next(taps: AsyncIterator[Laid | Fault]) -> Laid | Fault:
    async with asyncio.timeout(10):
        return await anext(taps)

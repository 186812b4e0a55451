"""The work of a desk on several readers at once, and what other programs on the same computer do to it."""

import asyncio
from threading import Event

import pytest

from cards.desk.message import Begin, Commands
from cards.desk.work import Work
from cards.errors import CardGone, CardReset, ReaderBusy, ReaderError
from tests.cards.chips import HELLO, UID, Echo


class Slow:
    """A connection that takes as long to close as a test wants."""

    def __init__(self, may_close: Event) -> None:
        self.may_close = may_close
        self.transmit = Echo().process

    def uid(self) -> bytes:
        return UID

    def close(self) -> None:
        assert self.may_close.wait(10)


class Disturbed:
    """A reader whose first connections fail."""

    def __init__(self, *faults: ReaderError) -> None:
        self.faults = list(faults)

    def __call__(self, reader: str) -> Slow:
        if self.faults:
            raise self.faults.pop(0)
        free = Event()
        free.set()
        return Slow(free)


async def test_an_operation_on_one_reader_begins_while_a_card_leaves_the_other() -> None:
    may_close = Event()
    work = Work(lambda _: Slow(may_close))
    await work.begin(Begin("first", "A", "verify"))
    leaving = asyncio.create_task(work.gone("A", CardGone()))
    await asyncio.sleep(0)
    await work.begin(Begin("second", "B", "verify"))
    may_close.set()
    await leaving
    ended = await work.relay(Commands("first", 1, (HELLO,), (None,)))
    going = await work.relay(Commands("second", 1, (HELLO,), (None,)))
    assert (ended.pcsc_error, going.pcsc_error) == ("card_gone", None)


@pytest.mark.parametrize("fault", [ReaderBusy, CardReset])
async def test_a_card_that_another_program_looks_at_first_is_asked_again(fault: type[ReaderError]) -> None:
    assert await Work(Disturbed(fault(), fault()), pauses=(0, 0)).uid("A") == UID


async def test_a_card_that_stays_busy_or_is_gone_tells_no_number() -> None:
    busy = Disturbed(ReaderBusy(), ReaderBusy(), ReaderBusy())
    assert await Work(busy, pauses=(0, 0)).uid("A") == b""
    gone = Disturbed(CardGone())
    assert await Work(gone, pauses=(0, 0)).uid("A") == b""
    assert (busy.faults, gone.faults) == ([], [])

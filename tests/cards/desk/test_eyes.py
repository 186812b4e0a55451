"""What a desk tells when readers come and go, and what becomes of the work on them."""

from cards.desk.eyes import Eyes, News
from cards.desk.message import Begin, Card, Commands, Hello
from cards.desk.work import Work
from cards.errors import ServiceGone
from cards.pcsc_monitor import Slot
from tests.cards.chips import HELLO, UID, Echo

ATR = b"\x3b\x80"
EMPTY = Slot("A", False, b"", 0)
THERE = Slot("A", True, ATR, 1)


class InMemory:
    """A connection with a card that needs no reader."""

    def __init__(self, reader: str) -> None:
        self.transmit = Echo().process

    def uid(self) -> bytes:
        return UID

    def close(self) -> None:
        """Nothing is held."""


class Desk:
    """Eyes over work in memory, and all that they told."""

    def __init__(self) -> None:
        self.work = Work(InMemory)
        self.eyes = Eyes("agent", "", self.work)
        self.told: list[News] = []

    async def tell(self, news: News) -> None:
        self.told.append(news)

    async def error(self) -> str | None:
        """How a list of the operation ends now."""
        return (await self.work.relay(Commands("op", 1, (HELLO,), (None,)))).pcsc_error


async def test_a_service_that_comes_late_is_told_how_it_is() -> None:
    desk = Desk()
    await desk.eyes.see((THERE,))
    await desk.eyes.greet(desk.tell)
    assert desk.told == [Hello("agent", ("A",)), Card("A", ATR, UID, True)]


async def test_a_card_put_back_between_two_looks_is_a_new_one() -> None:
    desk = Desk()
    await desk.eyes.see((THERE,))
    await desk.eyes.greet(desk.tell)
    await desk.work.begin(Begin("op", "A", "verify"))
    assert await desk.error() is None
    await desk.eyes.see((Slot("A", True, ATR, 3),))
    assert desk.told[-1] == Card("A", ATR, UID, True)
    assert await desk.error() == "card_gone"


async def test_what_did_not_change_is_not_told_again() -> None:
    desk = Desk()
    await desk.eyes.greet(desk.tell)
    await desk.eyes.see((EMPTY,))
    told = list(desk.told)
    await desk.eyes.see((EMPTY,))
    assert desk.told == told == [Hello("agent", ()), Hello("agent", ("A",))]


async def test_work_on_a_reader_that_is_unplugged_ends_and_its_return_is_told() -> None:
    desk = Desk()
    await desk.eyes.see((THERE,))
    await desk.eyes.greet(desk.tell)
    await desk.work.begin(Begin("op", "A", "verify"))
    await desk.eyes.see(())
    assert desk.told[-1] == Hello("agent", ())
    assert await desk.error() == "reader_gone"
    await desk.eyes.see((THERE,))
    assert desk.told[-2:] == [Hello("agent", ("A",)), Card("A", ATR, UID, True)]


async def test_without_the_reader_service_everything_stops() -> None:
    desk = Desk()
    await desk.eyes.see((THERE,))
    await desk.work.begin(Begin("op", "A", "verify"))
    await desk.eyes.see(ServiceGone())
    await desk.eyes.greet(desk.tell)
    assert desk.told == [Hello("agent", (), "", "reader_service_gone")]
    assert await desk.error() == "reader_service_gone"

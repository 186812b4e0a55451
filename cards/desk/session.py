"""One connection of a desk with the service, from the greeting to its end."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from cards.desk import message as desk_message
from cards.desk.eyes import Eyes
from cards.desk.message import Begin, Commands, End, FromDesk, FromService, Print
from cards.desk.printer import Printer
from cards.desk.work import Work
from cards.errors import DeskMessageUnreadable

Say = Callable[[str], None]
_GOING_AWAY, _UNACCEPTABLE = 1001, 1003
"""Close codes, RFC 6455 section 7.4.1."""


class Session:
    """Does what the service asks, one message after the other; printing goes on beside."""

    def __init__(self, socket: ClientConnection, work: Work, printer: Printer, say: Say) -> None:
        self._socket = socket
        self._work = work
        self._printer = printer
        self._say = say
        self._printing: set[asyncio.Task[None]] = set()

    async def serve(self, eyes: Eyes) -> None:
        """Works until the service ends the connection.

        Raises:
            ConnectionClosed
            DeskMessageUnreadable
        """
        try:
            await eyes.greet(self.tell)
            while True:
                await self._take(desk_message.read_from_service(await self._socket.recv()))
        except asyncio.CancelledError:
            await self._socket.close(_GOING_AWAY)
            raise
        except DeskMessageUnreadable:
            await self._socket.close(_UNACCEPTABLE)
            raise
        finally:
            eyes.tell = None
            for task in self._printing:
                task.cancel()
            await self._work.end_all()

    async def tell(self, message: FromDesk) -> None:
        """Sends a message; one that comes too late is lost, and told again in the next connection."""
        with suppress(ConnectionClosed):
            await self._socket.send(desk_message.write(message))

    async def _take(self, message: FromService) -> None:
        match message:
            case Begin():
                self._say(f"{message.kind} on {message.reader}")
                await self._work.begin(message)
            case Commands():
                await self.tell(await self._work.relay(message))
            case End():
                self._say(f"{message.outcome} {message.message}".rstrip())
                await self._work.end(message.op)
            case Print():
                task = asyncio.create_task(self._print(message))
                self._printing.add(task)
                task.add_done_callback(self._printing.discard)

    async def _print(self, job: Print) -> None:
        printed = await self._printer.print(job)
        self._say(f"not printed: {printed.error}" if printed.error else "printed")
        await self.tell(printed)

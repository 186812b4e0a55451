"""The desk's program: dials out, tells what lies on its readers, relays what the service sends to a card.

It holds no keys of cards. Whatever ends the connection, it dials again; only a service that no longer takes its
credential ends it.
"""

import asyncio
from collections.abc import Sequence
from importlib.metadata import version

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from cards import pcsc
from cards.bearer import Bearer
from cards.desk import message as desk_message
from cards.desk.eyes import Eyes
from cards.desk.printer import Printer
from cards.desk.session import Say, Session
from cards.desk.virtual import VirtualReader
from cards.desk.work import Work
from cards.errors import DeskMessageUnreadable, DeskTakenOver, PairingRefused, ReaderError, ServiceUnreachable
from cards.pcsc_monitor import Monitor, Seen

PATH = "/desk/v1/connect"
PAUSES = (0.5, 1.0, 2.0, 5.0, 10.0)
"""Seconds before the service is dialled again."""
_NOT_LET_IN = (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN)
_POLICY, _REVOKED, _NO_DESK, _TAKEN_OVER = 1008, 4403, 4404, 4409
"""Close codes of the service: RFC 6455 section 7.4.1, and its own."""


class Agent:
    """One paired desk at work; `run` ends only with an error."""

    def __init__(
        self,
        url: str,
        bearer: Bearer,
        *,
        printer: str = "",
        say: Say = lambda _: None,
        pauses: Sequence[float] = PAUSES,
        virtual: VirtualReader | None = None,
    ) -> None:
        """`url` is the service's address, `printer` a queue of CUPS, `say` is told what happens, in English.

        `virtual` stands in for the readers of PC/SC.
        """
        self._address = url.replace("http", "ws", 1) + PATH
        self._bearer = bearer
        self._say = say
        self._pauses = pauses
        self._monitor = virtual.monitor if virtual else Monitor
        self._work = Work(virtual.connect if virtual else pcsc.connect)
        self._printer = Printer(printer)
        self._eyes = Eyes(f"amis-desk {version('amis-concessions')}", printer, self._work)
        self._refusals = 0
        self._failures = 0

    async def run(self) -> None:
        """Works until cancelled.

        Raises:
            PairingRefused: the desk was revoked, is not approved yet, or is no desk.
            DeskTakenOver
            ReaderSoftwareMissing
        """
        if self._monitor is Monitor:
            pcsc.software()
        seen: asyncio.Queue[Seen | ReaderError] = asyncio.Queue()
        loop = asyncio.get_running_loop()

        def see(news: Seen | ReaderError) -> None:
            loop.call_soon_threadsafe(seen.put_nowait, news)

        with self._monitor(see):
            tasks = (asyncio.create_task(self._watch(seen)), asyncio.create_task(self._dial_on()))
            try:
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                done.pop().result()
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _watch(self, seen: "asyncio.Queue[Seen | ReaderError]") -> None:
        while True:
            await self._eyes.see(await seen.get())

    async def _dial_on(self) -> None:
        while True:
            await self._dial()
            await asyncio.sleep(self._pauses[min(self._failures, len(self._pauses)) - 1])

    async def _dial(self) -> None:
        """One connection, from its beginning to its end."""
        self._failures += 1
        try:
            headers = await self._bearer.headers()
            size = desk_message.MOST_CHARACTERS
            async with connect(self._address, additional_headers=headers, max_size=size, close_timeout=2) as socket:
                self._failures, self._refusals = 1, 0
                self._say("connected")
                await Session(socket, self._work, self._printer, self._say).serve(self._eyes)
        except InvalidStatus as error:
            self._refused(error.response.status_code)
        except ConnectionClosed as error:
            self._closed(error)
        except DeskMessageUnreadable as error:
            self._say(f"{error} Is this program as new as the service?")
        except (ServiceUnreachable, InvalidHandshake, OSError) as error:
            self._say(f"no connection with the service: {error}")

    def _refused(self, status: int) -> None:
        """A bearer may have run out or been withdrawn: one with a new one settles it."""
        self._say(f"the service answers {status}")
        if status in _NOT_LET_IN:
            self._bearer.forget()
            self._refusals += 1
            if self._refusals > 1:
                raise PairingRefused(f"{status}: this machine may not work as a desk")

    def _closed(self, error: ConnectionClosed) -> None:
        code, reason = (error.rcvd.code, error.rcvd.reason) if error.rcvd else (1006, "")
        self._say(f"the connection has ended: {code} {reason}".rstrip())
        if code == _TAKEN_OVER:
            raise DeskTakenOver from error
        if code == _NO_DESK:
            raise PairingRefused(reason) from error
        if code in (_POLICY, _REVOKED):
            self._bearer.forget()

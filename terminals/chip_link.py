"""Cards whose keys only the service has: it talks to the chip itself, over a WebSocket that stays open between taps."""

import asyncio
import json

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from cards.desk import message
from cards.desk.relay import relayed
from cards.errors import CardGone, DeskMessageUnreadable
from terminals.chip_card import Transmit
from terminals.chip_message import MOST_CHARACTERS, PATH, TAP, Ask, Told, read_from_service
from terminals.errors import AnswerUnreadable, Refused, Unreachable
from terminals.link import Link
from terminals.message import Answer, read_answer

_NOT_READ = "card_not_read"
_OK, _UNAUTHORIZED, _BUSY, _FAILED = 200, 401, 429, 500


class ChipLink:
    """A terminal's way for its cards to the service; one request at a time."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._turn = asyncio.Lock()
        self._socket: ClientConnection | None = None

    async def tap(self, body: bytes, card: Transmit) -> Answer:
        """The service's decision about a tap (`Tap.body` of a card of tier 3) while the card lies here.

        Raises:
            CardGone: nothing was recorded; hold the same card still and ask again.
            Unreachable: the same request may be sent again.
            Refused, Revoked, AnswerUnreadable
        """
        return read_answer(await self.ask(TAP, body, card))

    async def ask(self, what: str, body: bytes, card: Transmit) -> bytes:
        """The answer to a request about a card that lies here; raises as `tap`."""
        async with self._turn:
            told = await self._told(Ask(what, body.decode()), card)
            if told is None or told.status == _UNAUTHORIZED:
                # the service has ended the connection since the last request, or the bearer has run out
                if told is not None:
                    self._link.forget()
                await self.close()
                told = await self._told(Ask(what, body.decode()), card)
        if told is None:
            raise Unreachable("the connection has ended")
        return _content(told)

    async def close(self) -> None:
        """Ends the connection; the next request makes a new one."""
        socket, self._socket = self._socket, None
        if socket is not None:
            await socket.close()

    async def _told(self, ask: Ask, card: Transmit) -> Told | None:
        """What the service answers; None where the connection has ended."""
        # until it is answered, what comes over the socket is about this request
        socket, self._socket = self._socket or await self._link.dial(PATH, MOST_CHARACTERS), None
        try:
            await socket.send(message.write(ask))
            told = await _served(socket, card)
        except ConnectionClosed:
            return None
        except BaseException:
            await socket.close()
            raise
        self._socket = socket
        return told


async def _served(socket: ClientConnection, card: Transmit) -> Told:
    """Relays lists of commands to the card until the answer comes."""
    while True:
        try:
            said = read_from_service(await socket.recv())
        except DeskMessageUnreadable as error:
            raise AnswerUnreadable(error.detail) from error
        if isinstance(said, Told):
            return said
        answers, _ = await asyncio.to_thread(relayed, said, card)
        await socket.send(message.write(answers))


def _content(told: Told) -> bytes:
    if told.status == _OK:
        return told.body.encode()
    if told.status == _BUSY or told.status >= _FAILED:
        raise Unreachable(str(told.status))
    if _code(told.body) == _NOT_READ:
        raise CardGone(told.body)
    raise Refused(f"{told.status} {told.body}")


def _code(body: str) -> str:
    try:
        said = json.loads(body)
    except ValueError:
        return ""
    return str(said.get("code", "")) if isinstance(said, dict) else ""

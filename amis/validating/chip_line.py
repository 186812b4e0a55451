"""A terminal's WebSocket as the service sees it: what it asks for, and the card that lies there."""

import asyncio
from collections.abc import Sequence

from starlette.websockets import WebSocket, WebSocketDisconnect

from cards.desfire.procedure import Step
from cards.desk import message
from cards.desk.relay import Exchange, LineGone, Relay
from cards.errors import DeskMessageUnreadable
from terminals.chip_message import Ask, ToTerminal, read_from_terminal

PATIENCE = 5.0
"""Seconds in which a terminal answers a list; a card takes less than half of one."""
_MOST_WAITING = 4


class ChipLine:
    """The messages of one WebSocket; `listen` must be running for anything to come."""

    def __init__(self, socket: WebSocket) -> None:
        self.card = Relay(self.say, PATIENCE)
        self._socket = socket
        self._asked: asyncio.Queue[Ask] = asyncio.Queue(_MOST_WAITING)

    async def say(self, said: ToTerminal) -> None:
        """Sends a message.

        Raises:
            LineGone
        """
        try:
            await self._socket.send_text(message.write(said))
        except (WebSocketDisconnect, RuntimeError) as error:
            # Starlette refuses to send on a closed socket with a RuntimeError
            raise LineGone from error

    def exchange(self, op: str) -> Exchange:
        """Sends lists of one operation to the card; raises as `Relay.exchange`."""

        async def send(steps: Sequence[Step]) -> list[bytes]:
            return await self.card.exchange(op, steps)

        return send

    async def asked(self) -> Ask:
        """What the terminal asks for next."""
        return await self._asked.get()

    async def listen(self) -> None:
        """Takes what the terminal says, until it goes.

        Raises:
            DeskMessageUnreadable: it does not speak this language, or asks without waiting for answers.
        """
        try:
            while (heard := await self._socket.receive())["type"] == "websocket.receive":
                self._take(heard.get("text") or heard.get("bytes") or "")
        finally:
            self.card.break_off()

    def _take(self, text: str | bytes) -> None:
        said = read_from_terminal(text)
        if not isinstance(said, Ask):
            self.card.take(said)
        elif self._asked.full():
            raise DeskMessageUnreadable("too many at once")
        else:
            self._asked.put_nowait(said)

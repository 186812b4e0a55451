"""One connected desk as the service sees it: its readers, the cards on them, and lists of commands that it relays."""

import asyncio
from collections.abc import Sequence

from starlette.websockets import WebSocket, WebSocketDisconnect

from cards.desfire.procedure import Step
from cards.desk import message as desk_message
from cards.desk.message import Card, FromService, Hello, Printed, Responses
from cards.desk.relay import LineGone, Relay

PATIENCE = 20.0
"""Seconds in which a desk answers a list; a whole card takes less than two."""


class DeskLine:
    """The messages of one WebSocket; `listen` must be running for `exchange` to be answered."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._relay = Relay(self.say, PATIENCE)
        self.hello: Hello | None = None
        self.cards: dict[str, Card] = {}
        self.printed: list[Printed] = []
        self.news = asyncio.Event()
        self.changes = 0

    async def say(self, message: FromService) -> None:
        """Sends a message.

        Raises:
            LineGone
        """
        try:
            await self._socket.send_text(desk_message.write(message))
        except (WebSocketDisconnect, RuntimeError) as error:
            # Starlette refuses to send on a closed socket with a RuntimeError
            raise LineGone from error

    async def listen(self) -> None:
        """Takes what the desk says, until it goes.

        Raises:
            DeskMessageUnreadable: it does not speak this language.
        """
        try:
            while (heard := await self._socket.receive())["type"] == "websocket.receive":
                self._take(desk_message.read_from_desk(heard.get("text") or heard.get("bytes") or ""))
        finally:
            self._relay.break_off()

    def _take(self, message: desk_message.FromDesk) -> None:
        match message:
            case Responses():
                self._relay.take(message)
                return
            case Hello():
                self.hello = message
                self.cards = {name: card for name, card in self.cards.items() if name in message.readers}
            case Card():
                self.cards[message.reader] = message
            case Printed():
                self.printed.append(message)
        self.changes += 1
        self.news.set()

    def card(self, uid: bytes | None) -> Card | None:
        """A card that lies on a reader: the one with this UID, or without one the first."""
        there = (card for card in self.cards.values() if card.present)
        return next((card for card in there if uid is None or card.uid == uid), None)

    async def exchange(self, op: str, steps: Sequence[Step]) -> list[bytes]:
        """The card's answers to one list of an operation that was begun.

        Raises:
            ReaderError: as the desk names it (CardGone, ReaderGone...); with answers that do not fit the list, too.
            LineGone
        """
        return await self._relay.exchange(op, steps)

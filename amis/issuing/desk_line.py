"""One connected desk as the service sees it: its readers, the cards on them, and lists of commands that it relays."""

import asyncio
from collections.abc import Sequence

from starlette.websockets import WebSocket, WebSocketDisconnect

from cards.desfire.procedure import Step
from cards.desk import message as desk_message
from cards.desk.message import Card, Commands, FromService, Hello, Printed, Responses
from cards.errors import ReaderError

PATIENCE = 20.0
"""Seconds in which a desk answers a list; a whole card takes less than two."""


class DeskGone(Exception):
    """The desk's connection is over, or it no longer answers."""


class DeskLine:
    """The messages of one WebSocket; `listen` must be running for `exchange` to be answered."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._seq = 0
        self._awaited: tuple[str, int, asyncio.Future[Responses]] | None = None
        self.hello: Hello | None = None
        self.cards: dict[str, Card] = {}
        self.printed: list[Printed] = []
        self.news = asyncio.Event()
        self.changes = 0

    async def say(self, message: FromService) -> None:
        """Sends a message.

        Raises:
            DeskGone
        """
        try:
            await self._socket.send_text(desk_message.write(message))
        except (WebSocketDisconnect, RuntimeError) as error:
            # Starlette refuses to send on a closed socket with a RuntimeError
            raise DeskGone from error

    async def listen(self) -> None:
        """Takes what the desk says, until it goes.

        Raises:
            DeskMessageUnreadable: it does not speak this language.
        """
        try:
            while (heard := await self._socket.receive())["type"] == "websocket.receive":
                self._take(desk_message.read_from_desk(heard.get("text") or heard.get("bytes") or ""))
        finally:
            if self._awaited and not self._awaited[2].done():
                self._awaited[2].set_exception(DeskGone())

    def _take(self, message: desk_message.FromDesk) -> None:
        match message:
            case Responses():
                self._answered(message)
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

    def _answered(self, message: Responses) -> None:
        """Hands an answer to who waits for it; a late one to an earlier list is nobody's."""
        if self._awaited and self._awaited[:2] == (message.op, message.seq) and not self._awaited[2].done():
            self._awaited[2].set_result(message)

    def card(self, uid: bytes | None) -> Card | None:
        """A card that lies on a reader: the one with this UID, or without one the first."""
        there = (card for card in self.cards.values() if card.present)
        return next((card for card in there if uid is None or card.uid == uid), None)

    async def exchange(self, op: str, steps: Sequence[Step]) -> list[bytes]:
        """The card's answers to one list of an operation that was begun.

        Raises:
            ReaderError: as the desk names it (CardGone, ReaderGone...); with answers that do not fit the list, too.
            DeskGone
        """
        self._seq += 1
        answer: asyncio.Future[Responses] = asyncio.get_running_loop().create_future()
        self._awaited = op, self._seq, answer
        await self.say(_commands(op, self._seq, steps))
        try:
            given = await asyncio.wait_for(answer, PATIENCE)
        except TimeoutError:
            raise DeskGone from None
        given.raise_error()
        return _checked(given, steps)


def _commands(op: str, seq: int, steps: Sequence[Step]) -> Commands:
    return Commands(op, seq, tuple(step.apdu for step in steps), tuple(step.expect for step in steps))


def _checked(given: Responses, steps: Sequence[Step]) -> list[bytes]:
    """The answers, if they stop where a list may stop: a procedure relies on it."""
    answers = list(given.r)
    pairs = list(zip(answers, steps, strict=False))
    kept = [step.expect is None or answer.startswith(step.expect) for answer, step in pairs]
    if not answers or len(answers) > len(steps) or not all(kept[:-1]) or (kept[-1] and len(answers) < len(steps)):
        raise ReaderError("the desk's answers do not fit the list")
    return answers

"""The other end of a desk's connection: a paired desk with a virtual card in memory, and what may happen to both."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from time import monotonic
from types import TracebackType
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec
from fastapi import FastAPI
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from amis.issuing import desk_api, desk_socket, desk_store
from amis.issuing.card_models import CardOperation
from amis.kernel.db import Transaction
from amis.staff import machine_service
from amis.staff.guard import protect
from amis.staff.models import MachineToken
from amis.staff.store import digest
from amis.web.faults import answer_faults
from cards.desk import message as desk_message
from cards.desk.message import Begin, Card, Commands, End, FromService, Hello, Print, Printed
from cards.desk.work import Work
from cards.errors import CardGone, ReaderGone
from cards.jwk import jwk
from cards.simcard.card import ATR, VirtualCard
from tests.browser import serving
from tests.issuing.town import acting

READER = "ACS ACR1252 0"


def doors() -> FastAPI:
    """What a desk's program reaches, behind the guard."""
    app = FastAPI(openapi_url=None)
    app.include_router(desk_api.router)
    app.include_router(desk_socket.router)
    answer_faults(app)
    protect(app)
    return app


async def bearer_of(desk_id: UUID) -> str:
    """A bearer of the desk, which is paired and approved now."""
    code = await acting(lambda tx: machine_service.pairing_code(tx, desk_id))
    key = jwk(ec.generate_private_key(ec.SECP256R1()).public_key())
    pairing = (await acting(lambda tx: machine_service.use_code(tx, code, key))).pairing
    await acting(lambda tx: machine_service.approve(tx, desk_id))
    text = f"bearer-{desk_id}-{pairing}"

    async def give(tx: Transaction) -> None:
        named = {"machine_id": desk_id, "pairing": pairing, "municipality_id": tx.municipality_id}
        ends = tx.at + timedelta(minutes=15)
        tx.session.add(MachineToken(hash=digest(text), created_at=tx.at, expires_at=ends, **named))

    await acting(give)
    return text


class OnReader:
    """A card as PC/SC gives it to a program."""

    def __init__(self, card: VirtualCard) -> None:
        self._card = card

    def transmit(self, apdu: bytes) -> bytes:
        return self._card.process(apdu)

    def uid(self) -> bytes:
        return self._card.uid

    def close(self) -> None:
        return

    def __enter__(self) -> "OnReader":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        return


class DeskSide:
    """A connected desk: `heard` is all that the service said, `lists` how many lists went to the card."""

    def __init__(self, socket: ClientConnection, round_trip: float) -> None:
        self.socket = socket
        self.heard: list[FromService] = []
        self.lists = 0
        self.print_error: str | None = None
        self._round_trip = round_trip
        self._card: VirtualCard | None = None
        self._work = Work(self._connect)

    def _connect(self, reader: str) -> OnReader:
        if reader != READER:
            raise ReaderGone
        if self._card is None:
            raise CardGone
        return OnReader(self._card)

    async def hello(self, *readers: str, problem: str | None = None) -> None:
        await self._tell(Hello("test-desk", readers, "cards", problem))

    @property
    def holds_a_card(self) -> bool:
        """Whether one lies on the reader."""
        return self._card is not None

    async def put(self, card: VirtualCard) -> None:
        """The card lies on the reader and has power."""
        card.power_on()
        self._card = card
        await self._tell(Card(READER, ATR, card.uid, True))

    async def take(self) -> None:
        """The reader is empty."""
        if self._card is not None:
            self._card.power_off()
            self._card = None
        await self._work.gone(READER, CardGone())
        await self._tell(Card(READER, b"", b"", False))

    async def serve(self) -> None:
        """Answers until the connection ends."""
        with suppress(ConnectionClosed):
            while True:
                await self._take(desk_message.read_from_service(await self.socket.recv()))

    async def _take(self, message: FromService) -> None:
        self.heard.append(message)
        match message:
            case Begin():
                await self._work.begin(message)
            case Commands():
                self.lists += 1
                await asyncio.sleep(self._round_trip)
                answer = await self._work.relay(message)
                await self._tell(answer)
                if answer.pcsc_error:
                    await self.take()
            case End():
                await self._work.end(message.op)
            case Print():
                await self._tell(Printed(message.job, self.print_error))

    async def _tell(self, message: desk_message.FromDesk) -> None:
        await self.socket.send(desk_message.write(message))


@asynccontextmanager
async def connected(
    address: str, bearer: str, *, round_trip: float = 0.0, reader: bool = True
) -> AsyncIterator[DeskSide]:
    """A desk that has dialled in, with an empty reader."""
    url = address.replace("http", "ws", 1) + "/desk/v1/connect"
    async with connect(url, additional_headers={"authorization": f"Bearer {bearer}"}, max_size=None) as socket:
        side = DeskSide(socket, round_trip)
        serving_card = asyncio.create_task(side.serve())
        if reader:
            await side.hello(READER)
        try:
            yield side
        finally:
            serving_card.cancel()
            await asyncio.gather(serving_card, return_exceptions=True)


async def row(operation: CardOperation) -> CardOperation:
    """The work as it stands."""
    return await acting(lambda tx: desk_store.get_operation(tx, operation.id))


async def until(happens: Callable[[], Awaitable[bool]], seconds: float = 8) -> None:
    """Waits for it."""
    end = monotonic() + seconds
    while not await happens():
        assert monotonic() < end, "it does not happen"
        await asyncio.sleep(0.02)


async def reaches(operation: CardOperation, *states: str, message: str = "") -> CardOperation:
    """Waits until the work is in one of the states, with the message where one is named."""

    async def stands() -> bool:
        found = await row(operation)
        assert found.state not in {"done", "failed"} - {*states}, (found.state, found.message, found.detail)
        return found.state in states and message in ("", found.message)

    await until(stands)
    return await row(operation)


@asynccontextmanager
async def desk_service() -> AsyncIterator[str]:
    """The doors on a port."""
    async with serving(doors()) as address:
        yield address

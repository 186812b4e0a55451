"""The terminal's end of the wire: what it lets pass to a card, and what it makes of answers that are none."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from websockets.asyncio.server import ServerConnection, serve

from cards.bearer import Pairing
from cards.desk import message
from cards.desk.message import Commands, Responses
from cards.errors import CardGone
from terminals.chip_link import ChipLink
from terminals.chip_message import Ask, Told, read_from_terminal
from terminals.errors import AnswerUnreadable, Refused, Unreachable
from terminals.link import Link

Service = Callable[[ServerConnection], Awaitable[None]]
GET_VERSION, SET_CONFIGURATION = bytes.fromhex("9060000000"), bytes.fromhex("905c00000100" + "00")


@asynccontextmanager
async def chips(service: Service) -> AsyncIterator[ChipLink]:
    """The terminal's way to a service that does this."""
    async with serve(service, "127.0.0.1", 0) as server, httpx.AsyncClient() as http:
        port = next(iter(server.sockets)).getsockname()[1]
        link = Link(Pairing(f"http://127.0.0.1:{port}", "m", 1, "f"), ec.generate_private_key(ec.SECP256R1()), http)
        link._bearer._text, link._bearer._ends = "bearer", datetime(2100, 1, 1, tzinfo=UTC)
        made = ChipLink(link)
        yield made
        await made.close()


def telling(*told: Told) -> Service:
    left = list(told)

    async def service(socket: ServerConnection) -> None:
        async for _ in socket:
            await socket.send(message.write(left.pop(0)))

    return service


def card(apdu: bytes) -> bytes:
    return b"\x91\x00" if apdu == GET_VERSION else b"\x91\x1c"


async def test_lists_go_to_the_card_and_their_answers_back() -> None:
    heard: list[object] = []

    async def service(socket: ServerConnection) -> None:
        heard.append(read_from_terminal(await socket.recv()))
        for cmds in ((GET_VERSION, GET_VERSION), (SET_CONFIGURATION,)):
            await socket.send(message.write(Commands("op", len(heard), cmds, (b"\x91\x00",) * len(cmds))))
            heard.append(read_from_terminal(await socket.recv()))
        await socket.send(message.write(Told(200, "done")))

    async with chips(service) as link:
        assert await link.ask("tap", b"body", card) == b"done"
    assert heard[0] == Ask("tap", "body")
    assert heard[1] == Responses("op", 1, (b"\x91\x00", b"\x91\x00"))
    # the card never sees what is not allowed
    assert heard[2] == Responses("op", 2, (), pcsc_error="instruction_refused")


@pytest.mark.parametrize(
    ("told", "error"),
    [
        (Told(503, "{}"), Unreachable),
        (Told(429, "{}"), Unreachable),
        (Told(409, '{"code":"card_not_read"}'), CardGone),
        (Told(409, '{"code":"nothing_left"}'), Refused),
        (Told(422, "no json"), Refused),
        (Told(422, "[]"), Refused),
        (Told(200, "{}"), AnswerUnreadable),
    ],
)
async def test_each_refusal_is_told_apart(told: Told, error: type[Exception]) -> None:
    async with chips(telling(told)) as link:
        with pytest.raises(error):
            await link.tap(b"body", card)


async def test_a_service_that_speaks_otherwise_or_goes_is_left_and_dialled_anew() -> None:
    async def babbling(socket: ServerConnection) -> None:
        await socket.recv()
        await socket.send("{}")
        await socket.wait_closed()

    async def going(socket: ServerConnection) -> None:
        await socket.recv()

    async with chips(babbling) as link:
        with pytest.raises(AnswerUnreadable):
            await link.tap(b"body", card)
        assert link._socket is None
    async with chips(going) as link:
        with pytest.raises(Unreachable):
            await link.tap(b"body", card)


async def test_a_request_that_was_given_up_leaves_no_answer_behind_for_the_next() -> None:
    async def slow(socket: ServerConnection) -> None:
        async for asked in socket:
            said = read_from_terminal(asked)
            assert isinstance(said, Ask)
            await asyncio.sleep(0.2 if said.body == "first" else 0)
            await socket.send(message.write(Told(200, said.body)))

    async with chips(slow) as link:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await link.ask("tap", b"first", card)
        assert await link.ask("tap", b"second", card) == b"second"

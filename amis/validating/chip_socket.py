"""`/terminal/v1/chip`: the WebSocket over which the service talks to cards at a terminal, by keys that stay here."""

import asyncio
from contextlib import suppress

import structlog
from fastapi import APIRouter
from sqlalchemy.exc import DBAPIError
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from amis.kernel.errors import AmisError, Invalid, Unavailable
from amis.kernel.permission import permission
from amis.kernel.problem import problem
from amis.validating.api import bearer_of
from amis.validating.chip_line import ChipLine
from amis.validating.chip_load import load_chip
from amis.validating.chip_tap import decide_on_chip
from amis.validating.lane import Lane
from cards.desk.relay import LineGone
from cards.errors import DeskMessageUnreadable
from terminals.chip_message import LOAD, PATH, TAP, Ask, Told

router = APIRouter()
UNREADABLE, AGAIN = 4400, 1013
"""Close codes: one of our own (RFC 6455 section 7.4.2), and "try again later"."""
_log = structlog.get_logger()


@router.websocket(PATH)
@permission("validation.create")
async def serve_cards(socket: WebSocket) -> None:
    """Serves the reader of one terminal until it goes; each request looks anew whether the terminal may still ask."""
    await socket.accept()
    code, reason = await _served(socket, bearer_of(socket), socket.state.lane)
    if socket.application_state is WebSocketState.CONNECTED and socket.client_state is WebSocketState.CONNECTED:
        with suppress(WebSocketDisconnect, RuntimeError):
            await socket.close(code, reason)


async def _served(socket: WebSocket, bearer: str, lane: Lane) -> tuple[int, str]:
    """Listens and answers side by side until one of both ends; how the socket is closed."""
    line = ChipLine(socket)
    tasks = asyncio.create_task(line.listen()), asyncio.create_task(_answering(line, bearer, lane))
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    except DeskMessageUnreadable as error:
        return UNREADABLE, str(error)
    except LineGone:
        return AGAIN, "no answer came"
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return 1000, ""


async def _answering(line: ChipLine, bearer: str, lane: Lane) -> None:
    while True:
        await line.say(await _told(await line.asked(), line, bearer, lane))


async def _told(ask: Ask, line: ChipLine, bearer: str, lane: Lane) -> Told:
    try:
        return Told(200, (await _answer(ask, line, bearer, lane)).decode())
    except AmisError as error:
        return _refused(error)
    except DBAPIError as error:
        _log.warning("chip lost the database", reason=str(error))
        return _refused(Unavailable())


async def _answer(ask: Ask, line: ChipLine, bearer: str, lane: Lane) -> bytes:
    if ask.what == TAP:
        return await decide_on_chip(line, lane, bearer, ask.body.encode())
    if ask.what == LOAD:
        return await load_chip(line, bearer, ask.body.encode())
    raise Invalid("tap or load is expected", pointer="/what")


def _refused(error: AmisError) -> Told:
    return Told(error.status, bytes(problem(error).body).decode())

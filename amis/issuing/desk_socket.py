"""`/desk/v1/connect`: the WebSocket that a desk's program dials; while it stands, the service works on cards there."""

import asyncio
from contextlib import suppress
from time import monotonic
from uuid import UUID

import structlog
from fastapi import APIRouter
from sqlalchemy.exc import DBAPIError
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from amis.issuing import card_work, desk_presence, desk_store
from amis.issuing.desk_line import DeskLine
from amis.issuing.desk_print import hear, print_next
from amis.issuing.desk_store import Standing
from amis.issuing.desk_work import DeskWork, news
from amis.issuing.errors import DeskUnknown
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.ids import new_id
from amis.kernel.permission import permission
from cards.desk.relay import LineGone
from cards.errors import DeskMessageUnreadable

router = APIRouter()
LOOK_EVERY = 0.2
"""Seconds between two looks for work."""
ALIVE_EVERY = 5.0
"""Seconds between two signs of life in the table."""
REVOKED, NO_DESK, TAKEN_OVER, UNREADABLE = 4403, 4404, 4409, 4400
AGAIN = 1013
"""Close codes: own ones (RFC 6455 section 7.4.2), and "try again later"."""

_log = structlog.get_logger()


@router.websocket("/desk/v1/connect")
@permission("desk.serve")
async def connect(socket: WebSocket) -> None:
    """Serves one desk until it goes, is revoked, or connects anew."""
    actor: Actor = socket.scope["actor"]
    connection = new_id()
    await socket.accept()
    try:
        pairing = await _attached(actor, connection)
    except DeskUnknown:
        await socket.close(NO_DESK, "this machine is no desk")
        return
    _log.info("desk connected", desk=actor.id)
    try:
        code, reason = await _served(socket, actor, connection, pairing)
    finally:
        _log.info("desk gone", desk=actor.id)
        with suppress(DBAPIError):
            async with transaction(actor) as tx:
                await desk_presence.detach(tx, UUID(actor.id), connection)
    if socket.application_state is WebSocketState.CONNECTED and socket.client_state is WebSocketState.CONNECTED:
        with suppress(WebSocketDisconnect, RuntimeError):
            await socket.close(code, reason)


async def _attached(actor: Actor, connection: UUID) -> int | None:
    """Makes the connection the desk's own; the pairing under which it came."""
    async with transaction(actor) as tx:
        await desk_presence.attach(tx, UUID(actor.id), connection)
        return (await desk_store.standing(tx, UUID(actor.id))).pairing


async def _served(socket: WebSocket, actor: Actor, connection: UUID, pairing: int | None) -> tuple[int, str]:
    """Listens and works side by side until one of both ends; how the socket is closed."""
    line = DeskLine(socket)
    working = asyncio.create_task(_working(line, actor, connection, pairing))
    listening = asyncio.create_task(line.listen())
    try:
        await asyncio.wait((listening, working), return_when=asyncio.FIRST_COMPLETED)
        return _closing(listening, working)
    finally:
        for task in (listening, working):
            task.cancel()
        await asyncio.gather(listening, working, return_exceptions=True)


def _closing(listening: "asyncio.Task[None]", working: "asyncio.Task[tuple[int, str]]") -> tuple[int, str]:
    try:
        if listening.done():
            listening.result()
            return 1000, ""
        return working.result()
    except DeskMessageUnreadable as error:
        return UNREADABLE, str(error)
    except LineGone:
        return AGAIN, "no answer came"
    except DBAPIError as error:
        _log.warning("desk lost the database", reason=str(error))
        return AGAIN, "the service cannot answer now"


async def _working(line: DeskLine, actor: Actor, connection: UUID, pairing: int | None) -> tuple[int, str]:
    desk_id = UUID(actor.id)
    work = DeskWork(line, actor, desk_id, card_work.prepare)
    reported = -1, 0.0
    while True:
        reported = await _report(line, actor, connection, reported)
        async with transaction(actor) as tx:
            now = await desk_store.standing(tx, desk_id)
        if ending := _ending(now, connection, pairing):
            return ending
        await hear(line, actor)
        if now.operation:
            await work.advance(now.operation)
        elif now.prints and line.hello:
            await print_next(line, actor, desk_id)
        await news(line, LOOK_EVERY)


def _ending(now: Standing, connection: UUID, pairing: int | None) -> tuple[int, str] | None:
    """Why the connection may not go on, if it may not."""
    if now.state != "active" or now.pairing != pairing:
        return REVOKED, "this desk may not work any more"
    if now.connection != connection:
        return TAKEN_OVER, "the desk has connected anew"
    return None


async def _report(line: DeskLine, actor: Actor, connection: UUID, last: tuple[int, float]) -> tuple[int, float]:
    """Keeps what is new, or after a while that the connection lives."""
    changes, when = last
    if changes == line.changes and monotonic() < when + ALIVE_EVERY:
        return last
    now = line.changes, monotonic()
    async with transaction(actor) as tx:
        await desk_presence.report(tx, UUID(actor.id), connection, **_told(line))
    return now


def _told(line: DeskLine) -> dict[str, object]:
    card = line.card(None)
    return {
        "agent": line.hello.agent if line.hello else "",
        "readers": list(line.hello.readers) if line.hello else [],
        "reader": card.reader if card else "",
        "card_uid": (card.uid[:10] or None) if card else None,
        "card_present": card is not None,
    }

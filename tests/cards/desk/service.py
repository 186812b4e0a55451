"""The service's door for desks, small: it gives bearers, takes WebSockets, says what a test tells it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

import httpx
from cryptography.hazmat.primitives.asymmetric import ec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from cards.bearer import Bearer, Pairing
from cards.desk import message as desk_message
from cards.desk.agent import Agent
from cards.desk.message import FromDesk, FromService
from tests.browser import serving

PATIENCE = 10.0
Heard = TypeVar("Heard", bound=FromDesk)


@dataclass
class Connection:
    """One desk as the service sees it."""

    socket: WebSocket
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def say(self, message: FromService) -> None:
        await self.socket.send_text(desk_message.write(message))

    async def hear(self, kind: type[Heard]) -> Heard:
        """The next message of that kind; others before it are passed over."""
        while True:
            text = await asyncio.wait_for(self.socket.receive_text(), PATIENCE)
            message = desk_message.read_from_desk(text)
            if isinstance(message, kind):
                return message

    async def ended(self) -> int:
        """With which code the desk ends the connection; what it says before is passed over."""
        while (event := await asyncio.wait_for(self.socket.receive(), PATIENCE))["type"] == "websocket.receive":
            pass
        return int(event["code"])

    async def close(self, code: int, reason: str = "") -> None:
        await self.socket.close(code, reason)
        self.over.set()


@dataclass
class Service:
    """What it answers to the next request for a bearer and to the next desk, and the desks that came."""

    bearer_status: int = 200
    lets_in: bool = True
    bearers: int = 0
    came: asyncio.Queue[Connection] = field(default_factory=asyncio.Queue)
    url: str = ""
    work: list[tuple[str, int]] = field(default_factory=list)
    """State and sent commands at each look at the work on a card."""
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    async def pair(self, request: Request) -> Response:
        content = await request.json()
        if content["code"] != "GOOD-CODE":
            return JSONResponse({"title": "wrong code"}, 400)
        return JSONResponse({"machine_id": "m-1", "pairing": 1, "fingerprint": "print-of-the-key"})

    async def operation(self, request: Request) -> Response:
        body = await request.body()
        self.asked.append((request.url.path, json.loads(body) if body else {}))
        if not self.work:
            return JSONResponse({"title": "Not now", "detail": "No card is approved under this number."}, 409)
        state, sent = self.work.pop(0)
        told = {"id": "7", "kind": "personalise", "state": state, "code": "", "message": f"now {state}", "detail": ""}
        return JSONResponse(told | {"sent": sent, "total": 43, "uid": ""})

    async def block(self, request: Request) -> Response:
        self.asked.append((request.url.path, await request.json()))
        return JSONResponse({"number": "7K3M", "state": "blocked", "reason": "lost"})

    async def token(self, request: Request) -> Response:
        self.bearers += 1
        if self.bearer_status != 200:
            return JSONResponse({"error": "invalid_client", "error_description": "revoked"}, self.bearer_status)
        return JSONResponse({"access_token": f"bearer-{self.bearers}", "expires_in": 900})

    async def desk(self, socket: WebSocket) -> None:
        if not self.lets_in or socket.headers["authorization"] != f"Bearer bearer-{self.bearers}":
            await socket.close()
            return
        await socket.accept()
        connection = Connection(socket)
        self.came.put_nowait(connection)
        await connection.over.wait()

    async def next(self) -> Connection:
        """The desk that dials next, or dialled already."""
        return await asyncio.wait_for(self.came.get(), PATIENCE)

    @asynccontextmanager
    async def agent(self, printer: str = "") -> AsyncIterator[tuple["asyncio.Task[None]", list[str]]]:
        """A paired desk's program at work, and what it said."""
        said: list[str] = []
        pairing = Pairing(self.url, "m-1", 1, "f")
        async with httpx.AsyncClient() as http:
            bearer = Bearer(pairing, ec.generate_private_key(ec.SECP256R1()), http)
            agent = Agent(self.url, bearer, printer=printer, say=said.append, pauses=(0.05,))
            task = asyncio.create_task(agent.run())
            try:
                yield task, said
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def service() -> AsyncIterator[Service]:
    """It runs on a free port."""
    made = Service()
    routes = [
        Route("/machine/v1/pair", made.pair, methods=["POST"]),
        Route("/machine/v1/token", made.token, methods=["POST"]),
        Route("/desk/v1/operations", made.operation, methods=["POST"]),
        Route("/desk/v1/operations/7", made.operation),
        Route("/desk/v1/operations/7/stop", made.operation, methods=["POST"]),
        Route("/desk/v1/block", made.block, methods=["POST"]),
        WebSocketRoute("/desk/v1/connect", made.desk),
    ]
    async with serving(Starlette(routes=routes)) as made.url:
        yield made

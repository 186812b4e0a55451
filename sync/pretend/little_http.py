"""A web server as small as can be, for one machine: HTTP/1.1, one request a connection, bodies of known length."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus

LARGEST_BODY = 1024 * 1024
_LARGEST_HEAD = 16 * 1024
_PATIENCE = 10.0


@dataclass(frozen=True, slots=True)
class Request:
    """A request; header names are in small letters, the path is as it came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


Answer = Callable[[Request], Awaitable[Response]]


@asynccontextmanager
async def serving(answer: Answer, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
    """Serves until the end of the block (port 0: any free one); gives the address without a slash at the end."""
    server = await asyncio.start_server(lambda reader, writer: _converse(answer, reader, writer), host, port)
    async with server:
        bound = server.sockets[0].getsockname()[1]
        yield f"http://{host}:{bound}"


async def _converse(answer: Answer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        async with asyncio.timeout(_PATIENCE):
            request = await _request(reader)
        response = Response(400) if request is None else await answer(request)
        writer.write(_bytes(response))
        await writer.drain()
    except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        # whoever is gone or sends nonsense for long gets no answer
        pass
    finally:
        writer.close()


async def _request(reader: asyncio.StreamReader) -> Request | None:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head[:-4].split("\r\n")
    words = first.split(" ")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    length = headers.get("content-length", "0")
    if len(head) > _LARGEST_HEAD or len(words) != 3 or not (length.isascii() and length.isdigit()):
        return None
    if int(length) > LARGEST_BODY:
        return None
    return Request(words[0], words[1], headers, await reader.readexactly(int(length)))


def _bytes(response: Response) -> bytes:
    headers = {**response.headers, "content-length": str(len(response.body)), "connection": "close"}
    lines = [f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + response.body

from __future__ import annotations

import asyncio

import httpx
import pytest

from sync.pretend.little_http import LARGEST_BODY, Request, Response, serving


async def echo(request: Request) -> Response:
    return Response(
        200, f"{request.method} {request.path} ".encode() + request.body, {"x-seen": request.headers["x-a"]}
    )


async def test_a_request_and_its_answer_cross_whole() -> None:
    async with serving(echo) as address, httpx.AsyncClient() as http:
        answer = await http.put(f"{address}/a?b=c", content="Ā".encode() * 1000, headers={"X-A": "1"})
    assert (answer.status_code, answer.text, answer.headers["x-seen"]) == (200, "PUT /a?b=c " + "Ā" * 1000, "1")


@pytest.mark.parametrize(
    "head",
    [
        b"GET /\r\n\r\n",
        b"POST / HTTP/1.1\r\ncontent-length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\ncontent-length: %d\r\n\r\n" % (LARGEST_BODY + 1),
        b"GET / HTTP/1.1\r\nx-a: " + b"a" * 17_000 + b"\r\n\r\n",
    ],
)
async def test_what_cannot_be_read_is_a_bad_request(head: bytes) -> None:
    assert (await said(head)).startswith(b"HTTP/1.1 400 Bad Request\r\n")


async def test_who_hangs_up_in_the_middle_gets_nothing_and_others_are_served() -> None:
    assert await said(b"POST / HTTP/1.1\r\ncontent-length: 10\r\n\r\nabc", hang_up=True) == b""
    assert await said(b"a" * 200_000, hang_up=True) == b""


async def said(message: bytes, *, hang_up: bool = False) -> bytes:
    async with serving(echo) as address:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(address.rpartition(":")[2]))
        writer.write(message)
        if hang_up:
            writer.write_eof()
        try:
            return await reader.read()
        except ConnectionResetError:
            return b""
        finally:
            writer.close()

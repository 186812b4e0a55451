"""A network between a terminal and the service that damages exchanges: seeded, so that a failure can be seen again.

It understands just enough HTTP/1.1 to find the end of a request: one exchange a connection. It changes no bytes: TLS
turns that into a connection that ends.
"""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from enum import StrEnum

_LIMIT = 1 << 22


class Fault(StrEnum):
    """What happens to one exchange."""

    NONE = "none"
    LOST = "the request is lost"
    CUT = "the connection ends in the middle of the request"
    UNANSWERED = "the service has the request, its answer is lost"
    HALF_ANSWERED = "the connection ends in the middle of the answer"
    LATE = "the answer comes late"
    TWICE = "the request comes twice, one after the other"
    AT_ONCE = "the request comes twice at the same time"


class FaultProxy:
    """Passes exchanges on to a port of this machine, each with a fault of the draw; `damaged` counts them."""

    def __init__(self, port: int, rng: random.Random, share: float) -> None:
        """`share` of all exchanges is damaged."""
        self.share = share
        self.damaged: Counter[Fault] = Counter()
        self._port = port
        self._rng = rng

    def draw(self) -> Fault:
        """The fault of the next exchange."""
        if self._rng.random() >= self.share:
            return Fault.NONE
        fault = self._rng.choice([each for each in Fault if each is not Fault.NONE])
        self.damaged[fault] += 1
        return fault

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection with one exchange."""
        with suppress(OSError, asyncio.IncompleteReadError):
            request = await _request(reader)
            answer = await self._exchanged(request, self.draw())
            writer.write(answer)
            await writer.drain()
        writer.close()

    async def _exchanged(self, request: bytes, fault: Fault) -> bytes:
        """What comes back of a request; nothing where the connection ends without an answer."""
        if fault is Fault.LOST:
            return b""
        if fault is Fault.CUT:
            await self._pass_on(request[: self._rng.randrange(1, len(request))], whole=False)
            return b""
        if fault is Fault.AT_ONCE:
            first, _ = await asyncio.gather(self._pass_on(request), self._pass_on(request))
            return first
        if fault is Fault.TWICE:
            await self._pass_on(request)
        answer = await self._pass_on(request)
        return await self._damaged(answer, fault)

    async def _damaged(self, answer: bytes, fault: Fault) -> bytes:
        if fault is Fault.UNANSWERED:
            return b""
        if fault is Fault.HALF_ANSWERED:
            return answer[: self._rng.randrange(0, len(answer))]
        if fault is Fault.LATE:
            await asyncio.sleep(self._rng.uniform(0.05, 0.6))
        return answer

    async def _pass_on(self, request: bytes, *, whole: bool = True) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port, limit=_LIMIT)
        try:
            writer.write(request)
            await writer.drain()
            return await reader.read(-1) if whole else b""
        finally:
            writer.close()


async def _request(reader: asyncio.StreamReader) -> bytes:
    """One request, told to close the connection when it is answered."""
    head = await reader.readuntil(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
    length = next((int(line.split(b":")[1]) for line in lines if line.lower().startswith(b"content-length:")), 0)
    body = await reader.readexactly(length)
    return b"\r\n".join([*lines[:-2], b"connection: close", b"", b""]) + body


@asynccontextmanager
async def faulty(port: int, rng: random.Random, share: float) -> AsyncIterator[tuple[FaultProxy, int]]:
    """A proxy before the service on `port`, and its own port."""
    proxy = FaultProxy(port, rng, share)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0, limit=_LIMIT)
    async with server:
        yield proxy, server.sockets[0].getsockname()[1]

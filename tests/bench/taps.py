"""Taps over plain HTTP/1.1 sockets: a client so thin that the machine's cores are left to what is measured."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from itertools import count, cycle
from operator import itemgetter
from typing import cast

from amis.kernel import clock
from tests.bench.people import Terminal

_LENGTH = b"content-length: "
_END = b"\r\n\r\n"
Answered = Callable[["Wire", int, bytes], None]


class Wire(asyncio.Protocol):
    """One kept-alive connection with at most one request under way; `answered` gets status and body."""

    def __init__(self, answered: Answered) -> None:
        self.answered = answered
        self._got = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are none of asyncio's classes
        self._transport = cast(asyncio.Transport, transport)

    def send(self, request: bytes) -> None:
        """Begins a request."""
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._got += data
        head = self._got.find(_END)
        if head < 0:
            return
        at = self._got.find(_LENGTH, 0, head) + len(_LENGTH)
        whole = head + len(_END) + int(self._got[at : self._got.find(b"\r\n", at)])
        if len(self._got) >= whole:
            status, body = int(self._got[9:12]), self._got[head + len(_END) : whole]
            self._got = self._got[whole:]
            self.answered(self, status, body)

    def connection_lost(self, _: Exception | None) -> None:
        self._got = b""

    def close(self) -> None:
        """Ends the connection."""
        self._transport.close()


async def connect(port: int, number: int, answered: Answered) -> list[Wire]:
    """`number` connections to a server of this machine."""
    loop = asyncio.get_running_loop()
    pairs = [await loop.create_connection(lambda: Wire(answered), "127.0.0.1", port) for _ in range(number)]
    return list(map(itemgetter(1), pairs))


class Bodies:
    """An endless row of taps: the terminals take turns, and so do the tokens."""

    def __init__(self, terminals: Sequence[Terminal], tokens: Sequence[str]) -> None:
        self._turns: Iterator[tuple[Terminal, Iterator[int]]] = cycle([(one, count(1)) for one in terminals])
        self._tokens = cycle(tokens)
        self._heads = {one.id: _head(one) for one in terminals}

    def use(self, tokens: Sequence[str]) -> None:
        """Goes on with other tokens; the sequence numbers run on."""
        self._tokens = cycle(tokens)

    def next(self, token: str | None = None) -> bytes:
        """One whole request, of the next token in turn or of `token`."""
        terminal, numbers = next(self._turns)
        shown = token or next(self._tokens)
        at = clock.now().isoformat()
        body = f'{{"seq":{next(numbers)},"token":"{shown}","at":"{at}","gross":"0.85","product":"single"}}'.encode()
        return b"%scontent-length: %d\r\n\r\n%s" % (self._heads[terminal.id], len(body), body)


def _head(terminal: Terminal) -> bytes:
    lines = (
        "POST /v1/validations HTTP/1.1",
        "host: bench",
        f"authorization: Bearer {terminal.bearer}",
        "content-type: application/json",
    )
    return "".join(f"{line}\r\n" for line in lines).encode()

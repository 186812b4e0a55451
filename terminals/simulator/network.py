"""The network of one terminal, which can be taken away, and when it is."""

import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import cast

import httpx

from terminals.simulator.errors import PlanUnreadable


class Network(httpx.AsyncBaseTransport):
    """A terminal's way to the service; all terminals of the program share the connections below it."""

    def __init__(self, way: httpx.AsyncBaseTransport) -> None:
        """`way` is what really reaches the service."""
        self._way = way
        self._cuts = 0

    @property
    def up(self) -> bool:
        """Whether anything gets through."""
        return not self._cuts

    def cut(self) -> None:
        """Takes the network away; answers under way are lost."""
        self._cuts += 1

    def mend(self) -> None:
        """Takes one cut back."""
        self._cuts -= 1

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Passes a request on, or fails as a phone network does."""
        if not self.up:
            raise httpx.ConnectError("no network", request=request)
        response = await self._way.handle_async_request(request)
        # what lies below answers with a stream of its own kind
        response.stream = _Severed(self, cast("httpx.AsyncByteStream", response.stream))
        return response


class _Severed(httpx.AsyncByteStream):
    """An answer that breaks off when the network goes."""

    def __init__(self, network: Network, stream: httpx.AsyncByteStream) -> None:
        self._network = network
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._stream:
            if not self._network.up:
                raise httpx.ReadError("the network has gone")
            yield part

    async def aclose(self) -> None:
        await self._stream.aclose()


@dataclass(frozen=True, slots=True)
class Partition:
    """So many terminals have no network from one second of the day until another."""

    terminals: int
    begins: float
    ends: float

    @classmethod
    def parse(cls, text: str) -> "Partition":
        """From M:FROM-TO, such as 5:20-40.

        Raises:
            PlanUnreadable
        """
        number, _, days = text.partition(":")
        begins, _, ends = days.partition("-")
        try:
            made = cls(int(number), float(begins), float(ends))
        except ValueError:
            raise PlanUnreadable(text) from None
        if made.terminals < 1 or not 0 <= made.begins < made.ends:
            raise PlanUnreadable(text)
        return made

    def chosen(self, networks: list[Network], rng: random.Random) -> list[Network]:
        """Whom it hits."""
        return rng.sample(networks, min(self.terminals, len(networks)))

import random
from collections.abc import AsyncIterator

import httpx
import pytest

from terminals.simulator.errors import PlanUnreadable
from terminals.simulator.network import Network, Partition


class Slow(httpx.AsyncByteStream):
    """An answer in two parts; the network goes between them if it is told to."""

    def __init__(self, cut: Network | None = None) -> None:
        self.cut = cut
        self.closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"one "
        if self.cut is not None:
            self.cut.cut()
        yield b"two"

    async def aclose(self) -> None:
        self.closed = True


class Way(httpx.AsyncBaseTransport):
    """What lies below: it answers everything."""

    stream: Slow

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, stream=self.stream)


async def ask(network: Network) -> str:
    async with httpx.AsyncClient(transport=network) as http:
        return (await http.get("http://amis.test/")).text


async def test_what_gets_through_is_unchanged_and_closed() -> None:
    way = Way()
    way.stream = Slow()
    assert await ask(Network(way)) == "one two"
    assert way.stream.closed


async def test_without_a_network_nothing_gets_through_until_each_cut_is_mended() -> None:
    way = Way()
    network = Network(way)
    network.cut()
    network.cut()
    network.mend()
    with pytest.raises(httpx.ConnectError):
        await ask(network)
    network.mend()
    way.stream = Slow()
    assert await ask(network) == "one two"


async def test_an_answer_under_way_is_lost_with_the_network() -> None:
    way = Way()
    network = Network(way)
    way.stream = Slow(network)
    with pytest.raises(httpx.ReadError):
        await ask(network)
    assert way.stream.closed


def test_a_partition_is_read_and_hits_no_more_terminals_than_there_are() -> None:
    partition = Partition.parse("5:20-40.5")
    assert partition == Partition(5, 20, 40.5)
    networks = [Network(Way()) for _ in range(8)]
    chosen = partition.chosen(networks, random.Random(1))
    assert len(set(map(id, chosen))) == 5
    assert len(partition.chosen(networks[:3], random.Random(1))) == 3


@pytest.mark.parametrize("text", ["", "5", "5:20", "x:1-2", "0:1-2", "5:3-3", "5:-1-2", "5:4-3", "5:nan-3"])
def test_anything_else_is_no_partition(text: str) -> None:
    with pytest.raises(PlanUnreadable):
        Partition.parse(text)

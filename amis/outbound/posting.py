"""Posting one message: the name is resolved once, checked, and the connection goes to that very address.

Whoever controls a name could let it lead elsewhere between a check and the connection; here there is no second look-up.
No redirect is followed and no proxy of the environment is asked, for either would lead past the check.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from time import monotonic

import httpx

from amis.outbound.addresses import Address, is_public
from amis.outbound.destination import Destination
from amis.outbound.errors import DeliveryFailed

TIMEOUT = 10
"""Seconds from the look-up of the name to the last byte that is read."""
MOST_ANSWER = 1024
"""Bytes of an answer that are read."""

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver said: status, the beginning of its text, and how long it took in milliseconds."""

    status: int
    text: str
    took_ms: int


async def looked_up(host: str, port: int) -> Sequence[str]:
    """The addresses that a name leads to.

    Raises:
        OSError: it leads nowhere.
    """
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


@dataclass(frozen=True, slots=True)
class Post:
    """The way out. `resolve`, `permitted` and `tls` are what a test replaces to have a public host of its own."""

    resolve: Resolve = looked_up
    permitted: Callable[[Address], bool] = is_public
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    timeout: float = TIMEOUT
    line: httpx.AsyncHTTPTransport = field(init=False)

    def __post_init__(self) -> None:
        """Opens the line: below any client, which might follow redirects or ask proxies."""
        # No connection is kept: it would be found again by its address, and be another host's at the same address.
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
        line = httpx.AsyncHTTPTransport(verify=self.tls, trust_env=False, limits=limits)
        object.__setattr__(self, "line", line)

    async def send(self, to: Destination, headers: Mapping[str, str], body: bytes) -> Answer:
        """Posts `body` and reads the beginning of the answer.

        Raises:
            DeliveryFailed: with what went wrong, in a few words.
        """
        begun = monotonic()
        try:
            async with asyncio.timeout(self.timeout):
                status, text = await self._exchange(to, await self._address(to), headers, body)
        except TimeoutError:
            raise DeliveryFailed(f"no answer within {self.timeout:g} s") from None
        except (OSError, httpx.HTTPError, UnicodeError) as error:
            raise DeliveryFailed(str(error)[:200] or type(error).__name__) from error
        return Answer(status, text, _since(begun))

    async def _address(self, to: Destination) -> Address:
        found = [ip_address(text) for text in await self.resolve(to.host, to.port)]
        # One bad address among good ones is refused whole: it is no mistake that we should work around.
        if not found or not all(one.is_loopback if to.loopback else self.permitted(one) for one in found):
            raise DeliveryFailed("the name does not lead to the public Internet")
        return found[0]

    async def _exchange(
        self, to: Destination, address: Address, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, str]:
        host = f"[{address}]" if address.version == 6 else str(address)
        request = httpx.Request(
            "POST",
            f"{to.scheme}://{host}:{to.port}{to.target}",
            headers={**headers, "host": to.authority, "accept-encoding": "identity", "connection": "close"},
            content=body,
            # The certificate has to be that of the name, whatever address it leads to.
            extensions={"sni_hostname": to.host},
        )
        response = await self.line.handle_async_request(request)
        try:
            return response.status_code, await _beginning(response)
        finally:
            await response.aclose()


async def _beginning(response: httpx.Response) -> str:
    read = b""
    async for part in response.aiter_raw():
        read += part
        if len(read) >= MOST_ANSWER:
            break
    # A NUL cannot be kept by the database.
    return read[:MOST_ANSWER].decode(errors="replace").replace("\x00", "")


def _since(begun: float) -> int:
    return round((monotonic() - begun) * 1000)

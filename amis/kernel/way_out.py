"""The way out to addresses that others named: a name is resolved once, checked, and that very address connected to.

Whoever controls a name could let it lead elsewhere between a check and the connection; here there is no second look-up.
No redirect is followed and no proxy of the environment is asked, for either would lead past the check.
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

import httpx

from amis.kernel.addresses import Address, is_public

LOOPBACK = ("localhost", "127.0.0.1", "::1")
_HTTPS = 443

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


class NotPublic(OSError):
    """The name does not lead to the public Internet."""


@dataclass(frozen=True, slots=True)
class Destination:
    """An address taken apart; `target` is path and query. `loopback`: this machine itself, in development only."""

    scheme: str
    host: str
    port: int
    target: str
    loopback: bool

    @property
    def authority(self) -> str:
        """The host as the Host header says it (RFC 9110 section 7.2)."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == (_HTTPS if self.scheme == "https" else 80) else f"{name}:{self.port}"


def in_development(public_url: str) -> bool:
    """Whether this service is reached on its own machine only, over plain http."""
    parts = urlsplit(public_url)
    return parts.scheme == "http" and (parts.hostname or "") in LOOPBACK


async def looked_up(host: str, port: int) -> Sequence[str]:
    """The addresses that a name leads to.

    Raises:
        OSError: it leads nowhere.
    """
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


@dataclass(frozen=True, slots=True)
class WayOut:
    """The way out. `resolve`, `permitted` and `tls` are what a test replaces to have a public host of its own."""

    resolve: Resolve = looked_up
    permitted: Callable[[Address], bool] = is_public
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    line: httpx.AsyncHTTPTransport = field(init=False)

    def __post_init__(self) -> None:
        """Opens the line: below any client, which might follow redirects or ask proxies."""
        # No connection is kept: it would be found again by its address, and be another host's at the same address.
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
        line = httpx.AsyncHTTPTransport(verify=self.tls, trust_env=False, limits=limits)
        object.__setattr__(self, "line", line)

    @asynccontextmanager
    async def exchange(
        self, method: str, to: Destination, headers: Mapping[str, str], body: bytes = b""
    ) -> AsyncIterator[httpx.Response]:
        """Sends a request; the answer can be read until the end of the block.

        Raises:
            NotPublic, OSError, httpx.HTTPError
        """
        address = await self._address(to)
        host = f"[{address}]" if address.version == 6 else str(address)
        request = httpx.Request(
            method,
            f"{to.scheme}://{host}:{to.port}{to.target}",
            headers={**headers, "host": to.authority, "accept-encoding": "identity", "connection": "close"},
            content=body,
            # The certificate has to be that of the name, whatever address it leads to.
            extensions={"sni_hostname": to.host},
        )
        response = await self.line.handle_async_request(request)
        try:
            yield response
        finally:
            await response.aclose()

    async def _address(self, to: Destination) -> Address:
        found = [ip_address(text) for text in await self.resolve(to.host, to.port)]
        # One bad address among good ones is refused whole: it is no mistake that we should work around.
        if not found or not all(one.is_loopback if to.loopback else self.permitted(one) for one in found):
            raise NotPublic("the name does not lead to the public Internet")
        return found[0]

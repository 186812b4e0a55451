"""The way to the service: requests with a fresh bearer, and what becomes of those that get no answer."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime

import httpx
from cryptography.hazmat.primitives.asymmetric import ec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, InvalidStatus

from cards.bearer import Bearer, Pairing
from cards.errors import MachineRevoked, PairingRefused, ServiceUnreachable
from terminals import clock
from terminals.errors import Refused, Revoked, Unreachable

_NOTHING: Mapping[str, str] = {}
_PATIENCE = 10.0
_SILENCE = httpx.Timeout(10, read=45)
"""A stream says something each 15 seconds."""


class Link:
    """A paired terminal's way to its service. `up`: the service could be reached the last time."""

    def __init__(
        self,
        pairing: Pairing,
        key: ec.EllipticCurvePrivateKey,
        http: httpx.AsyncClient,
        now: Callable[[], datetime] = clock.now,
    ) -> None:
        """`now` dates the proofs of the key."""
        self.pairing = pairing
        self.up = True
        self._http = http
        self._bearer = Bearer(pairing, key, http, now)
        self._renewing = asyncio.Lock()

    async def ask(
        self,
        method: str,
        path: str,
        content: bytes = b"",
        kind: str = "",
        *,
        headers: Mapping[str, str] = _NOTHING,
        patience: float = _PATIENCE,
    ) -> httpx.Response:
        """The answer to a request, whatever it says, if it is one: not of a server that is away or busy.

        `patience`: so many seconds without a byte are taken for silence.

        Raises:
            Unreachable: the same request may be sent again.
            Refused: the terminal is not let in now (Revoked: nor ever again).
        """
        kinds = {"content-type": kind} if kind else {}
        for last in (False, True):
            with self._watched():
                fresh = await self.headers()
                said, url = fresh | kinds | dict(headers), self.pairing.url + path
                response = await self._http.request(method, url, content=content, headers=said, timeout=patience)
            if not self._to_try_again(response, last):
                break
        return response

    @asynccontextmanager
    async def stream(self, path: str, headers: Mapping[str, str] = _NOTHING) -> AsyncIterator[httpx.Response]:
        """An answer that comes bit by bit; what reads it raises as `ask`."""
        with self._watched():
            fresh = await self.headers() | dict(headers)
            url = self.pairing.url + path
            async with self._http.stream("GET", url, headers=fresh, timeout=_SILENCE) as response:
                self._to_try_again(response, last=False)
                yield response

    def forget(self) -> None:
        """The service no longer takes the bearer: the next request carries a new one."""
        self._bearer.forget()

    async def dial(self, path: str, largest: int) -> ClientConnection:
        """A WebSocket with messages of at most so many characters; raises as `ask`."""
        address = self.pairing.url.replace("http", "ws", 1) + path
        with self._watched():
            fresh = await self.headers()
            try:
                opened = await connect(address, additional_headers=fresh, max_size=largest, close_timeout=1)
            except InvalidStatus as error:
                status = error.response.status_code
                if status not in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
                    raise Unreachable(str(status)) from error
                self.forget()
                raise Refused(str(status)) from error
            except (InvalidHandshake, OSError) as error:
                self.up = False
                raise Unreachable(type(error).__name__) from error
        self.up = True
        return opened

    async def headers(self) -> dict[str, str]:
        """What a request carries; raises as `cards.bearer.Bearer.headers`."""
        async with self._renewing:
            return await self._bearer.headers()

    def _to_try_again(self, response: httpx.Response, last: bool) -> bool:
        """Whether a new bearer may help; the old one may have run out or been withdrawn."""
        if response.status_code >= 500 or response.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise Unreachable(str(response.status_code))
        self.up = True
        if response.status_code != httpx.codes.UNAUTHORIZED:
            return False
        self._bearer.forget()
        if last:
            raise Refused("401")
        return True

    @contextmanager
    def _watched(self) -> Iterator[None]:
        try:
            yield
        except (httpx.RequestError, ServiceUnreachable) as error:
            self.up = False
            raise Unreachable(type(error).__name__) from error
        except MachineRevoked as error:
            raise Revoked from error
        except PairingRefused as error:
            raise Refused(error.detail) from error

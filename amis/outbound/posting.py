"""Posting one message by the way out, and the beginning of what is answered."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic

import httpx

from amis.kernel.way_out import Destination, WayOut
from amis.outbound.errors import DeliveryFailed

TIMEOUT = 10
"""Seconds from the look-up of the name to the last byte that is read."""
MOST_ANSWER = 1024
"""Bytes of an answer that are read."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver said: status, the beginning of its text, and how long it took in milliseconds."""

    status: int
    text: str
    took_ms: int


@dataclass(frozen=True, slots=True)
class Post(WayOut):
    """The way out for messages; `timeout` in seconds is for the whole of one."""

    timeout: float = TIMEOUT

    async def send(self, to: Destination, headers: Mapping[str, str], body: bytes) -> Answer:
        """Posts `body` and reads the beginning of the answer.

        Raises:
            DeliveryFailed: with what went wrong, in a few words.
        """
        begun = monotonic()
        try:
            async with asyncio.timeout(self.timeout), self.exchange("POST", to, headers, body) as response:
                status, text = response.status_code, await _beginning(response)
        except TimeoutError:
            raise DeliveryFailed(f"no answer within {self.timeout:g} s") from None
        except (OSError, httpx.HTTPError, UnicodeError) as error:
            raise DeliveryFailed(str(error)[:200] or type(error).__name__) from error
        return Answer(status, text, _since(begun))


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

"""What the commands at a desk ask of the service over HTTP, with the desk's own bearer."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from cards.bearer import Bearer
from cards.errors import DeskRequestRefused, ServiceUnreachable

_LOOK_EVERY = 0.3
"""Seconds between two looks at how far the work is."""
_OVER = ("done", "failed")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far work on a card is: `sent` commands of about `total`; `message` is in English."""

    id: str
    state: str
    message: str
    sent: int
    total: int
    uid: str

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in _OVER


class DeskClient:
    """Requests of one paired desk; every one of them raises ServiceUnreachable, PairingRefused, DeskRequestRefused."""

    def __init__(self, url: str, bearer: Bearer, http: httpx.AsyncClient) -> None:
        self._url = url
        self._bearer = bearer
        self._http = http

    async def work_on(self, kind: str, number: str, follow: Callable[[Progress], None]) -> Progress:
        """Asks for work on the card of that token and follows it to its end; left early, the work is stopped."""
        now = _progress(await self._asked("POST", "/desk/v1/operations", {"kind": kind, "token": number}))
        try:
            while not now.over:
                follow(now)
                await asyncio.sleep(_LOOK_EVERY)
                now = _progress(await self._asked("GET", f"/desk/v1/operations/{now.id}"))
        finally:
            if not now.over:
                await asyncio.shield(self._asked("POST", f"/desk/v1/operations/{now.id}/stop"))
        return now

    async def block(self, number: str, reason: str) -> dict[str, Any]:
        """Blocks a token by its number: its number, state and reason as they are now."""
        return await self._asked("POST", "/desk/v1/block", {"number": number, "reason": reason})

    async def _asked(self, method: str, path: str, body: dict[str, str] | None = None) -> dict[str, Any]:
        headers = await self._bearer.headers()
        try:
            response = await self._http.request(method, f"{self._url}{path}", json=body, headers=headers)
        except httpx.TransportError as error:
            raise ServiceUnreachable(self._url) from error
        if response.status_code >= 500:
            raise ServiceUnreachable(str(response.status_code))
        content = _content(response)
        if response.is_error:
            raise DeskRequestRefused(str(content.get("detail") or content.get("title") or response.status_code))
        return content


def _content(response: httpx.Response) -> dict[str, Any]:
    try:
        found = response.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _progress(content: dict[str, Any]) -> Progress:
    try:
        return Progress(**{name: content[name] for name in ("id", "state", "message", "sent", "total", "uid")})
    except KeyError as error:
        raise ServiceUnreachable(f"no {error} in the answer") from error

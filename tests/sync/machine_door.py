"""A receiver of machines' requests in memory: each path has answers laid out in order, and every request is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx

from sync.door import Door
from sync.patience import Patience

URL = "http://receiver"


class Badge:
    """Whose requests these are; `forgotten` counts how often the token had to be got anew."""

    url = URL

    def __init__(self) -> None:
        self.forgotten = 0

    async def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.forgotten}"}

    def forget(self) -> None:
        self.forgotten += 1


class Laid(httpx.AsyncBaseTransport):
    """Answers with what was laid out; the body of each request is read first, as a server does."""

    def __init__(self, *answers: httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]) -> None:
        self.answers = list(answers)
        self.requests: list[tuple[httpx.Request, bytes]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append((request, await request.aread()))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx.Response) else answer(request)


def door(laid: Laid, pauses: list[float] | None = None, attempts: int = 4) -> tuple[Door, Badge]:
    """The door to these answers."""
    badge = Badge()

    async def sleep(seconds: float) -> None:
        if pauses is not None:
            pauses.append(seconds)

    return Door(badge, httpx.AsyncClient(transport=laid), Patience(attempts, sleep=sleep)), badge


def problem(status: int, code: str, detail: str = "") -> httpx.Response:
    """A refusal as RFC 9457 has it."""
    content: dict[str, Any] = {"type": "about:blank", "status": status, "code": code, "detail": detail}
    return httpx.Response(status, json=content, headers={"content-type": "application/problem+json"})

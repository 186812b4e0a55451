"""Requests of a paired machine: authorised, repeated while the receiver is away, refusals as errors."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx

from sync.errors import AnswerUnreadable, RequestRefused
from sync.patience import FOR_EVER, Patience

Content = Callable[[], AsyncIterator[bytes]]


class Bearer(Protocol):
    """Whose requests these are."""

    @property
    def url(self) -> str: ...

    async def headers(self) -> dict[str, str]: ...

    def forget(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Ask:
    """One request; `content` begins the body anew at each repetition, `passing` are statuses that a wait may cure."""

    method: str
    path: str
    params: Mapping[str, str | list[str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    content: Content | None = None
    passing: frozenset[int] = frozenset()
    timeout: float = 60.0


class Door:
    """The receiver as this machine meets it."""

    def __init__(self, bearer: Bearer, http: httpx.AsyncClient, patience: Patience = FOR_EVER) -> None:
        self._bearer = bearer
        self._http = http
        self.patience = patience

    async def ask(self, ask: Ask) -> httpx.Response:
        """The answer, which is a success.

        Raises:
            RequestRefused: with the receiver's status and code.
            PushUnavailable, MachineRefused
        """
        response = await self.patience.until_answered(lambda: self._sent(ask), ask.passing)
        if response.status_code == httpx.codes.UNAUTHORIZED:
            # The receiver may have forgotten a token before its time, after a restart or a new approval.
            self._bearer.forget()
            response = await self.patience.until_answered(lambda: self._sent(ask), ask.passing)
        if not response.is_success:
            raise _refusal(response)
        return response

    async def _sent(self, ask: Ask) -> httpx.Response:
        headers = {**ask.headers, **await self._bearer.headers()}
        content = None if ask.content is None else ask.content()
        return await self._http.request(
            ask.method,
            f"{self._bearer.url}{ask.path}",
            params=dict(ask.params),
            headers=headers,
            content=content,
            timeout=ask.timeout,
        )


def _refusal(response: httpx.Response) -> RequestRefused:
    try:
        problem = response.json()
    except ValueError:
        return RequestRefused(response.status_code)
    if not isinstance(problem, dict):
        return RequestRefused(response.status_code)
    return RequestRefused(response.status_code, str(problem.get("code", "")), str(problem.get("detail", "")))


def read_object(response: httpx.Response) -> dict[str, Any]:
    """The JSON object of an answer; raises `AnswerUnreadable`."""
    try:
        answer = response.json()
    except ValueError:
        raise AnswerUnreadable("the answer is not JSON") from None
    if not isinstance(answer, dict):
        raise AnswerUnreadable("the answer is no JSON object")
    return answer

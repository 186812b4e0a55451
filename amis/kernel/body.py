"""Request bodies: a size limit while streaming, and strict JSON on every JSON route."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from amis.kernel.errors import Malformed, TooLarge
from sync.errors import SyncError
from sync.strict_json import strict_json

DEFAULT_LIMIT = 64 * 1024
"""Bytes of body a route takes unless it says otherwise."""
_LONGEST = 18
"""Digits of a length that is worth reading."""


class StrictRequest(Request):
    """A request whose JSON has no duplicate keys, no NaN, no lone surrogates and no NUL (RFC 8259, I-JSON RFC 7493)."""

    async def json(self) -> Any:
        """The parsed body.

        Raises:
            Malformed: with what is wrong.
        """
        try:
            return strict_json(await self.body())
        except SyncError as error:
            raise Malformed(str(error)) from error


class StrictRoute(APIRoute):
    """The route class of every JSON API router."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wraps FastAPI's handler so that it reads strict JSON."""
        handler = super().get_route_handler()

        async def strict(request: Request) -> Response:
            return await handler(StrictRequest(request.scope, request.receive))

        return strict


class BodyLimit:
    """ASGI middleware that refuses a body over the limit of its path before reading it whole."""

    def __init__(self, app: ASGIApp, limits: dict[str, int]) -> None:
        """`limits` maps exact paths to bytes; any other path takes `DEFAULT_LIMIT`."""
        self.app = app
        self.limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Counts the bytes as they arrive."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = self.limits.get(scope["path"], DEFAULT_LIMIT)
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > limit:
                raise TooLarge(f"at most {limit} bytes")
            return message

        declared = dict(scope["headers"]).get(b"content-length", b"0")
        await self.app(scope, _refusing(limit) if _exceeds(declared, limit) else counted, send)


def _exceeds(declared: bytes, limit: int) -> bool:
    # The digits are counted first: a length of thousands of digits is no number to Python.
    return declared.isdigit() and (len(declared) > _LONGEST or int(declared) > limit)


def _refusing(limit: int) -> Receive:
    async def refuse() -> Message:
        raise TooLarge(f"at most {limit} bytes")

    return refuse

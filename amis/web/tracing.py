"""A request id for each request: taken from the caller's `X-Request-ID` if it is one, sent back, bound to logs."""

import re

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from amis.kernel.ids import new_id
from amis.kernel.log import request_id

_FIT = re.compile(r"[A-Za-z0-9._-]{8,64}")


class RequestId:
    """ASGI middleware, outermost."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Binds the id for the length of the request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"x-request-id"), "")
        chosen = given if _FIT.fullmatch(given) else str(new_id())
        bound = request_id.set(chosen)

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", chosen.encode())]
            await send(message)

        try:
            await self.app(scope, receive, named)
        finally:
            request_id.reset(bound)

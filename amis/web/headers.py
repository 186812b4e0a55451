"""Security headers on every answer (OWASP ASVS 5.0 chapter 3.4; CSP level 3)."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
    )
)
ALWAYS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cache-control": "no-store",
}
STRICT_TRANSPORT = "max-age=31536000; includeSubDomains"


class SecurityHeaders:
    """ASGI middleware that adds the headers an answer does not set itself.

    `secure` says that people reach the service over TLS; only then may browsers be told to insist on it (RFC 6797).
    """

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self.app = app
        headers = {**ALWAYS, **({"strict-transport-security": STRICT_TRANSPORT} if secure else {})}
        # As ASGI wants them: this runs for every tap.
        self.headers = [(name.encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the call on and completes the headers of its answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def complete(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = [*message.get("headers", ())]
                names = {name for name, _ in given}
                message["headers"] = given + [header for header in self.headers if header[0] not in names]
            await send(message)

        await self.app(scope, receive, complete)

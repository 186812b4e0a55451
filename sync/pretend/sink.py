"""A receiver of webhooks: it checks each signature as a stranger would, and counts what came, twice or not."""

from __future__ import annotations

import json
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from sync import signature
from sync.clock import now
from sync.errors import SignatureRefused
from sync.pretend.little_http import Request, Response

PATH = "/hook"
_REMEMBERED = 10_000


class Checker(Protocol):
    """Checks the signatures of one version."""

    @property
    def version(self) -> str: ...

    def fits(self, headers: Mapping[str, str], body: bytes, at: datetime) -> bool: ...


class Ours:
    """Checks `v1` or `v1a` by our own reading of Standard Webhooks."""

    def __init__(self, key: signature.VerifyingKey) -> None:
        self._key = key

    @property
    def version(self) -> str:
        return self._key.version

    def fits(self, headers: Mapping[str, str], body: bytes, at: datetime) -> bool:
        try:
            signature.verify({"key": self._key}, headers, body, at)
        except SignatureRefused:
            return False
        return True


class Reference:
    """Checks `v1` by the library of Standard Webhooks itself, which goes by the clock of this machine."""

    version = "v1"

    def __init__(self, secret: str) -> None:
        """Raises ModuleNotFoundError where the library is not installed."""
        from standardwebhooks import Webhook

        self._webhook = Webhook(secret)

    def fits(self, headers: Mapping[str, str], body: bytes, at: datetime) -> bool:
        from standardwebhooks import WebhookVerificationError

        try:
            self._webhook.verify(body, dict(headers), json_parse=False)
        except (WebhookVerificationError, ValueError):
            # the library lets the errors of what it calls through where a header is malformed
            return False
        return True


def checker(text: str) -> Checker:
    """For a key as it is written; of shared keys the library's where it is installed. Raises `KeyUnreadable`."""
    key = signature.verifying_key(text)
    if key.version != "v1":
        return Ours(key)
    try:
        return Reference(text.strip())
    except ModuleNotFoundError:
        return Ours(key)


class Sink:
    """Answers `POST /hook`: 204, 401 for a signature that does not fit, 400 for a body that is no event."""

    def __init__(self, checkers: Sequence[Checker], clock: Callable[[], datetime] = now) -> None:
        self.counts: Counter[str] = Counter()
        self.topics: Counter[str] = Counter()
        self._checkers = checkers
        self._clock = clock
        self._seen: OrderedDict[str, None] = OrderedDict()

    async def answer(self, request: Request) -> Response:
        """What one request gets."""
        if (request.method, request.path) != ("POST", PATH):
            return Response(404)
        presented = _versions(request.headers)
        asked = [checker for checker in self._checkers if checker.version in presented]
        # each version that is presented has to fit: one good signature would hide that another is made wrongly
        if not asked or not all(one.fits(request.headers, request.body, self._clock()) for one in asked):
            self.counts["refused"] += 1
            return Response(401)
        return self._taken(request, [one.version for one in asked])

    def _taken(self, request: Request, versions: Sequence[str]) -> Response:
        try:
            topic = str(json.loads(request.body)["type"])
        except (ValueError, KeyError, TypeError):
            self.counts["unreadable"] += 1
            return Response(400)
        self.counts.update(versions)
        name = request.headers["webhook-id"]
        if name in self._seen:
            self.counts["again"] += 1
            return Response(204)
        self._remember(name)
        self.counts["received"] += 1
        self.topics[topic] += 1
        return Response(204)

    def _remember(self, name: str) -> None:
        self._seen[name] = None
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)


def _versions(headers: Mapping[str, str]) -> set[str]:
    return {part.partition(",")[0] for part in headers.get("webhook-signature", "").split(" ")}

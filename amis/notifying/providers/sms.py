"""Text messages: by the HTTP interface of a provider, or as files for a town that has none."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from amis.notifying.errors import Delayed, Refused, Unreachable
from amis.notifying.providers.files import put
from amis.notifying.providers.provider import Outgoing

TIMEOUT = 20.0
"""Seconds that the provider may take to answer."""
_LATER = frozenset({408, 425, 429})


def _body(outgoing: Outgoing) -> dict[str, str]:
    return {"id": str(outgoing.id), "to": outgoing.to, "from": outgoing.sender, "text": outgoing.content.short}


@dataclass(frozen=True, slots=True)
class HttpSms:
    """Posts `{id, to, from, text}` as JSON to a provider; any 2xx takes it. The id is the idempotency key too."""

    url: str
    token: str = field(repr=False)

    def carry(self, outgoing: Outgoing) -> None:
        """Hands one message to the provider.

        Raises:
            Refused, Delayed, Unreachable
        """
        headers = {"idempotency-key": str(outgoing.id)}
        headers |= {"authorization": f"Bearer {self.token}"} if self.token else {}
        try:
            answer = httpx.post(self.url, json=_body(outgoing), headers=headers, timeout=TIMEOUT)
        except (httpx.RequestError, httpx.InvalidURL) as error:
            raise Unreachable(type(error).__name__) from error
        if answer.status_code in (401, 403):
            raise Unreachable(f"HTTP {answer.status_code}")
        if answer.is_client_error and answer.status_code not in _LATER:
            raise Refused(f"HTTP {answer.status_code}")
        if not answer.is_success:
            raise Delayed(f"HTTP {answer.status_code}")


@dataclass(frozen=True, slots=True)
class FileSms:
    """Puts each message into a folder, one JSON file with the same members."""

    folder: Path

    def carry(self, outgoing: Outgoing) -> None:
        """Writes the file.

        Raises:
            Unreachable: the folder cannot be written.
        """
        try:
            put(self.folder, f"{outgoing.id}.json", json.dumps(_body(outgoing), ensure_ascii=False).encode())
        except OSError as error:
            raise Unreachable(type(error).__name__) from error

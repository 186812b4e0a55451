"""Asking a registry: one signed message, one short answer; what was asked for comes later, to our own address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from sync.errors import AnswerUnreadable, UnreadableJson
from sync.spdci.ack import Ack, AckStatus, ack_from_json
from sync.spdci.envelope import write_envelope
from sync.spdci.errors import RegistryRefused, RegistryUnavailable
from sync.spdci.key import PrivateKey
from sync.spdci.request import PATHS, header
from sync.strict_json import strict_json

_LARGEST_ANSWER = 64 * 1024


@dataclass(frozen=True, slots=True, repr=False)
class RegistryClient:
    """Both sides' ids, the registry's address, where answers are to go, and the key that signs."""

    url: str
    own_id: str
    registry_id: str
    answer_uri: str
    key: PrivateKey
    http: httpx.AsyncClient

    async def ask(self, action: str, message_id: str, message: Mapping[str, Any], at: datetime) -> Ack:
        """Send one request (`search`, `subscribe`, `unsubscribe`, `txn-status`) and read its short answer.

        Raises `RegistryUnavailable` where it may be sent again, `RegistryRefused` and `AnswerUnreadable`.
        """
        named = header(action, message_id, at, self.own_id, self.registry_id, self.answer_uri)
        body = write_envelope(self.key, named, message, at)
        answer = await self._post(PATHS[action], body)
        ack = _ack(answer, at)
        if ack.status is AckStatus.ERR:
            raise RegistryRefused(ack.code or f"answer {answer.status_code}")
        return ack

    async def _post(self, path: str, body: bytes) -> httpx.Response:
        try:
            headers = {"content-type": "application/json", "accept": "application/json"}
            answer = await self.http.post(self.url.rstrip("/") + path, content=body, headers=headers)
        except httpx.HTTPError as error:
            raise RegistryUnavailable(type(error).__name__) from None
        if answer.status_code in (429, 500, 502, 503, 504):
            raise RegistryUnavailable(f"answer {answer.status_code}")
        return answer


def _ack(answer: httpx.Response, at: datetime) -> Ack:
    try:
        return ack_from_json(strict_json(answer.content[:_LARGEST_ANSWER]), at)
    except (UnreadableJson, AnswerUnreadable):
        if answer.is_success:
            raise AnswerUnreadable("no ack_status") from None
        raise RegistryRefused(f"answer {answer.status_code}") from None

"""Asking the service about taps: journalled first, sent with a fresh bearer, repeated with the same number."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import httpx
from cryptography.hazmat.primitives.asymmetric import ec

from cards.bearer import Bearer, Pairing
from cards.errors import PairingRefused, ServiceUnreachable
from terminals import clock
from terminals.errors import Refused, Unreachable
from terminals.journal import Journal
from terminals.message import Answer, Tap, read_answer

_PAUSE = 0.05


class Client:
    """One paired terminal at work."""

    def __init__(
        self,
        pairing: Pairing,
        key: ec.EllipticCurvePrivateKey,
        journal: Journal,
        http: httpx.AsyncClient,
        *,
        attempts: int = 3,
        now: Callable[[], datetime] = clock.now,
    ) -> None:
        """`attempts` is how often one request is sent before the tap is left in the journal."""
        self._pairing = pairing
        self._journal = journal
        self._http = http
        self._attempts = attempts
        self._bearer = Bearer(pairing, key, http, now)

    async def validate(self, tap: Tap) -> Answer:
        """The service's decision about a tap.

        Raises:
            Unreachable: no answer came; the tap stays in the journal.
            Refused, AnswerUnreadable
        """
        seq, body = self._journal.begin(tap.body)
        return await self.send(seq, body)

    async def resend(self) -> list[Answer]:
        """Sends what was left without an answer; raises as `validate`."""
        return [await self.send(seq, body) for seq, body in self._journal.pending()]

    async def send(self, seq: int, body: bytes) -> Answer:
        """Sends one request as often as it takes; the same number and bytes give the same answer."""
        for attempt in range(self._attempts):
            if attempt:
                await asyncio.sleep(_PAUSE * 2**attempt)
            response = await self._posted(body)
            if response is not None and response.status_code == httpx.codes.OK:
                self._journal.settle(seq, response.content)
                return read_answer(response.content)
            if response is not None and response.status_code == httpx.codes.UNAUTHORIZED:
                self._bearer.forget()
            elif response is not None and response.status_code < 500 and response.status_code != 429:
                # It will never be taken: kept with the refusal, so that it is not sent for ever.
                self._journal.settle(seq, response.content)
                raise Refused(f"{response.status_code} {response.text}")
        raise Unreachable

    async def _posted(self, body: bytes) -> httpx.Response | None:
        try:
            headers = await self._bearer.headers() | {"content-type": "application/json"}
            return await self._http.post(f"{self._pairing.url}/v1/validations", content=body, headers=headers)
        except (httpx.TransportError, ServiceUnreachable):
            return None
        except PairingRefused as error:
            raise Refused(error.detail) from error

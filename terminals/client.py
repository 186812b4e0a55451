"""Asking the service about taps: journalled first, sent with a fresh bearer, repeated with the same number."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import httpx
from cryptography.hazmat.primitives.asymmetric import ec

from cards.bearer import Pairing
from cards.errors import CardGone
from terminals import clock
from terminals.chip_card import Transmit
from terminals.chip_link import ChipLink
from terminals.errors import Refused, Unreachable
from terminals.journal import Journal
from terminals.link import Link
from terminals.message import JSON, VALIDATIONS, Answer, Tap, read_answer

_PAUSE = 0.05


class Client:
    """A paired terminal that decides nothing alone."""

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
        self._journal = journal
        self._attempts = attempts
        self._link = Link(pairing, key, http, now)

    async def validate(self, tap: Tap) -> Answer:
        """The service's decision about a tap.

        Raises:
            Unreachable: no answer came; the tap stays in the journal.
            Refused, AnswerUnreadable, JournalFull
        """
        seq, body = self._journal.begin(tap.body, tap.at)
        return await self.send(seq, body)

    async def on_chip(self, tap: Tap, card: Transmit) -> Answer:
        """The service's decision about a tap of a card of tier 3, to which it talks itself while it lies here.

        Raises:
            CardGone: hold the same card still. Else as `validate`.
        """
        seq, body = self._journal.begin(tap.body, tap.at)
        chips = ChipLink(self._link)
        try:
            answer = await chips.tap(body, card)
        except (Refused, CardGone) as refused:
            self._journal.refused(seq, str(refused).encode())
            raise
        finally:
            await chips.close()
        self._journal.answered(seq)
        return answer

    async def resend(self) -> list[Answer]:
        """Sends what was left without an answer; raises as `validate`."""
        return [await self.send(seq, body) for seq, body in self._journal.pending()]

    async def send(self, seq: int, body: bytes) -> Answer:
        """Sends one request as often as it takes; the same number and bytes give the same answer."""
        for attempt in range(self._attempts):
            if attempt:
                await asyncio.sleep(_PAUSE * 2**attempt)
            try:
                response = await self._link.ask("POST", VALIDATIONS, body, JSON)
            except Unreachable:
                continue
            if response.status_code == httpx.codes.OK:
                answer = read_answer(response.content)
                self._journal.answered(seq)
                return answer
            # It will never be taken: kept with the refusal, so that it is not sent for ever.
            self._journal.refused(seq, response.content)
            raise Refused(f"{response.status_code} {response.text}")
        raise Unreachable

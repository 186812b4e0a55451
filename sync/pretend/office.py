"""The way out of a pretend source: it signs and sends, waits for what comes back, and measures how long that took."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import httpx

from sync import signature
from sync.batches import BatchClient
from sync.errors import AnswerUnreadable, RequestRefused
from sync.patience import FOR_EVER, Patience
from sync.pretend.exchange import Answer, Exchange, Letter, Line, Message, Outcome, Upload
from sync.pretend.letters import NOTIFY, Registry
from sync.spdci.ack import ack_from_json
from sync.strict_json import strict_json
from sync.verdict import EventVerdict, Verdict, answer_from_json

_REFUSALS = (Verdict.REJECTED, Verdict.CONFLICT)
_FORGED = signature.SharedKey(b"nobody knows this key at all")


@dataclass(frozen=True, slots=True)
class Sending:
    """`keys` by the version of their signatures; `batches` is needed for files, `registry` for letters."""

    events_url: str
    keys: Mapping[str, signature.SigningKey]
    http: httpx.AsyncClient
    batches: BatchClient | None = None
    registry: Registry | None = None
    patience: Patience = FOR_EVER

    def can_sign(self) -> tuple[str, ...]:
        """The ways of signing, as a `Message` names them."""
        return (*self.keys, "both") if len(self.keys) > 1 else tuple(self.keys)

    async def perform(self, exchange: Exchange) -> Outcome:
        """Sends it and waits for the end of it; raises what the clients raise when there is no answer."""
        began = time.perf_counter()
        what = exchange.what
        came, batch = await self._sent(what)
        return Outcome(exchange, came, time.perf_counter() - began, batch)

    async def _sent(self, what: Message | Upload | Letter) -> tuple[Answer, str]:
        if isinstance(what, Upload):
            return await self._upload(what)
        return await (self._post(what) if isinstance(what, Message) else self._notify(what)), ""

    async def _notify(self, letter: Letter) -> Answer:
        response = await self.patience.until_answered(lambda: self._letter(letter))
        ack = ack_from_json(strict_json(response.content), self.patience.clock())
        return Answer(response.status_code, state=ack.status.value, problem=ack.code)

    async def _letter(self, letter: Letter) -> httpx.Response:
        if self.registry is None:
            raise AnswerUnreadable("this source is no registry")
        body = self.registry.letter(letter.row, letter.message_id, self.patience.clock())
        url = httpx.URL(self.events_url).join(NOTIFY)
        return await self.http.post(url, content=body, headers={"content-type": "application/json"})

    async def _post(self, message: Message) -> Answer:
        response = await self.patience.until_answered(lambda: self._attempt(message))
        if response.status_code != httpx.codes.OK:
            return Answer(response.status_code)
        return Answer(200, tuple(map(_line, answer_from_json(strict_json(response.content)))))

    async def _attempt(self, message: Message) -> httpx.Response:
        at = self.patience.clock() - message.age
        signed = signature.sign(self._signing(message.keys), message.message_id, at, message.body)
        return await self.http.post(self.events_url, content=message.body, headers={**message.headers, **signed})

    def _signing(self, named: str) -> Sequence[signature.SigningKey]:
        if named == "forged":
            return (_FORGED,)
        return tuple(self.keys.values()) if named == "both" else (self.keys[named],)

    async def _upload(self, upload: Upload) -> tuple[Answer, str]:
        if self.batches is None:
            raise AnswerUnreadable("this source has no machine that may send files")
        try:
            batch_id = await self.batches.send(upload.file, upload.key, content_digest=upload.content_digest)
        except RequestRefused as refused:
            return Answer(refused.status, problem=refused.problem), ""
        return await self._ended(self.batches, batch_id), batch_id

    async def _ended(self, batches: BatchClient, batch_id: str) -> Answer:
        ended = await batches.watch(batch_id)
        if ended.state == "held":
            return Answer(202, state="held")
        counts = {verdict: count for verdict, count in ended.counts.items() if count}
        codes = [
            (row.row, row.code or "")
            for verdict in _REFUSALS
            if counts.get(verdict.value)
            async for row in batches.rows(batch_id, verdict.value)
        ]
        return Answer(202, (), ended.state, counts, tuple(sorted(codes)), ended.error[0] if ended.error else "")


def _line(line: EventVerdict) -> Line:
    return line.verdict.value, line.error.code.value if line.error else ""

"""Sending files: a batch is streamed with its digest, named by a key so that repeating it is safe, and then watched."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from sync.batch_file import BatchFile, content_digest_of, key_of
from sync.digest import Digest, digest_from_json
from sync.door import Ask, Door, read_object
from sync.errors import AnswerUnreadable
from sync.rows import MEDIA_TYPES

BATCHES = "/sync/v1/batches"
DIGEST = "/sync/v1/facts/digest"
ENDED = frozenset({"done", "refused", "cancelled", "held"})
"""States in which nothing more happens by itself; a held batch waits for a person."""
_MEDIA_TYPE = {fmt: media_type for media_type, fmt in MEDIA_TYPES.items()}
_PAGE = 1000
_FIRST_LOOK, _LONGEST_LOOK = 0.05, 2.0


@dataclass(frozen=True, slots=True)
class BatchState:
    """Where a batch is; `settled` of `total` rows (None until they are counted) have a verdict.

    `error` is the code and the place of what made the whole file unreadable. `withdrawn` among the counts are records
    that a snapshot did not name: they are no rows of the file.
    """

    id: str
    state: str
    total: int | None
    settled: int
    counts: Mapping[str, int]
    error: tuple[str, str] | None

    @property
    def ended(self) -> bool:
        return self.state in ENDED


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """What became of one row of a batch; rows are counted from 1, without a heading."""

    row: int
    record_id: str | None
    verdict: str
    code: str | None
    pointer: str | None


@dataclass(frozen=True, slots=True)
class BatchClient:
    """A sender's files, at the receiver that the door leads to. Every call raises what `Door.ask` does.

    `source` says for whom, where the machine speaks for several senders.
    """

    door: Door
    source: str = ""

    async def send(
        self,
        batch: BatchFile,
        key: str = "",
        sent: Callable[[int], object] = lambda _: None,
        content_digest: str = "",
    ) -> str:
        """Sends the file; returns the batch's id once the receiver has it durably.

        The same `key` (the file's SHA-256 unless given) stands for the same batch however often it is sent. `sent` is
        told the size of each piece that leaves.
        """
        sha256 = batch.sha256()
        headers = {
            "content-type": _MEDIA_TYPE[batch.fmt],
            "content-length": str(batch.size),
            "content-digest": content_digest or content_digest_of(sha256),
            "idempotency-key": key or key_of(batch, sha256),
        }
        if batch.gzipped:
            headers["content-encoding"] = "gzip"
        # 409: the same key is still on its way in another request, which may be one of ours that broke off.
        params = _params(batch) | ({"source": self.source} if self.source else {})
        ask = Ask("POST", BATCHES, params, headers, _content(batch, sent), frozenset({409}), timeout=600)
        location = (await self.door.ask(ask)).headers.get("location", "")
        if not location.startswith(f"{BATCHES}/"):
            raise AnswerUnreadable("the answer names no batch")
        return str(location).removeprefix(f"{BATCHES}/")

    async def state(self, batch_id: str) -> BatchState:
        """Where the batch is now."""
        return _state(read_object(await self.door.ask(Ask("GET", f"{BATCHES}/{batch_id}"))))

    async def watch(self, batch_id: str, seen: Callable[[BatchState], object] = lambda _: None) -> BatchState:
        """Looks at the batch until it has ended or is held; `seen` is told each look."""
        pause = _FIRST_LOOK
        while True:
            state = await self.state(batch_id)
            seen(state)
            if state.ended:
                return state
            await self.door.patience.sleep(pause)
            pause = min(pause * 1.5, _LONGEST_LOOK)

    async def rows(self, batch_id: str, verdict: str) -> AsyncIterator[RowOutcome]:
        """The rows that met this verdict, in the order of the file."""
        after, full = 0, True
        while full:
            params = {"verdict": verdict, "after": str(after), "limit": str(_PAGE)}
            response = await self.door.ask(Ask("GET", f"{BATCHES}/{batch_id}/rows", params))
            page = _rows(response)
            for row in page:
                yield row
            full = len(page) == _PAGE
            after = page[-1].row if page else after

    async def digest(self) -> Digest:
        """The receiver's ledger of the source in 256 buckets."""
        params = {"source": self.source} if self.source else {}
        return digest_from_json(read_object(await self.door.ask(Ask("GET", DIGEST, params))))


def _params(batch: BatchFile) -> dict[str, str]:
    return {"kind": batch.kind} | ({} if batch.as_of is None else {"as_of": str(batch.as_of)})


def _content(batch: BatchFile, sent: Callable[[int], object]) -> Callable[[], AsyncIterator[bytes]]:
    async def pieces() -> AsyncIterator[bytes]:
        for piece in batch.pieces():
            yield piece
            sent(len(piece))

    return pieces


def _state(answer: Mapping[str, Any]) -> BatchState:
    error = answer.get("error")
    try:
        return BatchState(
            id=answer["id"],
            state=answer["state"],
            total=answer["total_rows"],
            settled=answer["next_row"],
            counts=dict(answer["counts"]),
            error=(error["code"], error.get("detail") or "") if error else None,
        )
    except (KeyError, TypeError, ValueError) as missing:
        raise AnswerUnreadable(f"the answer does not describe a batch: {missing}") from None


def _rows(response: httpx.Response) -> list[RowOutcome]:
    try:
        return [_row(json.loads(line)) for line in response.text.splitlines() if line]
    except (ValueError, KeyError, TypeError) as error:
        raise AnswerUnreadable(f"the answer does not list rows: {error}") from None


def _row(line: Mapping[str, Any]) -> RowOutcome:
    return RowOutcome(line["row"], line.get("record_id"), line["verdict"], line.get("code"), line.get("pointer"))

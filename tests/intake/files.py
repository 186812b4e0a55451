"""A sender's machine that hands over files, and what is found of them afterwards."""

import base64
import gzip
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from psycopg import AsyncConnection
from sqlalchemy import select, text

from amis.intake.batch_api import BATCHES
from amis.intake.importing import import_next
from amis.intake.models import LedgerRow
from amis.kernel.db import transaction
from tests.intake.wire import SOURCE, TOWN, of_person

NDJSON = "application/x-ndjson"
_keys = count(1)


def row(record: str, version: int, code: str, **data: Any) -> dict[str, Any]:
    """A row that states a status of that person; `data` replaces members."""
    found: dict[str, Any] = of_person(code, record, version, **data)["data"]
    return found


def ndjson(*rows: dict[str, Any] | bytes) -> bytes:
    """A file of rows; bytes stand as they are."""
    lines = [line if isinstance(line, bytes) else json.dumps(line, ensure_ascii=False).encode() for line in rows]
    return b"".join(line + b"\n" for line in lines)


def content_digest(content: bytes) -> str:
    """The header of RFC 9530."""
    return f"sha-256=:{base64.b64encode(sha256(content).digest()).decode()}:"


@dataclass
class Files:
    """Hands over files at the door, and lets the worker take them in."""

    client: httpx.AsyncClient
    worker: AsyncConnection
    folder: Path

    async def post(
        self,
        content: bytes | AsyncIterator[bytes],
        kind: str = "delta",
        headers: Mapping[str, str] | None = None,
        **asked: Any,
    ) -> httpx.Response:
        """Sends a file; `headers` replace and add, `asked` are parameters such as as_of."""
        digest = content_digest(content) if isinstance(content, bytes) else ""
        usual = {"content-type": NDJSON, "content-digest": digest, "idempotency-key": f"k-{next(_keys)}"}
        named = usual | {"accept": "application/json"} | dict(headers or {})
        kept = {name: value for name, value in named.items() if value}
        return await self.client.post(BATCHES, params={"kind": kind} | asked, content=content, headers=kept)

    async def deliver(self, *rows: dict[str, Any] | bytes, **asked: Any) -> dict[str, Any]:
        """Sends rows as a file and has it taken in; what there is to say of the batch then."""
        return await self.deliver_file(ndjson(*rows), **asked)

    async def deliver_file(self, content: bytes, **asked: Any) -> dict[str, Any]:
        """The same for a file."""
        answer = await self.post(content, **asked)
        assert answer.status_code == 202, answer.text
        await self.work()
        return await self.told(answer.headers["location"])

    async def work(self) -> None:
        """Lets the worker do all that waits."""
        while await import_next(self.worker, self.folder):
            pass

    async def told(self, location: str) -> dict[str, Any]:
        """The batch."""
        answer = await self.client.get(location, headers={"accept": "application/json"})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def rows(self, batch: Mapping[str, Any], **asked: Any) -> list[dict[str, Any]]:
        """The rows of a batch that are told."""
        answer = await self.client.get(f"{BATCHES}/{batch['id']}/rows", params=asked)
        assert answer.status_code == 200, answer.text
        return [json.loads(line) for line in answer.content.splitlines()]


def zipped(content: bytes) -> tuple[bytes, dict[str, str]]:
    """The file compressed, and the header that says so."""
    return gzip.compress(content), {"content-encoding": "gzip"}


def counted(**verdicts: int) -> dict[str, int]:
    """All counts of a batch; those not named are 0."""
    names = ("applied", "unchanged", "stale", "conflict", "rejected", "held", "unsupported", "withdrawn")
    return dict.fromkeys(names, 0) | verdicts


async def ledger() -> dict[str, tuple[int, str, int | None]]:
    """What the ledger holds of the source: version, op and absent_as_of by record."""
    async with transaction(TOWN) as tx:
        rows = await tx.session.scalars(select(LedgerRow).where(LedgerRow.source == SOURCE))
        return {row.record_id: (row.version, row.op, row.absent_as_of) for row in rows}


async def audited(batch_id: str | UUID) -> list[str]:
    """What the audit trail says was done with a batch."""
    async with transaction(TOWN) as tx:
        asked = text("SELECT action FROM audit WHERE subject_id = :id ORDER BY id")
        return list(await tx.session.scalars(asked, {"id": str(batch_id)}))

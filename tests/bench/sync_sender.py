"""The sending end of the measurements of files: a paired machine at the door, and the importer in its own process."""

import asyncio
import base64
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from time import perf_counter

import httpx
import psycopg

from amis.intake.batch_api import BATCHES
from amis.kernel.ids import new_id
from amis.kernel.postgres import SUPERUSER
from sync.personal_code import draw_newer
from tests.bench.cpu import tree_seconds
from tests.bench.naive_sync import rows
from tests.bench.stage import Server, Stage, service
from tests.sync_machine import paired_sender
from tests.town import Site
from tests.walks.import_process import importing
from tests.walks.machines import bearer_in

_LOOK = 0.02


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that was taken in: seconds until it was durable and until it was done, CPU seconds of both sides."""

    rows: int
    durable: float
    done: float
    importer_cpu: float
    postgres_cpu: float

    @property
    def rate(self) -> float:
        """Rows a second from the first byte sent to the last right."""
        return self.rows / self.done

    @property
    def cpu_us(self) -> float:
        """Microseconds of CPU a row."""
        return 1e6 * (self.importer_cpu + self.postgres_cpu) / self.rows


@dataclass(slots=True)
class Sending:
    """A sender whose files are imported."""

    on: Stage
    server: Server
    site: Site
    bearer: str
    importer: int
    made: int = 0
    codes: Iterator[str] = field(default_factory=lambda: _codes(random.Random(41)))  # made up

    def file(self, count: int) -> bytes:
        """Rows about so many people whom nobody knows yet."""
        lines = rows(self.made + 1, count, self.codes, date(2026, 1, 1))
        self.made += count
        return b"\n".join(lines)

    async def deliver(self, content: bytes, count: int, **asked: str) -> Taken:
        """Sends a file and waits until it is done."""
        worked = self._cpu()
        began = perf_counter()
        await self._post(content, {"kind": "delta"} | asked)
        durable = perf_counter() - began
        async with await psycopg.AsyncConnection.connect(self.on.url(SUPERUSER), autocommit=True) as db:
            while (state := await _state(db)) not in ("done", "held", "refused"):  # noqa: ASYNC110 - it is another process
                await asyncio.sleep(_LOOK)
        took, spent = perf_counter() - began, self._cpu()
        if state != "done":
            raise RuntimeError(f"the batch is {state}")
        return Taken(count, durable, took, spent[0] - worked[0], spent[1] - worked[1])

    def _cpu(self) -> tuple[float, float]:
        return tree_seconds(self.importer), tree_seconds(self.on.postmaster)

    async def _post(self, content: bytes, asked: dict[str, str]) -> None:
        digest = base64.b64encode(sha256(content).digest()).decode()
        headers = {"authorization": f"Bearer {self.bearer}", "content-type": "application/x-ndjson"}
        headers |= {"content-digest": f"sha-256=:{digest}:", "idempotency-key": str(new_id())}
        address = f"{self.site.url}{BATCHES}"
        answer = await self.site.http.post(address, params=asked, content=content, headers=headers)
        if answer.status_code != 202:
            raise RuntimeError(f"the file was not taken: {answer.text}")


@asynccontextmanager
async def sending(on: Stage) -> AsyncIterator[Sending]:
    """The web process, the importer and the machine."""
    with service(on) as server, importing(on.settings) as importer:
        assert importer.pid is not None
        async with httpx.AsyncClient(timeout=600) as http:
            site = Site(f"http://127.0.0.1:{server.port}", on.settings, on.town, http, on.settings.data_dir)
            home, _ = await paired_sender(site, on.settings.data_dir / "sender")
            yield Sending(on, server, site, await bearer_in(site, home), importer.pid)


def _codes(rng: random.Random) -> Iterator[str]:
    drawn: set[str] = set()
    while True:
        code = draw_newer(rng)
        if code not in drawn:
            drawn.add(code)
            yield code


async def _state(db: psycopg.AsyncConnection) -> str:
    """How the newest batch is."""
    asked = await db.execute("SELECT state FROM batch ORDER BY queued_at DESC, id DESC LIMIT 1")
    row = await asked.fetchone()
    assert row is not None
    return str(row[0])

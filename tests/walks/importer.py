"""Files for an importer, how far it is with them, and what the register looks like once it is through."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg import AsyncConnection

from amis.demo.town import SOURCE
from amis.intake import store
from amis.intake.batches import Delivery, receive
from amis.intake.places import folder_of
from amis.intake.raw_files import Incoming
from amis.kernel.db import transaction
from amis.kernel.ids import new_id
from amis.kernel.process import database_url, opened
from amis.kernel.settings import Settings
from sync.personal_code import draw_with_birth_date
from sync.rows import to_line
from tests.town import CLERK

_BORN = date(1984, 5, 17)
WITHDRAWN = 20


@dataclass(frozen=True)
class Files:
    """Two files of a source: changes with some bad rows and repetitions, then a snapshot that leaves records out."""

    delta: bytes
    snapshot: bytes
    as_of: int

    async def deliver(self, settings: Settings) -> None:
        """Hands both over to the service with these settings."""
        async with opened(settings), transaction(CLERK) as tx:
            sender = next(one for one in await store.senders(tx) if one.source == SOURCE)
            for content, delivery in (
                (self.delta, Delivery("delta", "ndjson", "upload")),
                (self.snapshot, Delivery("snapshot", "ndjson", "upload", self.as_of)),
            ):
                incoming = Incoming(folder_of(settings), new_id())
                incoming.write(content)
                await receive(tx, sender, incoming.finish(), delivery)


def drawn(rows: int, rng: random.Random) -> Files:
    """Files of so many records, each of a person of its own."""
    people = [draw_with_birth_date(rng, _BORN) for _ in range(rows)]
    first = [_row(number, number, code, rng) for number, code in enumerate(people, 1)]
    bad = [{"record_id": f"B-{number}"} for number in range(5)]
    delta = [*first, *bad, *rng.sample(first, rows // 10)]
    kept = rng.sample(first, rows - WITHDRAWN)
    changed = [
        _row(int(row["record_id"][2:]), rows + number, people[int(row["record_id"][2:]) - 1], rng)
        for number, row in enumerate(kept[: rows // 2], 1)
    ]
    snapshot = [*changed, *kept[rows // 2 :]]
    return Files(b"".join(map(to_line, delta)), b"".join(map(to_line, snapshot)), as_of=2 * rows)


def _row(number: int, version: int, code: str, rng: random.Random) -> dict[str, Any]:
    status, month = rng.choice(["TRUCIGA", "INV1", "REPR"]), rng.randint(1, 9)
    days = {"valid_from": f"2026-0{month}-01", "valid_to": f"2027-0{month}-28"}
    person = {"code": code, "given_name": "Anna", "family_name": "Ozola"}
    return {"record_id": f"S-{number}", "version": version, "op": "upsert", "person": person, "status": status} | days


STATE: Sequence[str] = (
    "SELECT record_id, version, op, absent_as_of, person_id IS NULL FROM notice",
    "SELECT record_id, version, kind, value, valid_from, valid_to, closed_version FROM fact WHERE record_id LIKE 'S-%'",
    "SELECT fact.record_id, entitlement.rule_id, entitlement.periods::text FROM entitlement"
    " JOIN fact ON fact.person_id = entitlement.person_id WHERE fact.recorded_to IS NULL",
    "SELECT kind, state, total_rows, next_row, applied, unchanged, stale, conflict, rejected, withdrawn FROM batch",
    "SELECT record_id, version, verdict, error_code, error_pointer, row_no FROM notice_arrival",
    "SELECT fact.record_id, entry.change, entry.cause, entry.gained::text, entry.lost::text"
    " FROM entitlement_log AS entry JOIN (SELECT DISTINCT person_id, record_id FROM fact) AS fact"
    " ON fact.person_id = entry.person_id",
    "SELECT action, count(*) FROM audit GROUP BY action",
    "SELECT row_no, content_type, state FROM quarantine",
    "SELECT count(*) FROM batch_record",
)
"""Everything an import leaves behind, without ids and times."""


async def state(settings: Settings) -> list[list[tuple[Any, ...]]]:
    """What the register holds now."""
    async with await AsyncConnection.connect(database_url(settings, "amis_owner")) as owner:
        return [sorted(await (await owner.execute(query)).fetchall(), key=str) for query in STATE]


async def progress(settings: Settings) -> list[tuple[str, int]]:
    """State and rows settled of each batch, in the order of arrival."""
    async with await AsyncConnection.connect(database_url(settings, "amis_owner")) as owner:
        asked = "SELECT state, next_row FROM batch ORDER BY queued_at, id"
        return list(await (await owner.execute(asked)).fetchall())


async def begun(settings: Settings) -> bool:
    """Returns when a batch is being worked upon; False when all are done before that."""
    while not any(state in ("checking", "applying") for state, _ in await progress(settings)):
        if await done(settings):
            return False
        await asyncio.sleep(0.01)
    return True


async def finished(settings: Settings) -> None:
    """Returns when all batches are done."""
    while not await done(settings):  # noqa: ASYNC110 - it is another process
        await asyncio.sleep(0.05)


async def done(settings: Settings) -> bool:
    """Whether all batches are done."""
    return all(state == "done" for state, _ in await progress(settings))


async def a_minute_passes(settings: Settings) -> None:
    """What a dead importer held may be taken over."""
    async with await AsyncConnection.connect(database_url(settings, "amis_owner"), autocommit=True) as owner:
        await owner.execute("UPDATE batch SET lease_until = now() WHERE lease_until IS NOT NULL")

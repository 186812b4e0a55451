"""The audit tree: how fast committed uses become leaves under a signed checkpoint, and how fast they are verified."""

import time
from collections.abc import Awaitable
from pathlib import Path

from psycopg import AsyncConnection

from amis.kernel import checkpoint, sequencer
from amis.kernel.keys import AUDIT, keystore
from amis.kernel.verify import verify
from amis.validating.leaves import USE
from tests.bench.limit import pgbench
from tests.bench.people import install, open_ride, settle
from tests.bench.report import Goal, Section
from tests.bench.scale import Scale
from tests.bench.stage import Stage

SOURCES = [sequencer.AUDIT, USE]
KEEPS_UP_WITH = 10_000
NOTES = (
    "The leaves are the uses of one pgbench run and the founding of the town; one process reads, hashes in PostgreSQL, "
    "copies the leaves, grows the tree, signs a checkpoint and appends it to the witness file with fsync.",
    "verify: the whole trail from rows to signatures, every finding would be counted.",
)


async def audit(on: Stage, scale: Scale) -> Section:
    """One extension of the tree by everything that waits, then a verification of all of it."""
    ride = await open_ride()
    settle(on, ride, scale.holders, computable=True)
    pgbench(on, install(on, 1)[0], ride, scale.holders, scale.seconds * scale.rounds, 1)
    witness = on.settings.data_dir / "witness.jsonl"
    async with await AsyncConnection.connect(on.url("amis_worker"), autocommit=True) as connection:
        took, leaves = await _timed(sequencer.extend(connection, keystore(), SOURCES, witness))
        verifying, findings = await _timed(_findings(connection, witness))
    rows = [("sequence", leaves, took, leaves / took), ("verify", leaves, verifying, leaves / verifying)]
    goals = (
        Goal("leaves sequenced a second", leaves / took, KEEPS_UP_WITH, at_most=False),
        Goal("findings", findings, 0),
    )
    return Section("Audit tree, one process", ("work", "leaves", "seconds", "leaves a second"), rows, goals, NOTES)


async def _findings(connection: AsyncConnection, witness: Path) -> int:
    publics = [checkpoint.raw(key) for key in keystore().publics(AUDIT)]
    return len((await verify(connection, publics, SOURCES, witness)).findings)


async def _timed(work: Awaitable[int]) -> tuple[float, int]:
    began = time.perf_counter()
    result = await work
    return time.perf_counter() - began, result

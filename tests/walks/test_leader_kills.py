"""The worker that leads is killed again and again: what it had begun is done by the next one, never by two."""

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, LiteralString

from psycopg import AsyncConnection

from amis.kernel.settings import Settings
from tests.walks.counts import count
from tests.walks.processes import ROOT, environment

KILLS = count(test=2, check=20, deep=100)
_TABLE = """
CREATE TABLE ticked (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, job text NOT NULL, slot timestamptz NOT NULL,
    pid integer NOT NULL, began timestamptz NOT NULL DEFAULT clock_timestamp(), ended timestamptz);
GRANT SELECT, INSERT, UPDATE ON ticked TO amis_worker
"""
_BEGUN: LiteralString = "SELECT FROM job_run WHERE ended_at IS NULL AND slot < date_trunc('second', now())"


@dataclass(slots=True)
class Workers:
    """Workers of one nursery, of which one leads."""

    nursery: asyncio.subprocess.Process
    connection: AsyncConnection
    alive: set[int] = field(default_factory=set)
    killed: set[int] = field(default_factory=set)

    async def fork(self) -> None:
        assert self.nursery.stdin is not None
        assert self.nursery.stdout is not None
        self.nursery.stdin.write(b"\n")
        self.alive.add(int(await asyncio.wait_for(self.nursery.stdout.readline(), 60)))

    async def leader(self) -> int:
        """Waits until one that lives has begun something; its process id."""
        async with asyncio.timeout(60):
            while True:
                row = await self.rows("SELECT pid FROM ticked ORDER BY id DESC LIMIT 1")
                if row and row[0][0] in self.alive:
                    return int(row[0][0])
                await asyncio.sleep(0.02)

    def kill(self, pid: int) -> None:
        os.kill(pid, signal.SIGKILL)
        self.alive.remove(pid)
        self.killed.add(pid)

    async def rows(self, statement: LiteralString) -> list[tuple[Any, ...]]:
        return await (await self.connection.execute(statement)).fetchall()


@asynccontextmanager
async def workers(settings: Settings) -> AsyncIterator[Workers]:
    """Two of them."""
    nursery = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.walks.ticking"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment(settings) | {"AMIS_CANARY": "false"},
        cwd=ROOT,
    )
    async with await AsyncConnection.connect(settings.database_owner_url or "", autocommit=True) as connection:
        await connection.execute(_TABLE)
        both = Workers(nursery, connection)
        try:
            await both.fork()
            await both.fork()
            yield both
        finally:
            assert nursery.stdin is not None
            nursery.stdin.close()
            await nursery.wait()


async def test_a_killed_leader_loses_no_slot_that_it_began_and_none_is_worked_by_two(database: Settings) -> None:
    rng = random.Random(3)
    async with workers(database) as both:
        for _ in range(KILLS):
            leader = await both.leader()
            await asyncio.sleep(rng.uniform(0, 1.2))
            both.kill(leader)
            await both.fork()
        await both.leader()
        async with asyncio.timeout(60):
            while await both.rows(_BEGUN):  # noqa: ASYNC110 - another process makes no event here
                await asyncio.sleep(0.05)
        runs = await both.rows("SELECT job, slot, pid, began, ended FROM ticked ORDER BY job, id")
        ended = await both.rows(
            "SELECT job, slot, attempts, error FROM job_run WHERE ended_at IS NOT NULL AND job IN ('second', 'hour')"
        )
    assert len(both.killed) == KILLS
    for job, slot, attempts, error in ended:
        own = [run for run in runs if run[:2] == (job, slot)]
        assert (len(own), error) == (attempts, None)
        assert own[-1][4] is not None, "a slot that ended was done"
        # done again only what its worker did not live to note as done
        assert {run[2] for run in own[:-1]} <= both.killed
    assert {run[0] for run in ended} == {"second", "hour"}
    for job in ("second", "hour"):
        in_turn = [run for run in runs if run[0] == job]
        assert all(before[4] or before[2] in both.killed for before, _ in pairwise(in_turn))
        assert all(before[4] is None or before[4] <= after[3] for before, after in pairwise(in_turn)), "one at a time"

"""The service is killed under load, again and again: what was answered is kept once, what was not is done once."""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from psycopg import AsyncConnection

from amis.kernel import checkpoint, clock, postgres, sequencer
from amis.kernel.keys import AUDIT, keystore
from amis.kernel.process import database_url, witness_file
from amis.kernel.verify import verify
from amis.worker import SOURCES
from terminals.message import read_answer
from tests.town import Site
from tests.walks.counts import count
from tests.walks.processes import commands, forked
from tests.walks.tapping import Holder, Terminal, holders, terminals

CLIENTS = count(test=32, check=32, deep=200)
KILLS = count(test=50, check=1_000, deep=10_000)
RESTARTS = count(test=1, check=20, deep=100)
CRASHES = count(test=1, check=3, deep=20)
QUOTA = 20
KILLS_A_QUOTA = 5
"""So many deaths a quota of 20 sees while it runs out."""
Key = tuple[str, int]


@dataclass(slots=True)
class Storm:
    """Terminals that tap as fast as they are answered, and what they were told."""

    unlimited: list[Holder]
    scarce: Holder
    rng: random.Random = field(default_factory=lambda: random.Random(7))
    over: bool = False
    answered: dict[Key, bytes] = field(default_factory=dict)
    sent_again: dict[Key, datetime] = field(default_factory=dict)

    async def tap(self, terminal: Terminal) -> None:
        """Taps until it is over, half of the time on the one quota that is running out."""
        while not self.over:
            holder = self.scarce if self.rng.random() < 0.5 else self.rng.choice(self.unlimited)
            seq, body = terminal.ask(holder.shown)
            key = terminal.pairing.machine_id, seq
            self.answered[key] = await self._answer(terminal, key, body)
            if self.rng.random() < 0.05:
                assert await self._answer(terminal, key, body) == self.answered[key]

    async def flowing(self, least: int = 1) -> None:
        """Waits until so many more taps are answered, and a random moment."""
        before = len(self.answered)
        while len(self.answered) < before + least:  # noqa: ASYNC110 - 32 terminals would set one event in turn
            await asyncio.sleep(0.001)
        await asyncio.sleep(self.rng.uniform(0, 0.1))

    async def _answer(self, terminal: Terminal, key: Key, body: bytes) -> bytes:
        while (content := await terminal.post(body)) is None:
            self.sent_again.setdefault(key, clock.now())
            await asyncio.sleep(0.01)
        return content


async def test_killed_processes_lose_nothing_and_count_nothing_twice(apart: Site) -> None:
    async with forked(apart) as service:
        crowd, scarce = await _people(apart, -(-KILLS // KILLS_A_QUOTA))
        storm = Storm(crowd, scarce[0])
        async with asyncio.TaskGroup() as group:
            for terminal in await terminals(apart, CLIENTS):
                group.create_task(storm.tap(terminal))
            for kill in range(KILLS):
                storm.scarce = scarce[kill // KILLS_A_QUOTA]
                await storm.flowing()
                await service.kill()
            storm.over = True
    recorded = await _reconcile(apart, storm)
    # The dangerous case came up: committed by a process that died before it could say so.
    assert any(recorded[key] < again for key, again in storm.sent_again.items())
    assert len(storm.sent_again) >= KILLS


async def test_the_commands_themselves_survive_their_death(apart: Site) -> None:
    async with commands(apart, "serve", "worker") as (serve, worker):
        crowd, scarce = await _people(apart, RESTARTS)
        storm = Storm(crowd, scarce[0])
        async with asyncio.TaskGroup() as group:
            for terminal in await terminals(apart, CLIENTS):
                group.create_task(storm.tap(terminal))
            for storm.scarce in scarce:
                await storm.flowing(500)
                worker.kill()
                serve.kill()
            storm.over = True
    await _reconcile(apart, storm)
    assert storm.sent_again


async def test_a_crash_of_the_database_takes_no_answer_back(fragile: tuple[Site, postgres.Cluster]) -> None:
    site, cluster = fragile
    async with forked(site):
        crowd, scarce = await _people(site, CRASHES)
        storm = Storm(crowd, scarce[0])
        async with asyncio.TaskGroup() as group:
            for terminal in await terminals(site, CLIENTS):
                group.create_task(storm.tap(terminal))
            for storm.scarce in scarce:
                await storm.flowing(300)
                await asyncio.to_thread(_crash, cluster)
            await storm.flowing(100)
            storm.over = True
    await _reconcile(site, storm)
    assert storm.sent_again


def _crash(cluster: postgres.Cluster) -> None:
    """Ends the server without a checkpoint, as a power cut does for it, and starts it on what is on disk."""
    postgres.stop(cluster, "immediate")
    postgres.start(cluster)


async def _people(site: Site, scarce: int) -> tuple[list[Holder], list[Holder]]:
    return await holders(site, "INV1", 8), await holders(site, "REPR", scarce)


async def _reconcile(site: Site, storm: Storm) -> dict[Key, datetime]:
    """Holds the answers against the database; returns when each was recorded."""
    async with await AsyncConnection.connect(database_url(site.settings, "amis_owner")) as owner:
        recorded = await _answers_are_kept(owner, storm)
        await _uses_are_those_of_the_answers(owner, storm)
        await _no_quota_is_overspent(owner)
    await _audit_is_whole(site, len(storm.answered))
    return recorded


async def _answers_are_kept(owner: AsyncConnection, storm: Storm) -> dict[Key, datetime]:
    rows = await owner.execute("SELECT terminal_id::text, seq, answer, recorded_at FROM tap_key")
    kept = {(terminal, seq): (answer.encode(), at) async for terminal, seq, answer, at in rows}
    assert {key: answer for key, (answer, _) in kept.items()} == storm.answered
    return {key: at for key, (_, at) in kept.items()}


async def _uses_are_those_of_the_answers(owner: AsyncConnection, storm: Storm) -> None:
    told = {key: read_answer(content) for key, content in storm.answered.items()}
    uses = [row async for row in await owner.execute("SELECT terminal_id::text, seq, id FROM use")]
    denials = await owner.execute("SELECT actor_id, (after ->> 'seq')::bigint FROM audit WHERE action = 'tap.deny'")
    accepted = {(*key, UUID(answer.use)) for key, answer in told.items() if answer.use is not None}
    denied = [key for key, answer in told.items() if not answer.accepted]
    assert Counter(uses) == Counter(accepted)
    assert Counter([row async for row in denials]) == Counter(denied)
    assert {answer.reason for answer in told.values()} == {"OK", "QUOTA_USED"}


async def _no_quota_is_overspent(owner: AsyncConnection) -> None:
    counted = await owner.execute("SELECT person_id, used FROM quota_counter")
    used = await owner.execute("SELECT person_id, count(*) FROM use WHERE quota_per IS NOT NULL GROUP BY person_id")
    counters: dict[UUID, int] = dict(await counted.fetchall())
    uses: dict[UUID, int] = dict(await used.fetchall())
    assert counters == uses
    assert max(uses.values()) == QUOTA


async def _audit_is_whole(site: Site, answers: int) -> None:
    witness = witness_file(site.settings)
    url = database_url(site.settings, "amis_worker")
    async with await AsyncConnection.connect(url, autocommit=True) as worker:
        await sequencer.extend(worker, keystore(), SOURCES, witness)
        seen = await verify(worker, [checkpoint.raw(key) for key in keystore().publics(AUDIT)], SOURCES, witness)
    assert seen.findings == ()
    assert seen.leaves > answers

"""What terminals carry: built for a million cards; and how soon two hundred terminals acknowledge a block."""

import asyncio
import ssl
import time
from base64 import b64decode
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import LiteralString
from uuid import UUID

import httpx
import psycopg
from psycopg import AsyncConnection

from amis.concessions.seed_lv import JELGAVA
from amis.issuing import service as issuing
from amis.kernel import clock
from amis.kernel.actor import system
from amis.kernel.db import transaction
from amis.kernel.keys import STATUS, keystore
from amis.kernel.postgres import SUPERUSER
from amis.validating import bundle_notes
from amis.validating.publisher import Publisher, publish_bundles
from cards import cbor
from cards.keys import KeySigner
from cards.statuslist import SIZE, StatusList, sign_status_list
from terminals.bundle.delta import Delta
from terminals.bundle.objects import unverified
from terminals.events import events
from tests.bench.cpu import tree_seconds
from tests.bench.numbers import median, percentile
from tests.bench.people import Terminal, install, open_ride, settle
from tests.bench.report import Goal, Section
from tests.bench.scale import FULL, Scale
from tests.bench.stage import Stage, service

CARDS, FEW = 1_000_000, 50_000
TERMINALS = 200
DEAD = 50
"""One token in so many is blocked: 20,000 of a million."""
_TIMEOUT = httpx.Timeout(60)
NOTES = (
    "Acknowledged: from the start of the transaction that blocks a token to the answer of the presence by which a "
    "terminal says that it holds the change; 100 terminals on the stream, 100 on long polls, one web process, the "
    "publisher in the process of the measurement.",
    "Cards: one provider that takes every concession; a person has one to three rights that began on any of 3,600 "
    "days. Full: policy, lists, snapshot, signatures and all rows written. Delta: one card blocked, from the look that "
    "finds it to its commit.",
)
_PEOPLE: Sequence[LiteralString] = (
    "SET session_replication_role = replica",
    "SELECT setseed(0.5)",
    "INSERT INTO status_list (id, cohort) SELECT n, '2099H1' FROM generate_series(0, (%(cards)s - 1) / 131072) AS n"
    " ON CONFLICT DO NOTHING",
    "CREATE TEMPORARY TABLE newcomer AS SELECT n, uuidv7() AS person, uuidv7() AS token,"
    " n %% %(dead)s = 0 AS dead FROM generate_series(0, %(cards)s - 1) AS n",
    "INSERT INTO token (id, municipality_id, person_id, kind, state, number, status_list, status_index, status,"
    " valid_from, valid_to, requested_at, application_id, card_uid, keyset)"
    " SELECT token, %(home)s, person, 'card', CASE WHEN dead THEN 'blocked' ELSE 'active' END,"
    " 'BENCH' || lpad(n::text, 11, '0'), n / 131072, n %% 131072, CASE WHEN dead THEN 2 ELSE 0 END,"
    " '2020-01-01', '2100-01-01', '2020-01-01', uuidv7(), '\\x04'::bytea || substr(int8send(n), 3), 1 FROM newcomer",
    "INSERT INTO entitlement (id, municipality_id, person_id, rule_id, concession_id, grantor_id, rule_version,"
    " rule_sha256, periods, changed_at)"
    " SELECT uuidv7(), %(home)s, person, uuidv7(), concession, %(home)s, 1, repeat('0', 64),"
    " datemultirange(daterange(date '2017-01-01' + (random() * 3600)::int, NULL)), '2020-01-01'"
    " FROM newcomer CROSS JOIN LATERAL (SELECT 1 + n %% 3 AS rights) AS one"
    " CROSS JOIN LATERAL unnest(%(concessions)s::uuid[]) WITH ORDINALITY AS given (concession, place)"
    " WHERE (place + n / 3) %% array_length(%(concessions)s::uuid[], 1) < rights",
    "SET session_replication_role = DEFAULT",
    "VACUUM ANALYZE token, entitlement",
)


async def bundle(on: Stage, scale: Scale) -> Section:
    """A block on its way to terminals; then the bundle of a large country."""
    acked = await _acknowledged(on, scale)
    cards = CARDS if scale == FULL else FEW
    await _populate(on, cards)
    built = await _built(on, cards)
    columns = ("what", "times", "p50 ms", "p99 ms", "longest ms")
    rows = [(name, len(ms), percentile(ms, 50), percentile(ms, 99), max(ms)) for name, ms in (acked | built).items()]
    goals = [
        Goal("blocked -> acknowledged by each of 200, p99 ms", percentile(acked[ACKED], 99), 2_000),
        Goal(f"deny list, {cards // DEAD} of {cards}, ms", median(built[LISTS]), 50),
        Goal(f"full bundle of {cards} cards, ms", median(built[FULLY]), 5_000),
        Goal("delta of one block, ms", median(built[ONE]), 50),
    ]
    return Section("The bundle", columns, rows, goals, NOTES)


CPU = (
    "of it CPU of the web process, a round",
    "of it CPU of PostgreSQL, a round",
    "of it CPU of 200 terminals and the publisher, a round",
)
ACKED, LISTS, FULLY, ONE, MANY, BACK = (
    "blocked -> acknowledged",
    "deny list, read and signed",
    "full bundle",
    "delta of one block",
    "delta of 5,000 blocks",
    "read back after a start",
)


@dataclass
class _Fleet:
    """Two hundred terminals that follow and acknowledge; `held` says who holds what.

    Each has a client of its own, as in life: one pool of 200 connections would cost more than all the rest.
    """

    url: str
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    held: dict[UUID, int] = field(default_factory=dict)
    when: dict[UUID, float] = field(default_factory=dict)

    async def follow(self, one: Terminal, since: int, *, by_stream: bool) -> None:
        """Follows for ever, by the stream or by long polls."""
        bearer = {"authorization": f"Bearer {one.bearer}"}
        async with httpx.AsyncClient(base_url=self.url, timeout=_TIMEOUT, verify=self.tls, headers=bearer) as http:
            await (self._stream if by_stream else self._poll)(http, one, since)

    async def _stream(self, http: httpx.AsyncClient, one: Terminal, since: int) -> None:
        while True:
            last = {"last-event-id": str(max(since, self.held.get(one.id, 0)))}
            async with http.stream("GET", "/terminal/v1/stream", headers=last) as answer:
                async for event in events(answer.aiter_lines()):
                    await self._say(http, one, Delta.decode(unverified("delta", b64decode(event.data))))
            await asyncio.sleep(0.5)

    async def _poll(self, http: httpx.AsyncClient, one: Terminal, since: int) -> None:
        while True:
            answer = await http.get(f"/terminal/v1/changes?since={since}&wait=30")
            if answer.status_code == 200:
                found = cbor.decode(answer.content)
                assert isinstance(found, list)
                last = found[-1]
                assert isinstance(last, bytes)
                told = Delta.decode(unverified("delta", last))
                since = told.after
                await self._say(http, one, told)
            elif answer.status_code != 204:
                await asyncio.sleep(0.5)

    async def _say(self, http: httpx.AsyncClient, one: Terminal, told: Delta) -> None:
        body = {"held": told.after, "hash": told.hash.hex(), "at": clock.now().isoformat(), "waiting": 0}
        answer = await http.post("/terminal/v1/presence", json=body | {"software": "bench"})
        answer.raise_for_status()
        self.when[one.id], self.held[one.id] = time.perf_counter(), told.after


async def _acknowledged(on: Stage, scale: Scale) -> dict[str, list[float]]:
    terminals, rounds = install(on, TERMINALS), max(scale.pushes // 20, 2)
    holders = settle(on, await open_ride(), rounds + 1)
    took: list[float] = []
    spent: list[float] = []
    with service(on) as server:
        settings = on.settings.model_copy(update={"public_url": f"http://127.0.0.1:{server.port}"})
        async with await AsyncConnection.connect(on.url("amis_worker"), autocommit=True) as connection:
            publishing = asyncio.create_task(publish_bundles(connection, settings))
            fleet, since = _Fleet(settings.public_url), await _published(on)
            works = [
                asyncio.create_task(fleet.follow(one, since, by_stream=i % 2 == 0)) for i, one in enumerate(terminals)
            ]
            await _round(on, fleet, holders[0].number)
            before = _spent(server.pid, on.postmaster)
            for holder in holders[1:]:
                took += await _round(on, fleet, holder.number)
            after = _spent(server.pid, on.postmaster)
            spent = [(late - soon) / rounds for late, soon in zip(after, before, strict=True)]
            for work in (publishing, *works):
                work.cancel()
            await asyncio.gather(publishing, *works, return_exceptions=True)
    return {ACKED: took, **{name: [1000 * one] for name, one in zip(CPU, spent, strict=True)}}


def _spent(server: int, postmaster: int) -> tuple[float, float, float]:
    """CPU seconds so far of the web process, of PostgreSQL, and of this process with its 200 terminals."""
    return tree_seconds(server), tree_seconds(postmaster), time.process_time()


async def _published(on: Stage) -> int:
    async with await AsyncConnection.connect(on.url("amis_worker"), autocommit=True) as looking:
        while True:
            if seq := await _newest(looking):
                return seq
            await asyncio.sleep(0.1)


async def _newest(looking: AsyncConnection) -> int:
    row = await (await looking.execute("SELECT coalesce(max(seq), 0) FROM bundle_version")).fetchone()
    return row[0] if row else 0


async def _round(on: Stage, fleet: _Fleet, number: str) -> list[float]:
    """Blocks one token; how many milliseconds until each terminal had acknowledged it."""
    before = max(fleet.held.values(), default=0)
    async with await AsyncConnection.connect(on.url(SUPERUSER), autocommit=True) as db:
        row = await (await db.execute("SELECT id FROM token WHERE number = %s", (number,))).fetchone()
        assert row is not None
    began = time.perf_counter()
    async with transaction(system("bench", JELGAVA)) as tx:
        await issuing.block(tx, row[0], "lost")
    while len(fleet.held) < TERMINALS or min(fleet.held.values()) <= before:
        await asyncio.sleep(0.01)
        if time.perf_counter() - began > 60:
            raise RuntimeError(f"{sum(held > before for held in fleet.held.values())} terminals have acknowledged")
    return [1000 * (at - began) for at in fleet.when.values()]


async def _populate(on: Stage, cards: int) -> None:
    async with await AsyncConnection.connect(on.url(SUPERUSER), autocommit=True) as db:
        await db.execute("DELETE FROM terminal WHERE machine_id NOT IN (SELECT machine_id FROM terminal LIMIT 1)")
        rows = await (await db.execute("SELECT id FROM concession WHERE municipality_id = %s", (JELGAVA,))).fetchall()
        asked = {"cards": cards, "dead": DEAD, "home": JELGAVA, "concessions": [one for (one,) in rows]}
        for statement in _PEOPLE:
            await db.execute(statement, asked if "%(" in statement else None)
        await db.execute("TRUNCATE bundle_version, bundle_part")
        await db.execute("UPDATE status_change SET seq = 1 WHERE seq IS NULL")


async def _built(on: Stage, cards: int) -> dict[str, list[float]]:
    took: dict[str, list[float]] = {}
    async with await AsyncConnection.connect(on.url("amis_worker"), autocommit=True) as connection:
        took[LISTS] = await _timed(5, lambda _: _lists(connection, cards))
        publisher = Publisher(keystore(), "http://bench")
        took[FULLY] = await _timed(1, lambda _: publisher.look(connection, clock.now()))
        async with await AsyncConnection.connect(on.url(SUPERUSER), autocommit=True) as db:
            took[ONE] = [await _blocked(db, connection, publisher, 1 + at, 1) for at in range(10)]
            took[MANY] = [await _blocked(db, connection, publisher, 1_001, 5_000)]
        anew = Publisher(keystore(), "http://bench")
        took[BACK] = await _timed(1, lambda _: anew._read_back(connection, clock.now()))
    return took


async def _timed(times: int, work: Callable[[int], Awaitable[object]]) -> list[float]:
    took = []
    for at in range(times):
        began = time.perf_counter()
        await work(at)
        took.append(1000 * (time.perf_counter() - began))
    return took


async def _lists(connection: AsyncConnection, cards: int) -> None:
    signer = KeySigner.of(keystore(), STATUS)
    lists: dict[int, StatusList] = await bundle_notes.whole_lists(connection, range(-(-cards // SIZE)))
    for number, statuses in lists.items():
        sign_status_list(statuses, signer, uri=f"http://bench/status/{number}", at=clock.now())


async def _blocked(
    db: psycopg.AsyncConnection, connection: AsyncConnection, publisher: Publisher, first: int, many: int
) -> float:
    await db.execute(
        "UPDATE token SET state = 'blocked', status = 2, reason = 'lost' WHERE status = 0 AND number BETWEEN %s AND %s",
        (f"BENCH{first:011}", f"BENCH{first + many - 1:011}"),
    )
    began = time.perf_counter()
    assert await publisher.look(connection, clock.now()) is not None
    return 1000 * (time.perf_counter() - began)

"""What a lane does when it races another, when one item is bad, and when the database goes away."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from hashlib import sha256
from typing import Any

import httpx
import pytest
from psycopg import AsyncConnection

from amis.kernel import clock
from amis.kernel.errors import Unavailable
from amis.kernel.settings import Settings
from amis.validating import lane as lanes_module
from amis.validating.body import TapBody, read
from amis.validating.item import Item
from amis.validating.lane import Lane, lanes
from amis.validating.shown import Evidence
from tests.validating.conftest import FREE, body_of, serving
from tests.validating.town import Terminal, Town

Two = tuple[httpx.AsyncClient, httpx.AsyncClient]


@pytest.fixture
async def two(database: Settings) -> AsyncIterator[Two]:
    """Two lanes on one database, as two processes have them."""
    assert database.database_url is not None
    async with AsyncExitStack() as stack:
        clients = []
        for _ in range(2):
            opened = await stack.enter_async_context(lanes(database.database_url))
            await opened.ready()
            clients.append(await stack.enter_async_context(serving(opened)))
        yield clients[0], clients[1]


async def post(client: httpx.AsyncClient, terminal: Terminal, body: dict[str, Any]) -> httpx.Response:
    headers = {"authorization": f"Bearer {terminal.bearer}", "content-type": "application/json"}
    return await client.post("/v1/validations", content=json.dumps(body).encode(), headers=headers)


async def count(db: AsyncConnection, table: str) -> int:
    row = await (await db.execute(f"SELECT count(*) FROM {table}")).fetchone()  # noqa: S608
    assert row is not None
    return int(row[0])


async def test_two_processes_never_overspend_one_quota(town: Town, two: Two) -> None:
    holder = await town.add_holder(await town.add_concession("NEEDY20", FREE, {"n": 20, "per": "day"}))
    terminals = [await town.add_terminal() for _ in range(64)]
    answers = await asyncio.gather(
        *(post(two[at % 2], terminal, body_of(terminal, holder.number)) for at, terminal in enumerate(terminals))
    )
    assert {answer.status_code for answer in answers} == {200}
    assert sorted(answer.json()["verdict"] for answer in answers) == ["ACCEPT"] * 20 + ["DENY"] * 44
    assert await count(town.db, "use") == 20


async def test_one_key_raced_into_two_processes_is_one_use_with_one_answer(town: Town, two: Two) -> None:
    holder = await town.add_holder(await town.add_concession("NEEDY", FREE))
    terminal = await town.add_terminal()
    for _ in range(10):
        body = body_of(terminal, holder.number)
        answers = await asyncio.gather(*(post(two[at % 2], terminal, body) for at in range(8)))
        assert {answer.content for answer in answers} == {answers[0].content}
    assert (await count(town.db, "use"), await count(town.db, "tap_key")) == (10, 10)


async def test_pass_back_holds_between_two_processes(town: Town, two: Two) -> None:
    concession = await town.add_concession("NEEDY", FREE, terms={"pass_back_seconds": 30})
    terminals = [await town.add_terminal() for _ in range(2)]
    for _ in range(10):
        holder = await town.add_holder(concession)
        answers = await asyncio.gather(
            *(post(two[at], terminal, body_of(terminal, holder.number)) for at, terminal in enumerate(terminals))
        )
        assert {answer.json()["reason"] for answer in answers} == {"OK", "PASSBACK"}


def item_of(lane: Lane, terminal: Terminal, number: str, evidence: Evidence | None = None) -> Item:
    raw = json.dumps(body_of(terminal, number)).encode()
    bearer, digest = sha256(terminal.bearer.encode()).hexdigest(), sha256(raw).hexdigest()
    shown = evidence or Evidence(number=number)
    return Item(read(raw, TapBody), digest, bearer, shown, clock.now(), "test", lane.promise())


async def test_one_bad_item_never_fails_the_others(town: Town, lane: Lane) -> None:
    holder = await town.add_holder(await town.add_concession("NEEDY", FREE))
    terminal = await town.add_terminal()
    unreadable = Evidence(number=None, list=1, index=1, cti="not hexadecimal")
    items = [item_of(lane, terminal, holder.number) for _ in range(3)]
    items.insert(1, item_of(lane, terminal, holder.number, unreadable))
    answers = await asyncio.gather(*map(lane.decide, items), return_exceptions=True)
    assert [isinstance(answer, bytes) for answer in answers] == [True, False, True, True]
    assert isinstance(answers[1], Unavailable)
    assert await count(town.db, "use") == 3


async def test_a_replayed_presentation_is_taken_once(town: Town, lane: Lane) -> None:
    holder = await town.add_holder(await town.add_concession("NEEDY", FREE))
    terminal = await town.add_terminal()
    shown = Evidence(list=1, index=holder.index, cti=holder.cti.hex(), replay="ab" * 32)
    together = [item_of(lane, terminal, "x", shown) for _ in range(2)]
    first, second = await asyncio.gather(*map(lane.decide, together))
    later = await lane.decide(item_of(lane, terminal, "x", shown))
    other = await lane.decide(item_of(lane, terminal, "x", replace(shown, replay="cd" * 32)))
    reasons = [json.loads(answer)["reason"] for answer in (first, second, later, other)]
    assert reasons == ["OK", "REPLAY", "REPLAY", "OK"]


async def test_without_a_database_a_tap_is_told_to_come_again(database: Settings) -> None:
    async with lanes("postgresql://nobody@/nowhere?host=/nonexistent") as lane:
        with pytest.raises(Unavailable):
            await lane.decide(item_of(lane, Terminal(id=None, bearer="x"), "x"))  # type: ignore[arg-type]  # never read


async def test_a_lane_survives_the_loss_of_its_connection(town: Town, lane: Lane, database: Settings) -> None:
    holder = await town.add_holder(await town.add_concession("NEEDY", FREE))
    terminal = await town.add_terminal()
    await lane.decide(item_of(lane, terminal, holder.number))
    assert database.database_url is not None
    async with await AsyncConnection.connect(database.database_url) as app:
        await app.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE query LIKE '%tap_commit(%' AND pid <> pg_backend_pid()"
        )
    lost = item_of(lane, terminal, holder.number)
    with pytest.raises(Unavailable):
        await lane.decide(lost)
    await lane.ready()
    assert json.loads(await lane.decide(item_of(lane, terminal, holder.number)))["verdict"] == "ACCEPT"


async def test_too_many_waiting_taps_are_told_to_come_again(
    town: Town, lane: Lane, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes_module, "MOST_WAITING", 3)
    holder = await town.add_holder(await town.add_concession("NEEDY", FREE))
    terminal = await town.add_terminal()
    items = [item_of(lane, terminal, holder.number) for _ in range(5)]
    answers = await asyncio.gather(*map(lane.decide, items), return_exceptions=True)
    assert [isinstance(answer, Unavailable) for answer in answers] == [False] * 3 + [True] * 2

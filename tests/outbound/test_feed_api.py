"""The feed over HTTP: page by page, waiting at its end, for each only what they may see."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import Depends, FastAPI, Request
from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.settings import Settings
from amis.outbound import store
from amis.outbound.feed_api import router
from amis.outbound.news import feed_news
from amis.outbound.topics import TOPICS
from amis.staff.guard import current_actor
from amis.web.faults import answer_faults
from tests.outbound.sink import TOWN, tell

ANNA = uuid4()
OPERATOR = Actor("staff", "someone", "Someone", TOWN)
MACHINE = Actor("machine", str(uuid4()), "SOPA", TOWN)


@asynccontextmanager
async def reading(settings: Settings, actor: Actor) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the feed who is `actor`."""
    assert settings.database_url is not None
    async with feed_news(settings.database_url) as news:

        async def with_news(request: Request) -> None:
            request.state.news = news

        app = FastAPI(dependencies=[Depends(with_news)])
        app.include_router(router)
        app.dependency_overrides[current_actor] = lambda: actor
        answer_faults(app)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://amis") as client:
            yield client


async def test_pages_follow_one_another_and_who_reads_is_remembered(database: Settings, town: AsyncConnection) -> None:
    await tell(town, *[("token.blocked", ANNA), ("token.active", ANNA)] * 3)
    async with reading(database, OPERATOR) as client:
        assert (await client.get("/sync/v1/feed")).status_code == 200
    async with reading(database, MACHINE) as client:
        first = (await client.get("/sync/v1/feed", params={"limit": 4})).json()
        assert ([entry["seq"] for entry in first["entries"]], first["next"], first["head"]) == ([1, 2, 3, 4], 4, 6)
        assert first["entries"][0] == first["entries"][0] | {"topic": "token.blocked", "subject": str(ANNA)}
        some = (await client.get("/sync/v1/feed", params={"after": 2, "topic": ["token.active"]})).json()
        assert ([entry["seq"] for entry in some["entries"]], some["next"]) == ([4, 6], 6)
        rest = (await client.get("/sync/v1/feed", params={"after": 6, "topic": list(TOPICS)})).json()
        assert rest == {"entries": [], "next": 6, "head": 6}
    # somebody who looks by a browser is no reader who could lag behind
    async with transaction(OPERATOR) as tx:
        [consumer] = await store.consumers(tx)
    assert (consumer.kind, consumer.label, consumer.after) == ("machine", "SOPA", 6)


async def test_a_reader_at_the_end_is_woken_by_what_comes(database: Settings, town: AsyncConnection) -> None:
    async with reading(database, OPERATOR) as client:
        await client.get("/sync/v1/feed")
        waiting = asyncio.create_task(client.get("/sync/v1/feed", params={"wait": 20, "topic": "token.ended"}))
        await asyncio.sleep(0.05)
        await tell(town, ("token.blocked", ANNA))
        await town.execute("NOTIFY feed")
        await asyncio.sleep(0.05)
        assert not waiting.done()
        await tell(town, ("token.ended", ANNA))
        await town.execute("NOTIFY feed")
        answer = (await asyncio.wait_for(waiting, 3)).json()
        assert ([entry["seq"] for entry in answer["entries"]], answer["next"]) == ([2], 2)


@pytest.mark.parametrize("after", [0, 1, 4])
async def test_a_number_that_leads_nowhere_is_gone(database: Settings, town: AsyncConnection, after: int) -> None:
    await tell(town, *[("token.blocked", ANNA)] * 3)
    await town.execute("DELETE FROM feed WHERE seq < 3; UPDATE feed_head SET gone = 2")
    async with reading(database, OPERATOR) as client:
        refused = await client.get("/sync/v1/feed", params={"after": after})
        assert (refused.status_code, refused.json()["code"]) == (410, "feed_gone")
        assert (await client.get("/sync/v1/feed", params={"after": 2})).status_code == 200


@pytest.mark.parametrize("asked", [{"topic": "use.recorded"}, {"after": -1}, {"wait": 31}, {"limit": 0}])
async def test_what_cannot_be_asked_is_refused(database: Settings, town: AsyncConnection, asked: object) -> None:
    async with reading(database, OPERATOR) as client:
        assert (await client.get("/sync/v1/feed", params=asked)).status_code == 422  # type: ignore[arg-type]


async def test_a_source_reads_of_notices_its_own_and_of_persons_its_own_names(
    database: Settings, town: AsyncConnection
) -> None:
    machine, own, other = uuid4(), await _sender(town, "urn:own"), await _sender(town, "urn:other")
    await town.execute("INSERT INTO machine VALUES (%s, 7, 'sender', 'SOPA', 'new', NULL, now())", (machine,))
    await town.execute("UPDATE sender SET machine_id = %s WHERE id = %s", (machine, own))
    await town.execute("INSERT INTO person (id, municipality_id, subject_key) VALUES (%s, 7, 'x')", (ANNA,))
    for source, record in (("urn:own", "A-2"), ("urn:own", "A-1"), ("urn:other", "B-1")):
        await town.execute(
            "INSERT INTO fact (id, municipality_id, person_id, kind, value, valid_from, recorded_from, source,"
            " record_id, version) VALUES (gen_random_uuid(), 7, %s, 'needy', 'yes', '2026-01-01', now(), %s, %s, 1)",
            (ANNA, source, record),
        )
    stranger = ("token.blocked", uuid4())
    await tell(town, ("notice.rejected", None), ("notice.rejected", None), ("token.blocked", ANNA), stranger)
    for seq, sender in enumerate((own, other), 1):
        await town.execute("UPDATE feed SET data = %s WHERE seq = %s", (Jsonb({"sender_id": str(sender)}), seq))
    async with reading(database, Actor("machine", str(machine), "SOPA", TOWN)) as client:
        page = (await client.get("/sync/v1/feed")).json()
    # no number is left out, so that a gap is always a fault
    seen = [(entry["seq"], entry["data"].get("sender_id"), entry["records"]) for entry in page["entries"]]
    assert seen == [(1, str(own), None), (2, None, None), (3, None, ["A-1", "A-2"]), (4, None, None)]
    assert [(one["subject"], bool(one["data"])) for one in page["entries"][2:]] == [(str(ANNA), True), (None, False)]
    assert page["next"] == 4


async def _sender(town: AsyncConnection, source: str) -> UUID:
    sender = uuid4()
    await town.execute(
        "INSERT INTO sender (id, municipality_id, source, label, mapping, state)"
        " VALUES (%s, 7, %s, '', '{}', 'active')",
        (sender, source),
    )
    return sender

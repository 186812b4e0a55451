"""The bundle over HTTP: what terminals fetch, what they wait for, and what they are refused."""

import asyncio
from base64 import b64decode
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import httpx
import pytest
from psycopg import AsyncConnection

from amis.issuing import service as issuing
from amis.kernel import clock
from amis.kernel.actor import system
from amis.kernel.db import transaction
from amis.kernel.ids import new_id
from amis.kernel.keys import ROOT, keystore
from amis.staff import machine_service
from cards import cbor
from cards.bearer import Bearer
from cards.jwk import base64url
from cards.pair import paired
from terminals.bundle.delta import Delta
from terminals.bundle.holding import Holding
from terminals.bundle.objects import unverified
from terminals.events import Event, events
from tests.town import CLERK, Site, needy
from tests.validating.carried import Press

SPRING = date(2026, 3, 1), None
NOWHERE = "0" * 64


@dataclass
class Bus:
    """A paired terminal as a client of the bundle."""

    site: Site
    machine: UUID
    bearer: Bearer
    root: str

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.site.http.get(self.site.url + path, headers=await self.bearer.headers() | headers)

    async def say(self, **said: object) -> httpx.Response:
        body = {"held": None, "at": clock.now().isoformat(), "waiting": 0, "software": "test 1"} | said
        where = f"{self.site.url}/terminal/v1/presence"
        return await self.site.http.post(where, json=body, headers=await self.bearer.headers())

    async def take(self) -> Holding:
        """The whole bundle as published now, taken with nothing but the key from the pairing."""
        holding, at = Holding(keystore().public(ROOT).der, str(self.machine)), clock.now()
        manifest = (await self.get("/terminal/v1/manifest")).content
        holding.update_trust((await self.get(holding.named_trust(manifest).href)).content, at)
        holding.update_manifest(manifest, at)
        for part in holding.missing():
            holding.update_part(part, (await self.get(part.href)).content, at)
        return holding


@pytest.fixture
async def press(site: Site) -> AsyncIterator[Press]:
    assert site.settings.database_worker_url is not None
    async with await AsyncConnection.connect(site.settings.database_worker_url, autocommit=True) as connection:
        made = Press(connection, site.url)
        yield made


@pytest.fixture
async def bus(site: Site, press: Press) -> Bus:
    """A terminal of the bus company, for which a bundle is published."""
    await site.terminal("bus")
    [home] = site.home.iterdir()
    pairing, key = paired(home)
    await press.run()
    return Bus(site, UUID(home.name), Bearer(pairing, key, site.http, clock.now), pairing.root)


@pytest.fixture
async def token(site: Site, press: Press, bus: Bus) -> UUID:
    """A token that is valid, and of which everything is published."""
    await site.states(needy("R1", 1, *SPRING))
    issued, _ = await site.issue()
    await press.run()
    return issued


async def block(token: UUID) -> None:
    async with transaction(CLERK) as tx:
        await issuing.block(tx, token, "lost")


async def test_a_terminal_takes_the_bundle_with_nothing_but_the_key_from_its_pairing(bus: Bus) -> None:
    assert bus.root == base64url(keystore().public(ROOT).der)
    holding = await bus.take()
    place = holding.place(None)
    assert place is not None
    assert place.id == "AUTOOSTA"
    assert not holding.stale(clock.now())
    assert holding.policy is not None
    assert len(holding.policy.concessions) > 10


async def test_what_is_known_is_not_sent_again_and_what_is_nowhere_is_told(press: Press, bus: Bus) -> None:
    manifest = await bus.get("/terminal/v1/manifest")
    again = await bus.get("/terminal/v1/manifest", **{"if-none-match": manifest.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert (await bus.get("/terminal/v1/manifest", **{"if-none-match": '"1"'})).status_code == 200
    for since in (1, 999_999_999_999):
        answer = await bus.get(f"/terminal/v1/changes?since={since}&wait=20")
        assert (answer.status_code, answer.json()["code"]) == (410, "bundle_gap")
    for query in ("since=-1", "since=now", "", "since=1&wait=31", "since=1&wait=-1", "since=1e3"):
        answer = await bus.get(f"/terminal/v1/changes?{query}")
        assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json"), query
    unknown = await bus.get(f"/terminal/v1/parts/{NOWHERE}")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "part_unknown")
    assert (await bus.get("/terminal/v1/parts/nothing")).status_code == 422


async def test_a_long_poll_answers_the_moment_a_token_is_blocked(press: Press, bus: Bus, token: UUID) -> None:
    holding = await follow(bus, await bus.take())
    quiet = await bus.get(f"/terminal/v1/changes?since={holding.seq}")
    assert (quiet.status_code, quiet.content) == (204, b"")
    waiting = asyncio.create_task(bus.get(f"/terminal/v1/changes?since={holding.seq}&wait=20"))
    await asyncio.sleep(0.1)
    await block(token)
    [seq] = await press.run()
    answer = await asyncio.wait_for(waiting, 5)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/cbor")
    [delta] = deltas(answer)
    assert (delta.before, delta.after) == (holding.seq, seq)
    [(_, [(_, status)])] = delta.status
    assert status == 2


def deltas(answer: httpx.Response) -> list[Delta]:
    found = cbor.decode(answer.content)
    assert isinstance(found, list)
    return [Delta.decode(unverified("delta", one)) for one in found if isinstance(one, bytes)]


async def follow(bus: Bus, holding: Holding) -> Holding:
    """Takes all deltas that lead on."""
    answer = await bus.get(f"/terminal/v1/changes?since={holding.seq}")
    if answer.status_code == 200:
        found = cbor.decode(answer.content)
        assert isinstance(found, list)
        for delta in found:
            assert isinstance(delta, bytes)
            holding.apply_delta(delta, clock.now())
    return holding


async def test_a_stream_begins_where_the_terminal_stands_and_goes_on(press: Press, bus: Bus, token: UUID) -> None:
    holding = await bus.take()
    headers = await bus.bearer.headers() | {"last-event-id": str(holding.seq)}
    async with bus.site.http.stream("GET", f"{bus.site.url}/terminal/v1/stream", headers=headers) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        heard = events(answer.aiter_lines())
        # what was published between the manifest and now
        await caught_up(heard, holding, press)
        await block(token)
        await press.run()
        event = await asyncio.wait_for(anext(heard), 5)
    assert event.name == "delta"
    holding.apply_delta(b64decode(event.data), clock.now())
    assert holding.seq == press.publisher.now.seq


async def caught_up(heard: AsyncIterator[Event], holding: Holding, press: Press) -> None:
    while holding.seq != press.publisher.now.seq:
        event = await asyncio.wait_for(anext(heard), 5)
        for delta in event.data.split("\n"):
            holding.apply_delta(b64decode(delta), clock.now())


async def test_a_stream_from_nowhere_begins_with_the_manifest(bus: Bus) -> None:
    manifest = (await bus.get("/terminal/v1/manifest")).content
    for last in ("", "0", "7"):
        headers = await bus.bearer.headers() | ({"last-event-id": last} if last else {})
        async with bus.site.http.stream("GET", f"{bus.site.url}/terminal/v1/stream", headers=headers) as answer:
            event = await asyncio.wait_for(anext(events(answer.aiter_lines())), 5)
        assert (event.name, b64decode(event.data)) == ("manifest", manifest)


async def test_another_providers_terminal_gets_none_of_it(site: Site, press: Press, bus: Bus) -> None:
    manifest = (await bus.get("/terminal/v1/manifest")).content
    policy = Holding(keystore().public(ROOT).der).named_trust(manifest)
    async with await AsyncConnection.connect(site.settings.database_owner_url or "", autocommit=True) as owner:
        other = new_id()
        await owner.execute("INSERT INTO provider VALUES (%s, 'OTHER', 'Cits', 'venue')", (other,))
        await owner.execute("UPDATE terminal SET provider_id = %s WHERE machine_id = %s", (other, bus.machine))
    answer = await bus.get("/terminal/v1/manifest")
    assert (answer.status_code, answer.json()["code"]) == (503, "bundle_not_ready")
    assert answer.headers["retry-after"] == "1"
    assert (await bus.get(policy.href)).status_code == 404
    await press.run()
    assert (await bus.take()).provider == "OTHER"


async def test_a_terminal_says_what_it_holds_and_hears_the_time(bus: Bus) -> None:
    holding = await bus.take()
    assert holding.hash is not None
    answer = await bus.say(held=holding.seq, hash=holding.hash.hex())
    assert answer.status_code == 200
    assert set(answer.json()) == {"now", "skew_ms"}
    assert abs(answer.json()["skew_ms"]) < 5_000
    for wrong in ({"held": "7"}, {"at": "yesterday"}, {"more": 1}):
        refused = await bus.say(**wrong)
        assert (refused.status_code, refused.headers["content-type"]) == (422, "application/problem+json")
    where = f"{bus.site.url}/terminal/v1/presence"
    body = {"held": None, "at": clock.now().isoformat(), "waiting": 0, "software": "test"}
    assert (await bus.site.http.post(where, json=body)).status_code == 401


async def test_a_machine_that_may_not_any_more_gets_nothing_from_the_next_call_on(bus: Bus) -> None:
    assert (await bus.get("/terminal/v1/manifest")).status_code == 200
    async with transaction(system("test")) as tx:
        await machine_service.suspend(tx, bus.machine)
    for path in ("manifest", f"parts/{NOWHERE}", "changes?since=1", "stream"):
        assert (await bus.get(f"/terminal/v1/{path}")).status_code == 401, path


async def test_a_machine_that_is_no_terminal_is_told_so(site: Site, bus: Bus) -> None:
    async with await AsyncConnection.connect(site.settings.database_owner_url or "", autocommit=True) as owner:
        await owner.execute("DELETE FROM terminal WHERE machine_id = %s", (bus.machine,))
    for path in ("manifest", "changes?since=1", "stream"):
        answer = await bus.get(f"/terminal/v1/{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "terminal_not_registered"), path
    assert (await bus.say()).status_code == 401

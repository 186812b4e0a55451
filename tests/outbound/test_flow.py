"""From a notice to another system's door: what really happens stands in the feed and is posted by the worker."""

import asyncio
import json
from datetime import date
from typing import Any

from psycopg import AsyncConnection
from standardwebhooks import Webhook as Verifier

from amis import worker
from amis.issuing import service as issuing
from amis.kernel import clock, feed
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.outbound import store
from amis.outbound.jobs import forget
from amis.outbound.sending import send_webhooks
from amis.outbound.topics import TOPICS
from amis.outbound.webhooks import WebhookDraft, define_webhook
from tests.outbound.sink import Sink
from tests.town import CLERK, Site, days, needy

ADMIN = Actor("staff", "admin", "Admin", CLERK.municipality_id)
SPRING, SUMMER, AUTUMN = date(2026, 3, 1), date(2026, 6, 30), date(2026, 9, 30)


async def _story(site: Site) -> None:
    """A status begins, is wrong once, is prolonged and shortened; a token is issued, blocked and active again."""
    await site.states(needy("R1", 1, SPRING, SUMMER))
    await site.states(needy("R2", 1, SPRING, None, status="NEZINAMS"))
    await site.states(needy("R1", 2, SPRING, AUTUMN))
    token, _ = await site.issue()
    async with transaction(CLERK) as tx:
        await issuing.block(tx, token, "office")
    async with transaction(CLERK) as tx:
        await issuing.unblock(tx, token, "mistake")
    await site.states(needy("R1", 3, SPRING, SUMMER))


async def _told() -> list[feed.Entry]:
    async with transaction(ADMIN) as tx:
        return await feed.entries(tx, 0, 100)


def _of(told: list[feed.Entry], prefix: str) -> list[tuple[str, dict[str, Any]]]:
    return [(entry.topic.removeprefix(prefix), entry.data) for entry in told if entry.topic.startswith(prefix)]


async def test_what_happens_is_told_in_its_order_and_without_a_name(site: Site) -> None:
    with clock.moved(clock.now().replace(year=2026, month=4, day=1)):
        await _story(site)
    await site.work()
    told = await _told()
    assert [entry.seq for entry in told] == list(range(1, len(told) + 1))
    assert {entry.topic for entry in told} <= set(TOPICS)
    person = await site.person()
    assert {entry.subject for entry in told} == {person, None}
    rights = _of(told, "entitlement.")
    of_one = [(change, data) for change, data in rights if data["concession_id"] == rights[0][1]["concession_id"]]
    assert [change for change, _ in of_one] == ["begins", "prolonged", "shortened"]
    assert of_one[0][1]["gained"] == [{"from": "2026-03-01", "to": "2026-06-30"}]
    assert of_one[1][1]["gained"] == of_one[2][1]["lost"] == [{"from": "2026-07-01", "to": "2026-09-30"}]
    assert of_one[0][1]["concession"].startswith(("JLG-", "LV-"))
    steps = [change for change, _ in _of(told, "token.")]
    assert steps[-3:] == ["active", "blocked", "unblocked"]
    [(verdict, fault)] = _of(told, "notice.")
    assert (verdict, fault["record_id"], fault["code"]) == ("rejected", "R2", "status.unknown")
    assert "Ozola" not in str(told)
    assert "323456" not in str(told)


async def test_the_worker_posts_it_and_forgets_it_in_time(site: Site, receiver: Sink) -> None:
    async with transaction(ADMIN) as tx:
        sender_id, _ = (await store.senders(tx))[0]
        draft = WebhookDraft("SOPA", receiver.url, ["entitlement.begins", "notice.rejected"], sender_id)
        webhook, secret = await define_webhook(tx, draft)
    await site.states(needy("R1", 1, SPRING, None), needy("R2", 1, SPRING, None, status="NEZINAMS"))
    assert site.settings.database_worker_url is not None
    connect = AsyncConnection.connect
    async with (
        await connect(site.settings.database_worker_url, autocommit=True) as numbering,
        await connect(site.settings.database_worker_url, autocommit=True) as sending,
    ):
        works = (worker.sequence_feed(numbering, site.settings), send_webhooks(sending, site.settings))
        running = [asyncio.create_task(work) for work in works]
        events = await _arrived(receiver, secret)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        assert {event["data"].get("records", ["R2"])[0] for event in events} == {"R1", "R2"}
        with clock.moved(clock.now() + days(site.settings.feed_days + 1)):
            await forget(sending)
    assert await _told() == []
    async with transaction(ADMIN) as tx:
        assert await store.deliveries(tx, webhook.id, "done") == []
        assert (reach := await feed.reach(tx)).gone == reach.head > 0


async def _arrived(receiver: Sink, secret: str) -> list[dict[str, Any]]:
    """What has come, verified, once both kinds are there."""
    for _ in range(200):
        events = [json.loads(body) for _, body in receiver.came]
        if {event["type"] for event in events} == {"entitlement.begins.v1", "notice.rejected.v1"}:
            assert [Verifier(secret).verify(body, headers) for headers, body in receiver.came] == events
            return events
        await asyncio.sleep(0.05)
    raise AssertionError(f"only {len(receiver.came)} came")

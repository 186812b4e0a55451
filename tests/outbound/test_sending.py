"""What flows out reaches its receiver: signed, in order for each person, again and again until it is taken or dead."""

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from psycopg import AsyncConnection
from standardwebhooks import Webhook as Verifier

from amis.kernel import clock, feed
from amis.kernel.db import transaction
from amis.outbound import claims, replays, store, webhooks
from amis.outbound.errors import DeliveryUnknown, ReplayEmpty, WebhookStateWrong
from amis.outbound.fan_out import fan_out
from amis.outbound.models import Attempt, Delivery
from amis.outbound.posting import Post
from amis.outbound.retries import WAITS
from amis.outbound.sending import Courier
from sync.signature import verify, verifying_key
from tests.outbound.conftest import ADMIN, Hooked
from tests.outbound.sink import Sink, tell

Connect = Callable[[], Awaitable[AsyncConnection]]
ANNA, BERTA = uuid4(), uuid4()


async def send(connection: AsyncConnection, webhook_id: UUID, public_url: str = "http://localhost:8000") -> int:
    """One look of the worker."""
    await fan_out(connection)
    if webhook_id not in await claims.webhooks_due(connection):
        return 0
    return await Courier(connection, public_url, Post()).send_due(webhook_id)


async def seen(webhook_id: UUID, seq: int) -> tuple[Delivery, list[Attempt]]:
    async with transaction(ADMIN) as tx:
        delivery, attempts = await store.get_delivery(tx, webhook_id, seq)
    return delivery, list(attempts)


def topics(sink: Sink) -> list[str]:
    return [json.loads(body)["type"] for _, body in sink.came]


async def test_a_message_is_an_event_that_others_can_verify(
    hooked: Hooked, receiver: Sink, town: AsyncConnection, worker_connection: AsyncConnection
) -> None:
    webhook, secret = await hooked("token.blocked")
    await tell(town, ("token.blocked", ANNA), ("token.active", ANNA), ("token.blocked", None))
    assert await send(worker_connection, webhook.id) == 2
    assert await send(worker_connection, webhook.id) == 0
    first = next(came for came in receiver.came if "subject" in json.loads(came[1]))
    headers, body = first
    event = json.loads(body)
    assert Verifier(secret).verify(body, headers) == event
    async with transaction(ADMIN) as tx:
        [public] = [key.public for key in await store.keys(tx, webhook.id) if key.public]
        entry = (await feed.entries(tx, 0, 1))[0]
    assert verify({"pair": verifying_key(public)}, headers, body, clock.now()).message_id == event["id"]
    assert headers["content-type"] == "application/cloudevents+json; charset=utf-8"
    assert event == {
        "specversion": "1.0",
        "id": str(entry.ref),
        "source": "http://localhost:8000/feed/7",
        "type": "token.blocked.v1",
        "time": entry.at.isoformat(),
        "sequence": "0000000000000001",
        "datacontenttype": "application/json",
        "subject": str(ANNA),
        "data": {"vārds": "ķīlis"},
    }


async def test_what_is_not_taken_is_tried_again_by_the_table_and_then_dead(
    hooked: Hooked, receiver: Sink, town: AsyncConnection, worker_connection: AsyncConnection
) -> None:
    webhook, _ = await hooked()
    receiver.answers = [500, 302, *[503] * 8]
    await tell(town, ("token.blocked", ANNA))
    at = clock.now()
    for number, wait in enumerate(WAITS):
        at += wait
        with clock.moved(at - timedelta(seconds=1)):
            assert await send(worker_connection, webhook.id) == 0 if number else True
        with clock.moved(at + timedelta(seconds=1)):
            assert await send(worker_connection, webhook.id) == 1
        at += timedelta(seconds=2)
    delivery, attempts = await seen(webhook.id, 1)
    assert (delivery.state, delivery.attempts, len(attempts)) == ("dead", 10, 10)
    assert [one.status for one in attempts[::-1]] == [500, 302, *[503] * 8]
    assert attempts[-1].answer == "x" * 1024
    # each try is signed anew and is the same message
    assert len({headers["webhook-id"] for headers, _ in receiver.came}) == 1
    assert len({headers["webhook-signature"] for headers, _ in receiver.came}) == 10
    with clock.moved(at + timedelta(days=30)):
        assert await send(worker_connection, webhook.id) == 0
    async with transaction(ADMIN) as tx:
        assert await replays.replay_dead(tx, webhook.id) == 1
        with pytest.raises(ReplayEmpty):
            await replays.replay_dead(tx, webhook.id)
    assert await send(worker_connection, webhook.id) == 1
    assert (await seen(webhook.id, 1))[0].state == "done"


async def test_of_one_person_the_later_message_waits_for_the_earlier_one(
    hooked: Hooked, receiver: Sink, town: AsyncConnection, worker_connection: AsyncConnection
) -> None:
    webhook, _ = await hooked()
    receiver.answers = [503]
    await tell(town, ("token.blocked", ANNA))
    assert await send(worker_connection, webhook.id) == 1
    await tell(town, ("token.unblocked", ANNA), ("token.active", BERTA), ("token.ended", ANNA))
    assert await send(worker_connection, webhook.id) == 1
    assert topics(receiver) == ["token.blocked.v1", "token.active.v1"]
    with clock.moved(clock.now() + WAITS[1]):
        assert await send(worker_connection, webhook.id) == 3
    assert topics(receiver)[2:] == ["token.blocked.v1", "token.unblocked.v1", "token.ended.v1"]


async def test_two_workers_never_send_one_message_at_once_and_an_abandoned_one_is_taken_over(
    hooked: Hooked, receiver: Sink, town: AsyncConnection, worker_connection: AsyncConnection, connect_worker: Connect
) -> None:
    webhook, _ = await hooked()
    await tell(town, *[("token.blocked", uuid4()) for _ in range(12)])
    await fan_out(worker_connection)
    async with await connect_worker() as other:
        first, second = await claims.claim(worker_connection, webhook.id), await claims.claim(other, webhook.id)
        assert (len(first), len(second)) == (claims.AT_ONCE, 12 - claims.AT_ONCE)
        assert not {one.seq for one in first} & {one.seq for one in second}
        with clock.moved(clock.now() + claims.LEASE):
            again = await claims.claim(other, webhook.id)
            assert {one.seq for one in again} == {one.seq for one in first}
            # whose lease is over writes nothing down any more
            await claims.settle(worker_connection, first[0], None, "late")
            assert (await seen(webhook.id, first[0].seq))[1] == []


async def test_410_ends_the_asking_until_somebody_resumes_it(
    hooked: Hooked, receiver: Sink, town: AsyncConnection, worker_connection: AsyncConnection
) -> None:
    webhook, _ = await hooked()
    receiver.answers = [410]
    await tell(town, ("token.blocked", ANNA), ("token.ended", ANNA))
    assert await send(worker_connection, webhook.id) == 1
    await tell(town, ("token.blocked", BERTA))
    assert await send(worker_connection, webhook.id) == 0
    async with transaction(ADMIN) as tx:
        [standing] = await store.webhooks(tx)
        assert (standing.webhook.state, standing.webhook.why, standing.pending) == ("disabled", "410", 2)
        with pytest.raises(WebhookStateWrong):
            await replays.replay_one(tx, webhook.id, 1)
        await webhooks.resume_webhook(tx, webhook.id)
    with clock.moved(clock.now() + WAITS[1]):
        assert await send(worker_connection, webhook.id) == 3
    assert sorted(topics(receiver)[1:]) == ["token.blocked.v1", "token.blocked.v1", "token.ended.v1"]


async def test_a_paused_one_gets_afterwards_what_it_missed(
    hooked: Hooked, receiver: Sink, town: AsyncConnection, worker_connection: AsyncConnection
) -> None:
    webhook, _ = await hooked("token.blocked")
    async with transaction(ADMIN) as tx:
        await webhooks.pause_webhook(tx, webhook.id)
    await tell(town, *[("token.blocked", uuid4()) for _ in range(20)])
    assert await send(worker_connection, webhook.id) == 0
    async with transaction(ADMIN) as tx:
        await webhooks.resume_webhook(tx, webhook.id)
    assert await send(worker_connection, webhook.id) == 20
    async with transaction(ADMIN) as tx:
        await replays.replay_one(tx, webhook.id, 3)
        assert await replays.replay_range(tx, webhook.id, 5, 9) == 5
        for first, last in ((30, 40), (9, 5)):
            with pytest.raises(ReplayEmpty):
                await replays.replay_range(tx, webhook.id, first, last)
        with pytest.raises(DeliveryUnknown):
            await replays.replay_one(tx, webhook.id, 99)
    receiver.came.clear()
    assert await send(worker_connection, webhook.id) == 6
    assert sorted(int(json.loads(body)["sequence"]) for _, body in receiver.came) == [3, 5, 6, 7, 8, 9]


async def test_what_waits_for_one_that_is_ended_is_given_up(
    hooked: Hooked, receiver: Sink, town: AsyncConnection, worker_connection: AsyncConnection
) -> None:
    webhook, _ = await hooked()
    await tell(town, ("token.blocked", ANNA))
    await fan_out(worker_connection)
    async with transaction(ADMIN) as tx:
        await webhooks.end_webhook(tx, webhook.id)
        with pytest.raises(WebhookStateWrong):
            await replays.replay_dead(tx, webhook.id)
    assert await send(worker_connection, webhook.id) == 0
    assert ((await seen(webhook.id, 1))[0].state, receiver.came) == ("dead", [])


async def test_it_fails_closed(
    hooked: Hooked, receiver: Sink, town: AsyncConnection, worker_connection: AsyncConnection
) -> None:
    webhook, _ = await hooked()
    await tell(town, ("token.blocked", ANNA), ("token.blocked", BERTA))
    # what was let in while developing is not sent once the service is a real one
    assert await send(worker_connection, webhook.id, "https://amis.example.lv") == 2
    assert (await seen(webhook.id, 1))[1][0].error.startswith("The address must begin with https")
    await town.execute("UPDATE webhook_key SET ends_at = now()")
    with clock.moved(clock.now() + WAITS[1]):
        assert await send(worker_connection, webhook.id) == 2
    assert (await seen(webhook.id, 1))[1][0].error == "no key is left to sign with"
    # the feed no longer has it
    await town.execute("DELETE FROM feed WHERE seq = 1; UPDATE feed_head SET gone = 1")
    with clock.moved(clock.now() + WAITS[3]):
        await send(worker_connection, webhook.id)
    assert (await seen(webhook.id, 1))[0].state == "dead"
    assert receiver.came == []


async def test_a_source_is_not_told_of_somebody_of_whom_it_has_stated_nothing(
    hooked: Hooked, receiver: Sink, town: AsyncConnection, worker_connection: AsyncConnection
) -> None:
    webhook, _ = await hooked("token.blocked")
    sender = uuid4()
    await town.execute(
        "INSERT INTO sender (id, municipality_id, source, label, mapping, state) VALUES (%s, 7, 'sopa', '', '{}',"
        " 'active')",
        (sender,),
    )
    await town.execute("UPDATE webhook SET sender_id = %s", (sender,))
    await town.execute("INSERT INTO person (id, municipality_id, subject_key) VALUES (%s, 7, 'x')", (ANNA,))
    await town.execute(
        "INSERT INTO fact (id, municipality_id, person_id, kind, value, valid_from, recorded_from, source, record_id,"
        " version) VALUES (gen_random_uuid(), 7, %s, 'needy', 'yes', '2026-01-01', now(), 'sopa', 'A-1', 1)",
        (ANNA,),
    )
    await tell(town, ("token.blocked", BERTA), ("token.blocked", ANNA), ("token.blocked", BERTA))
    assert await send(worker_connection, webhook.id) + await send(worker_connection, webhook.id) == 3
    assert [json.loads(body)["data"]["records"] for _, body in receiver.came] == [["A-1"]]
    # nothing is left of what was none of its business
    async with transaction(ADMIN) as tx:
        assert [one.seq for one in await store.deliveries(tx, webhook.id, "done")] == [2]
        assert (await store.get_standing(tx, webhook.id)).pending == 0


async def test_no_more_than_so_many_wait_for_one_receiver(
    hooked: Hooked, town: AsyncConnection, worker_connection: AsyncConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("amis.outbound.fan_out.MOST_WAITING", 3)
    monkeypatch.setattr("amis.outbound.fan_out.AT_ONCE", 2)
    await hooked()
    await tell(town, *[("token.blocked", uuid4()) for _ in range(9)])
    assert [await fan_out(worker_connection) for _ in range(3)] == [2, 2, 0]
    async with transaction(ADMIN) as tx:
        [standing] = await store.webhooks(tx)
    assert (standing.pending, standing.webhook.cursor) == (4, 4)

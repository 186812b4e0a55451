"""Webhooks are asked for by one, approved by another, and can be stopped; their keys turn over with an overlap."""

from dataclasses import replace
from datetime import timedelta

import pytest
from psycopg import AsyncConnection

from amis.kernel import clock
from amis.kernel.actor import system
from amis.kernel.db import transaction
from amis.kernel.settings import Settings
from amis.outbound import store, webhooks
from amis.outbound.errors import (
    WebhookAddressRefused,
    WebhookIncomplete,
    WebhookOwnApproval,
    WebhookStateWrong,
    WebhookUnknown,
)
from amis.outbound.webhook_keys import OVERLAP, opened
from amis.outbound.webhooks import WebhookDraft, define_webhook
from sync.signature import signing_key
from tests.outbound.conftest import ADMIN, COLLEAGUE
from tests.outbound.sink import tell

DRAFT = WebhookDraft("Sociālais dienests", "https://hooks.example.lv/amis", ["token.blocked", "entitlement.ended"])
STRANGER = system("stranger", 8)


async def test_a_host_that_is_not_on_the_list_waits_for_a_colleague(town: AsyncConnection) -> None:
    await tell(town, ("token.blocked", None), ("token.blocked", None))
    async with transaction(ADMIN) as tx:
        webhook, _ = await define_webhook(tx, DRAFT)
        assert (webhook.state, webhook.cursor, webhook.topics) == ("waiting", 2, ["entitlement.ended", "token.blocked"])
        with pytest.raises(WebhookOwnApproval):
            await webhooks.approve_webhook(tx, webhook.id)
    async with transaction(STRANGER) as tx:
        assert await store.webhooks(tx) == []
        with pytest.raises(WebhookUnknown):
            await webhooks.approve_webhook(tx, webhook.id)
    async with transaction(COLLEAGUE) as tx:
        await webhooks.approve_webhook(tx, webhook.id)
        with pytest.raises(WebhookStateWrong):
            await webhooks.approve_webhook(tx, webhook.id)
    async with transaction(ADMIN) as tx:
        [standing] = await store.webhooks(tx)
    assert (standing.webhook.state, standing.webhook.approved_by) == ("active", "system:colleague")


async def test_a_host_on_the_list_is_active_at_once(town: AsyncConnection, monkeypatch: pytest.MonkeyPatch) -> None:
    listing = Settings(webhook_hosts="other.lv, *.EXAMPLE.lv", public_url="https://amis.example.lv")
    monkeypatch.setattr(webhooks, "settings", lambda: listing)
    async with transaction(ADMIN) as tx:
        webhook, _ = await define_webhook(tx, DRAFT)
        assert webhook.state == "active"
        with pytest.raises(WebhookAddressRefused):
            await define_webhook(tx, replace(DRAFT, url="http://127.0.0.1:9/"))


@pytest.mark.parametrize(
    ("draft", "pointer"),
    [
        (replace(DRAFT, label=""), "/label"),
        (replace(DRAFT, label="x" * 101), "/label"),
        (replace(DRAFT, topics=[]), "/topics"),
        (replace(DRAFT, topics=["use.recorded"]), "/topics"),
        (replace(DRAFT, url="https://10.0.0.1/"), "/url"),
    ],
)
async def test_what_is_wrong_with_a_webhook_is_named(town: AsyncConnection, draft: WebhookDraft, pointer: str) -> None:
    async with transaction(ADMIN) as tx:
        with pytest.raises((WebhookIncomplete, WebhookAddressRefused)) as refused:
            await define_webhook(tx, draft)
    assert refused.value.pointer == pointer


async def test_new_keys_sign_beside_the_old_ones_for_a_day(town: AsyncConnection) -> None:
    async with transaction(ADMIN) as tx:
        webhook, first = await define_webhook(tx, DRAFT)
        second = await webhooks.rotate_keys(tx, webhook.id)
        live = await store.keys(tx, webhook.id)
        shared = [opened(key.id, key.wrapped) for key in live if key.version == "v1"]
        assert shared == [signing_key(first), signing_key(second)]
        assert [key.version for key in live].count("v1a") == 2
        assert first.encode() not in b"".join(key.wrapped for key in live)
        third = await webhooks.rotate_keys(tx, webhook.id)
    later = clock.now() + OVERLAP + timedelta(seconds=1)
    for at, secrets in ((clock.now(), [second, third]), (later, [third])):
        with clock.moved(at):
            async with transaction(ADMIN) as tx:
                live = await store.keys(tx, webhook.id)
        assert [opened(key.id, key.wrapped) for key in live if key.version == "v1"] == list(map(signing_key, secrets))


async def test_one_that_has_ended_has_no_keys_and_never_comes_back(town: AsyncConnection) -> None:
    async with transaction(ADMIN) as tx:
        webhook, _ = await define_webhook(tx, DRAFT)
        await webhooks.end_webhook(tx, webhook.id)
    with clock.moved(clock.now() + timedelta(seconds=1)):
        async with transaction(COLLEAGUE) as tx:
            assert await store.keys(tx, webhook.id) == []
            for verb in (webhooks.approve_webhook, webhooks.pause_webhook, webhooks.resume_webhook):
                with pytest.raises(WebhookStateWrong):
                    await verb(tx, webhook.id)
            with pytest.raises(WebhookStateWrong):
                await webhooks.rotate_keys(tx, webhook.id)

"""The pages of what flows out: made, approved, stopped and sent again without JavaScript; accessible by axe-core."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest
from playwright.async_api import Browser
from psycopg import AsyncConnection

from amis.kernel import clock
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.outbound import store
from amis.outbound.delivery_pages import pages as delivery_pages
from amis.outbound.export_pages import pages as export_pages
from amis.outbound.feed_pages import pages as feed_pages
from amis.outbound.webhook_keys import opened
from amis.outbound.webhook_pages import pages
from sync.signature import signing_key
from tests.browser import LANGUAGES, axe, serving
from tests.concessions.doors import application, client
from tests.outbound.sink import TOWN, tell

MAY = frozenset({"feed.read", "webhook.read", "webhook.write", "webhook.approve", "export.read"})
ADMIN = Actor("staff", "admin", "Admin", TOWN, "Jelgava", MAY)
COLLEAGUE = Actor("staff", "colleague", "Colleague", TOWN, "Jelgava", MAY)
FORM = {"label": "Sociālais dienests", "url": "https://hooks.example.lv/amis", "topics": ["token.blocked"]}
ROUTERS = (pages, delivery_pages, feed_pages, export_pages)


@pytest.fixture
async def asking(town: AsyncConnection) -> AsyncIterator[httpx.AsyncClient]:
    async with client(application(ADMIN, *ROUTERS)) as opened:
        yield opened


async def made(asking: httpx.AsyncClient) -> tuple[str, str]:
    """A webhook by the form: its address and the secret that the page shows."""
    page = await asking.post("/webhooks/new", data=FORM)
    assert page.status_code == 200
    async with transaction(ADMIN) as tx:
        [standing] = await store.webhooks(tx)
    found = re.search(r"whsec_[A-Za-z0-9+/=]+", page.text)
    assert found is not None
    return f"/webhooks/{standing.webhook.id}", found[0]


async def undelivered(town: AsyncConnection, webhook: str) -> None:
    """Three entries of the feed: delivered, given up after two tries, waiting."""
    await tell(town, *[("token.blocked", None)] * 3)
    identity = webhook.rsplit("/", 1)[1]
    for seq, state in enumerate(("done", "dead", "pending"), 1):
        await town.execute(
            "INSERT INTO webhook_delivery VALUES (7, %s, %s, 'token.blocked', '', %s, %s, now(), NULL, now(), %s)",
            (identity, seq, state, 4 - seq, None if state == "pending" else clock.now()),
        )
    for status, error, answer in ((503, "", "<h1>busy</h1>"), (None, "no answer within 10 s", "")):
        await town.execute(
            "INSERT INTO webhook_attempt VALUES (gen_random_uuid(), 7, %s, 2, now(), 1250, %s, %s, %s)",
            (identity, status, error, answer),
        )


async def test_the_secret_is_shown_once_and_the_approval_is_another_ones(asking: httpx.AsyncClient) -> None:
    webhook, secret = await made(asking)
    page = await asking.get(webhook)
    assert secret not in page.text
    assert "whsec_" not in page.text
    assert "A colleague has to approve" in page.text
    assert (await asking.post(f"{webhook}/approve")).status_code == 403
    async with client(application(COLLEAGUE, *ROUTERS)) as other:
        assert "Approve the address" in (await other.get(webhook)).text
        assert (await other.post(f"{webhook}/approve")).status_code == 303
    rotated = await asking.post(f"{webhook}/keys")
    async with transaction(ADMIN) as tx:
        keys = await store.keys(tx, (await store.webhooks(tx))[0].webhook.id)
    shared = [opened(key.id, key.wrapped) for key in keys if key.version == "v1"]
    assert shared[0] == signing_key(secret)
    assert any(signing_key(found) == shared[1] for found in re.findall(r"whsec_[A-Za-z0-9+/=]+", rotated.text))
    for turn in ("pause", "resume", "end"):
        assert (await asking.post(f"{webhook}/{turn}")).status_code == 303
    assert (await asking.post(f"{webhook}/pause")).status_code == 409
    assert (await asking.post(f"{webhook}/keys")).status_code == 422


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"url": "http://127.0.0.1/"}, "The address must begin with https://"),
        ({"url": "https://10.0.0.1/"}, "The address must name a host of the public Internet"),
        ({"label": ""}, "A webhook needs a name and at least one kind of message."),
        ({"topics": []}, "A webhook needs a name and at least one kind of message."),
    ],
)
async def test_what_is_wrong_stands_beside_the_field(
    asking: httpx.AsyncClient, wrong: dict[str, object], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("amis.outbound.webhooks.in_development", lambda _: False)
    page = await asking.post("/webhooks/new", data=FORM | wrong)
    assert page.status_code == 422
    assert page.text.count(said) >= 2
    assert 'value="https://hooks.example.lv/amis"' in page.text or "url" in wrong


async def test_what_was_given_up_is_sent_again(asking: httpx.AsyncClient, town: AsyncConnection) -> None:
    webhook, _ = await made(asking)
    await undelivered(town, webhook)
    waiting = await asking.post(f"{webhook}/replay", data={"what": "dead"})
    assert (waiting.status_code, "not in a state" in waiting.text) == (422, True)
    await town.execute("UPDATE webhook SET state = 'active', cursor = 3")
    assert "&lt;h1&gt;busy" in (await asking.get(f"{webhook}/deliveries/2")).text
    assert (await asking.post(f"{webhook}/deliveries/2")).status_code == 303
    assert (await asking.post(f"{webhook}/deliveries/2")).status_code == 404
    assert (await asking.post(f"{webhook}/replay", data={"what": "dead"})).status_code == 422
    for first, last, status in (("1", "2", 303), ("", "x", 422), ("7", "9", 422)):
        given = {"what": "range", "first": first, "last": last}
        assert (await asking.post(f"{webhook}/replay", data=given)).status_code == status
    cursor = await town.execute("SELECT seq, attempts FROM webhook_delivery WHERE state = 'pending' ORDER BY seq")
    assert await cursor.fetchall() == [(1, 0), (2, 0), (3, 1)]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_pages_are_accessible(
    chromium: Browser, asking: httpx.AsyncClient, town: AsyncConnection, language: str
) -> None:
    found = {}
    async with serving(application(ADMIN, *ROUTERS)) as address:
        page = await (await chromium.new_context(locale=language)).new_page()
        for path in ("/feed", "/webhooks", "/webhooks/new"):
            answer = await page.goto(address + path)
            assert answer is not None
            assert answer.ok, path
            found[f"empty {path}"] = await axe(page)
        await page.click("main form button")
        found["errors"] = await axe(page)
        webhook, _ = await made(asking)
        await town.execute("UPDATE webhook SET state = 'active'")
        await undelivered(town, webhook)
        await town.execute("INSERT INTO feed_consumer VALUES (7, 'machine', 'x', 'SOPA', 2, now())")
        await town.execute("INSERT INTO provider VALUES (gen_random_uuid(), 'JLG-BUS', 'Autobuss', 'carrier')")
        for path in ("/feed", webhook, f"{webhook}/deliveries/2", "/exports"):
            answer = await page.goto(address + path)
            assert answer is not None
            assert answer.ok, path
            found[path] = await axe(page)
    assert {name: faults for name, faults in found.items() if faults} == {}

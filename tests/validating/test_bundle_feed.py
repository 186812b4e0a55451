"""One listener a process: news wake those who wait, and a lost connection loses nothing."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from psycopg import AsyncConnection

from amis.kernel import listening
from amis.kernel.settings import Settings
from amis.validating import bundle_feed as module
from amis.validating.bundle_feed import Feed, bundle_feed
from amis.validating.bundle_store import Change, following
from amis.validating.errors import BundleGap
from tests.validating.carried import Press
from tests.validating.town import Holder, Town

SOON = 8.0


@pytest.fixture
async def press(town: Town, worker_connection: AsyncConnection) -> Press:
    """With a first bundle of the town's provider."""
    await town.add_terminal()
    made = Press(worker_connection)
    await made.run()
    return made


@pytest.fixture
async def feed(press: Press, database: Settings) -> AsyncIterator[Feed]:
    async with bundle_feed(database.database_url or "") as opened:
        yield opened


async def block(town: Town, holder: Holder) -> None:
    await town.db.execute(
        "UPDATE token SET state = 'blocked', status = 2, reason = 'lost' WHERE id = %s", (holder.token,)
    )


async def known(feed: Feed, town: Town, since: int) -> list[Change]:
    """What the feed knows after `since`, once it knows something."""
    while True:
        news = feed.next_news()
        if found := feed.known(town.provider, since):
            return list(found)
        await asyncio.wait_for(news.wait(), SOON)


async def test_news_wake_those_who_wait_and_are_told_from_memory(town: Town, press: Press, feed: Feed) -> None:
    first, holder = press.publisher.now.seq, await town.add_holder()
    waiting = asyncio.create_task(known(feed, town, first))
    await asyncio.sleep(0.1)
    await block(town, holder)
    [seq] = await press.run()
    [change] = await waiting
    assert (change.since, change.seq) == (first, seq)
    assert feed.known(town.provider, seq) == []


async def test_what_was_published_while_the_connection_was_lost_is_found(
    town: Town, press: Press, feed: Feed, database: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "AGAIN", 0.2)
    first, holder = press.publisher.now.seq, await town.add_holder()
    async with await AsyncConnection.connect(database.database_url or "", autocommit=True) as service:
        await service.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%%' OR query LIKE"
            " '%%bundle_version%%' AND usename = 'amis_app' AND datname = current_database()"
            " AND pid <> pg_backend_pid()"
        )
    await block(town, holder)
    [seq] = await press.run()
    assert [change.seq for change in await known(feed, town, first)] == [seq]


async def test_a_delta_too_large_for_memory_is_left_to_the_database(
    town: Town, press: Press, feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LARGEST", 10)
    first, holder = press.publisher.now.seq, await town.add_holder()
    while feed.known(town.provider, first) is None:  # noqa: ASYNC110 - what it has read makes no event
        await asyncio.sleep(0.01)
    news = feed.next_news()
    await block(town, holder)
    await press.run()
    await asyncio.wait_for(news.wait(), SOON)
    assert feed.known(town.provider, first) is None


ROWS = [Change(3, None, None), Change(5, 3, b"a"), Change(6, 5, b"b"), Change(9, None, None), Change(10, 9, b"c")]


def test_deltas_lead_on_until_something_comes_whole() -> None:
    assert [row.seq for row in following(ROWS, 3)] == [5, 6]
    assert [row.seq for row in following(ROWS[1:], 5)] == [6]
    assert [row.seq for row in following(ROWS[4:], 10)] == []
    # the version itself is forgotten, but what leads on from it is there
    assert [row.seq for row in following(ROWS[1:], 3)] == [5, 6]


@pytest.mark.parametrize(("rows", "since"), [(ROWS[3:], 6), (ROWS[1:], 4), ([], 7), (ROWS[4:], 11)])
def test_where_none_leads_on_there_is_a_gap(rows: list[Change], since: int) -> None:
    with pytest.raises(BundleGap):
        following(rows, since)

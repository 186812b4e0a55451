"""Keeping the bundle up to date: whole, by changes, by a stream; and nothing is taken that is not to be believed."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from terminals.agent import Terminal
from terminals.bundle.errors import BundleRefused, ObjectUnreadable
from terminals.errors import Refused, Unreachable
from terminals.fetch import CHANGES, MANIFEST, STREAM, Feed
from tests.terminals.backend import Backend, event
from tests.terminals.bundle.publisher import HOUR, Publisher, p256


@pytest.fixture
def backend() -> Backend:
    return Backend()


@pytest.fixture
async def terminal(backend: Backend, tmp_path: Path) -> AsyncIterator[Terminal]:
    """A terminal that holds nothing yet."""
    made = await backend.terminal(tmp_path)
    yield made
    made.journal.close()


@pytest.fixture
async def feed(terminal: Terminal) -> Feed:
    return feeding(terminal)


def feeding(terminal: Terminal) -> Feed:
    return Feed(terminal.link, lambda: terminal.holding, terminal.clock.now, terminal.keep)


async def test_a_terminal_that_knows_only_the_root_key_gets_everything(
    terminal: Terminal, feed: Feed, backend: Backend
) -> None:
    await feed.refresh()
    assert (terminal.holding.seq, terminal.holding.provider, terminal.took.is_set()) == (10, "JAP", True)
    await feed.refresh()
    assert backend.asked.count(MANIFEST) == 2
    assert len([path for path in backend.asked if "parts" in path]) == len(backend.publisher.parts())


async def test_only_what_has_changed_is_fetched(terminal: Terminal, feed: Feed, backend: Backend) -> None:
    await feed.refresh()
    backend.asked.clear()
    backend.publisher.lists[3].set(5, 2)
    backend.publisher.seq += 1
    await feed.refresh()
    assert (len(backend.asked), terminal.holding.status(3, 5)) == (2, 2)


async def test_changes_are_taken_one_after_the_other(terminal: Terminal, feed: Feed, backend: Backend) -> None:
    await feed.refresh()
    for index in (5, 6):
        backend.block(3, index)
    await feed.poll(0)
    assert (terminal.holding.seq, terminal.holding.status(3, 5), terminal.holding.status(3, 6)) == (12, 2, 2)
    await feed.poll(0)
    assert terminal.holding.seq == 12


async def test_a_terminal_that_was_away_for_too_long_takes_the_whole(
    terminal: Terminal, feed: Feed, backend: Backend
) -> None:
    await feed.refresh()
    for index in range(3):
        backend.block(3, index)
    del backend.deltas[10]
    await feed.poll(0)
    assert terminal.holding.seq == 13


async def test_a_stream_brings_changes_and_manifests(terminal: Terminal, feed: Feed, backend: Backend) -> None:
    await feed.refresh()
    change = backend.block(3, 5)
    backend.publisher.at += HOUR
    backend.publisher.seq += 1
    backend.streams = [b": still here\n\n", event("delta", change), event("delta", change)]
    backend.streams.append(event("manifest", backend.publisher.manifest()))
    await feed.stream()
    assert (terminal.holding.seq, terminal.holding.status(3, 5)) == (12, 2)
    assert terminal.holding.floor == backend.publisher.at.replace(microsecond=0)


async def test_where_no_stream_comes_through_it_polls(terminal: Terminal, feed: Feed, backend: Backend) -> None:
    await feed.follow()
    await feed.follow()
    assert (backend.asked.count(STREAM), backend.asked.count(CHANGES)) == (1, 1)
    backend.streams = [b": still here\n\n"]
    feed = feeding(terminal)
    for _ in range(2):
        await feed.follow()
    assert (backend.asked.count(STREAM), backend.asked.count(CHANGES)) == (3, 1)


async def test_what_somebody_else_signed_changes_nothing(terminal: Terminal, feed: Feed, backend: Backend) -> None:
    await feed.refresh()
    stranger = Publisher(signer=p256(99), seq=20)
    for said in (stranger.manifest(), stranger.delta({3: {5: 2}}), b"garbage"):
        backend.streams = [event("manifest", said), event("delta", said)]
        with pytest.raises(BundleRefused):
            await feed.follow()
        assert (terminal.holding.seq, terminal.holding.status(3, 5)) == (10, 0)
    backend.streams = [b"event: delta\ndata: ???\n\n"]
    with pytest.raises(ObjectUnreadable):
        await feed.stream()


async def test_a_damaged_part_is_refused_and_fetched_again(terminal: Terminal, feed: Feed, backend: Backend) -> None:
    backend.publisher.parts()
    whole = dict(backend.publisher.objects)
    for href, content in whole.items():
        backend.publisher.objects[href] = content[:-1] + bytes([content[-1] ^ 1])
    original = backend.publisher.parts
    backend.publisher.parts = lambda: _unchanged(original, backend.publisher)  # type: ignore[method-assign]
    with pytest.raises(BundleRefused):
        await feed.follow()
    assert terminal.holding.seq is None
    backend.publisher.objects = whole
    await feed.follow()
    assert terminal.holding.seq == 10


def _unchanged(parts, publisher: Publisher):  # type: ignore[no-untyped-def]
    there = dict(publisher.objects)
    found = parts()
    publisher.objects.update(there)
    return found


async def test_a_bundle_that_cannot_be_written_is_held_in_memory(
    terminal: Terminal, feed: Feed, tmp_path: Path
) -> None:
    (tmp_path / "bundle").touch()
    await feed.refresh()
    assert terminal.holding.seq == 10


@pytest.mark.parametrize(("status", "error"), [(404, Refused), (503, Unreachable)])
async def test_a_service_without_a_bundle_is_asked_again_later(
    terminal: Terminal, feed: Feed, backend: Backend, status: int, error: type[Exception]
) -> None:
    backend.faults[MANIFEST] = status
    with pytest.raises(error):
        await feed.follow()
    backend.faults.clear()
    await feed.follow()
    assert terminal.holding.seq == 10


async def test_an_answer_to_changes_that_is_none_is_refused(terminal: Terminal, feed: Feed, backend: Backend) -> None:
    await feed.refresh()
    for content in (b"\xff", b"\x01", b"\x81\x01"):
        backend._changes = lambda _, content=content: httpx.Response(200, content=content)  # type: ignore[method-assign, misc]
        with pytest.raises(ObjectUnreadable):
            await feed.poll(0)


async def test_an_entity_tag_that_came_damaged_is_not_sent_back(
    terminal: Terminal, feed: Feed, backend: Backend
) -> None:
    answer = backend._manifest
    tag = [(b"etag", b'"1\xb0"')]
    backend._manifest = lambda asked: httpx.Response(200, content=answer(asked).content, headers=tag)  # type: ignore[method-assign]
    await feed.refresh()
    await feed.refresh()
    assert terminal.holding.seq == 10


async def test_an_answer_that_cannot_be_unpacked_is_none(feed: Feed, backend: Backend) -> None:
    async def garbage() -> AsyncIterator[bytes]:
        yield b"garbage"

    packed = {"content-encoding": "gzip"}
    backend._manifest = lambda _: httpx.Response(200, content=garbage(), headers=packed)  # type: ignore[method-assign]
    with pytest.raises(Unreachable):
        await feed.refresh()

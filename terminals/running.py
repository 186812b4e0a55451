"""What a terminal does beside the taps: follow the bundle, upload, show that it is there, and mind its own end."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from datetime import timedelta
from typing import Any

from terminals.agent import Terminal
from terminals.bundle.errors import BundleRefused
from terminals.clock import elapsed
from terminals.errors import AnswerUnreadable, JournalFull, Refused, Revoked, Unreachable
from terminals.fetch import Feed
from terminals.presence import Presence
from terminals.reserving import Reserving
from terminals.upload import Upload

PRESENCE_EACH = 30
"""Seconds between two signs of presence; a new bundle is told at once."""
WATCH_EACH = 60.0
HEARD_WITHIN = 30.0
"""So many seconds the service has to put right a clock that is set wrong, before a long silence is believed."""
KEYS_EACH = 3600.0
"""A new key set is fetched, and one that is no longer given destroyed, within an hour."""
_PRUNE_EACH = timedelta(days=1)
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 60.0
Work = Coroutine[Any, Any, object]
_PASSING = (Unreachable, Refused, AnswerUnreadable, BundleRefused, JournalFull)
"""What ends by itself or by somebody else's doing: tried again after a while."""


async def run(terminal: Terminal, stop: asyncio.Event, *sources: Work) -> None:
    """Works until `stop` is set or one of the sources of taps has come to its end.

    Raises:
        Revoked: the service has withdrawn the terminal; it is wiped.
        JournalDamaged, StoreDamaged
    """
    if count := terminal.close_interrupted():
        terminal.say(f"{count} taps were cut short and count as refused")
    works = (stop.wait(), terminal.revoked.wait(), *sources, *_loops(terminal))
    tasks: list[asyncio.Task[object]] = [asyncio.create_task(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    except Revoked:
        terminal.withdraw()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    if terminal.revoked.is_set():
        raise Revoked


def _loops(terminal: Terminal) -> list[Work]:
    feed = Feed(terminal.link, lambda: terminal.holding, terminal.clock.now, terminal.keep)
    upload = Upload(terminal.link, terminal.journal)
    presence = Presence(terminal.link, lambda: terminal.holding, terminal.journal, terminal.clock)
    watch = _Watch(terminal)

    async def send() -> None:
        terminal.decided.clear()
        # where the disk was full, taps were begun and could not be decided
        terminal.close_interrupted()
        await upload.send_all()
        await _either(terminal.decided, PRESENCE_EACH)

    async def show() -> None:
        terminal.took.clear()
        await presence.tell()
        await _either(terminal.took, PRESENCE_EACH)

    return [_again(terminal, work) for work in (feed.follow, send, show, watch.look)]


def keys_kept(terminal: Terminal) -> Work:
    """Keeps the masters of cards at what the service gives; for a terminal with a reader."""

    async def fetch() -> None:
        await terminal.fetch_keys()
        await asyncio.sleep(KEYS_EACH)

    return _again(terminal, fetch)


class _Watch:
    """What is done now and then: wipe after a long silence, give back what was set aside, forget what is old."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._reserving = Reserving(terminal.link, terminal.journal, lambda: terminal.holding)
        self._pruned = terminal.clock.now() - _PRUNE_EACH
        self._began = elapsed()

    async def look(self) -> None:
        """One round, then a pause."""
        terminal = self._terminal
        policy, now = terminal.policy, terminal.clock.now()
        silent = policy is not None and terminal.silent_for() > timedelta(seconds=policy.wipe_after)
        if silent and elapsed() - self._began >= HEARD_WITHIN:
            terminal.say("silent for too long: the bundle and all texts are wiped")
            terminal.wipe()
        if now - self._pruned >= _PRUNE_EACH:
            terminal.journal.prune(now)
            self._pruned = now
        await self._reserving.repeat(now)
        await self._reserving.give_back(now)
        await asyncio.sleep(WATCH_EACH)


async def _again(terminal: Terminal, work: Callable[[], Awaitable[None]]) -> None:
    """Does it for ever; after a failure later and later, and never at the same moment as other terminals."""
    failures = 0
    while True:
        try:
            await work()
            failures = 0
        except _PASSING as error:
            failures += 1
            terminal.say(str(error))
        await asyncio.sleep(pause(failures))


def pause(failures: int) -> float:
    """Seconds before the next try after so many failures in a row."""
    longest = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** min(failures, 16))
    return longest * random.uniform(0.5, 1.0) if failures else random.uniform(0.0, 0.1)  # noqa: S311  # no secret


async def _either(event: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()

"""The terminal's program without a command line: everything beside the taps, and every way in which it ends."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from terminals import running
from terminals.agent import BUNDLE, Terminal
from terminals.clock import Clock
from terminals.errors import AnswerUnreadable, Revoked
from terminals.journal import RESERVE
from terminals.presence import Presence
from terminals.reserving import Reserving
from terminals.running import pause, run
from tests.terminals.backend import Backend
from tests.terminals.taken import take
from tests.terminals.test_agent import TWENTY, fetched, letter, tap
from tests.terminals.tokens import phone

WEEK = timedelta(days=8)


@pytest.fixture
def backend() -> Backend:
    return Backend()


@pytest.fixture
async def terminal(backend: Backend, tmp_path: Path) -> AsyncIterator[Terminal]:
    made = await backend.terminal(tmp_path)
    yield made
    made.journal.close()


async def until(true: Callable[[], object]) -> None:
    """Waits until it is so."""
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110 - what is waited for makes no event
            await asyncio.sleep(0.01)


async def ended(terminal: Terminal, true: Callable[[], object]) -> None:
    """Runs it until that is so."""
    stop = asyncio.Event()
    task = asyncio.create_task(run(terminal, stop))
    await until(lambda: true() or task.done())
    stop.set()
    await task


async def test_it_fetches_uploads_and_shows_what_it_holds(terminal: Terminal, backend: Backend) -> None:
    take(terminal.journal)
    await ended(terminal, lambda: any(said["held"] == 10 for said in backend.presences) and backend.lines)
    said = next(said for said in backend.presences if said["held"] == 10)
    assert (said["hash"], said["at"]) == (terminal.holding.hash.hex(), backend.at.isoformat())  # type: ignore[union-attr]
    assert said["journal"] == {"seq": 1, "hash": terminal.journal.head().hash}


async def test_a_decision_is_uploaded_as_soon_as_there_is_a_connection(terminal: Terminal, backend: Backend) -> None:
    await fetched(terminal)
    stop = asyncio.Event()
    task = asyncio.create_task(run(terminal, stop))
    backend.faults["/v1/validations"] = 503
    await terminal.validate(tap(letter(TWENTY)))
    await until(lambda: backend.lines)
    await terminal.validate(tap(letter(TWENTY)))
    await until(lambda: len(backend.lines) == 2)
    stop.set()
    await task


async def test_it_outlives_a_service_that_is_away(
    terminal: Terminal, backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "_FIRST_PAUSE", 0.01)
    backend.away = True
    take(terminal.journal)
    stop = asyncio.Event()
    task = asyncio.create_task(run(terminal, stop))
    await until(lambda: len(backend.asked) > 20)
    backend.away = False
    await until(lambda: backend.lines and terminal.holding.seq)
    stop.set()
    await task


async def test_it_ends_with_the_source_of_its_taps(terminal: Terminal) -> None:
    done = []

    async def source() -> None:
        done.append(await terminal.validate(tap(letter(TWENTY))))

    await run(terminal, asyncio.Event(), source())
    assert len(done) == 1


async def test_a_revoked_terminal_ends_wiped(terminal: Terminal, backend: Backend, tmp_path: Path) -> None:
    await fetched(terminal)
    take(terminal.journal)
    backend.revoked = True
    terminal.link._bearer.forget()
    with pytest.raises(Revoked):
        await run(terminal, asyncio.Event())
    assert (list((tmp_path / BUNDLE).iterdir()), terminal.journal.waiting()) == ([], 1)


async def test_a_terminal_that_was_silent_for_too_long_wipes_itself_and_may_begin_again(
    terminal: Terminal, backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "HEARD_WITHIN", 0)
    await fetched(terminal)
    take(terminal.journal)
    terminal.clock = Clock(lambda: backend.at + WEEK)
    backend.away = True
    await ended(terminal, lambda: terminal.policy is None)
    assert terminal.journal.waiting() == 1
    backend.away = False
    backend.publisher.at += WEEK
    backend.publisher.seq += 1
    await ended(terminal, lambda: terminal.holding.seq == 11)
    assert not terminal.revoked.is_set()


async def test_a_clock_that_is_ahead_at_the_start_wipes_nothing_before_the_service_was_heard(
    terminal: Terminal, backend: Backend
) -> None:
    await fetched(terminal)
    terminal.clock = Clock(lambda: backend.at + 50 * WEEK)
    await ended(terminal, lambda: backend.presences)
    assert terminal.policy is not None
    assert terminal.silent_for() < WEEK


async def test_interrupted_taps_are_closed_before_anything_else(terminal: Terminal, backend: Backend) -> None:
    terminal.journal.begin(tap(letter(TWENTY)).body, backend.at)
    await ended(terminal, lambda: backend.lines)
    assert b'"reason":"ONLINE_REQUIRED"' in backend.lines[1]


@pytest.mark.parametrize("said", [b"{}", b"[]", b"<html>", b'{"now":"soon"}', b'{"now":"2026-09-01T08:30:00"}'])
async def test_an_answer_without_a_time_tells_none(terminal: Terminal, backend: Backend, said: bytes) -> None:
    backend._presence = lambda _: httpx.Response(200, content=said)  # type: ignore[method-assign]
    presence = Presence(terminal.link, lambda: terminal.holding, terminal.journal, terminal.clock)
    with pytest.raises(AnswerUnreadable):
        await presence.tell()


async def test_the_service_tells_the_time(backend: Backend, tmp_path: Path) -> None:
    wrong = backend.at - timedelta(minutes=9)
    terminal = await backend.terminal(tmp_path, Clock(lambda: wrong))
    presence = Presence(terminal.link, lambda: terminal.holding, terminal.journal, terminal.clock)
    assert await presence.tell() == -timedelta(minutes=9)
    assert abs(terminal.clock.now() - backend.at) < timedelta(seconds=1)


def test_pauses_grow_and_are_never_the_same_for_all() -> None:
    assert max(pause(0) for _ in range(50)) <= 0.1
    for failures, longest in ((1, 1.0), (3, 4.0), (50, 60.0)):
        found = [pause(failures) for _ in range(50)]
        assert longest / 2 <= min(found) < max(found) <= longest


def reserving(terminal: Terminal) -> Reserving:
    return Reserving(terminal.link, terminal.journal, lambda: terminal.holding)


async def test_units_set_aside_are_used_first_and_the_rest_is_given_back(terminal: Terminal, backend: Backend) -> None:
    await fetched(terminal)
    reserve = await reserving(terminal).ask(letter(TWENTY), TWENTY, 4, backend.at + timedelta(hours=1), backend.at)
    backend.away = True
    answers = [await terminal.validate(tap(letter(TWENTY))) for _ in range(3)]
    assert [(answer.reason, answer.quota_left) for answer in answers] == [("OK", 3), ("OK", 2), ("OK", 1)]
    backend.away = False
    later = backend.at + timedelta(hours=1)
    await reserving(terminal).give_back(later)
    assert backend.reserves == {reserve.id: 4}
    await running.Upload(terminal.link, terminal.journal).send_all()
    assert all(f'"reserve":"{reserve.id}"'.encode() in line for line in backend.lines.values())
    await reserving(terminal).give_back(later)
    assert (backend.reserves, terminal.journal.reserves()) == ({reserve.id: 1}, [])


async def test_a_reserve_whose_answer_was_lost_is_asked_for_again(terminal: Terminal, backend: Backend) -> None:
    await fetched(terminal)
    backend.lose = True
    until_then = backend.at + timedelta(hours=1)
    with pytest.raises(running.Unreachable):
        await reserving(terminal).ask(letter(TWENTY), TWENTY, 4, until_then, backend.at)
    backend.lose = False
    await reserving(terminal).repeat(backend.at)
    assert (len(terminal.journal.reserves()), terminal.journal.pending(RESERVE)) == (1, [])
    assert len(backend.reserves) == 1


async def test_a_reserve_for_a_phone_that_shows_something_else_by_now_is_given_back(
    terminal: Terminal, backend: Backend
) -> None:
    await fetched(terminal)
    backend.lose = True
    shown, end = phone(TWENTY, at=backend.at), backend.at + timedelta(hours=1)
    with pytest.raises(running.Unreachable):
        await reserving(terminal).ask(shown, TWENTY, 4, end, backend.at)
    backend.lose = False
    later = backend.at + timedelta(minutes=5)
    await reserving(terminal).repeat(later)
    assert terminal.journal.pending(RESERVE) == []
    await reserving(terminal).give_back(later)
    assert (list(backend.reserves.values()), terminal.journal.reserves()) == ([4], [])


async def test_a_reserve_that_the_service_refuses_is_told(terminal: Terminal, backend: Backend) -> None:
    await fetched(terminal)
    backend.faults["/v1/reserves"] = 409
    with pytest.raises(running.Refused):
        await reserving(terminal).ask(letter(TWENTY), TWENTY, 4, backend.at, backend.at)
    assert terminal.journal.pending(RESERVE) == []

import asyncio
from pathlib import Path

import httpx
import pytest

from cards.errors import NotPaired
from terminals.clock import elapsed
from terminals.simulator.enlist import Entry
from terminals.simulator.stand import FARE, TICKET, stand_of
from tests.terminals.backend import Backend
from tests.terminals.simulator.stands import stand_at
from tests.terminals.tokens import letter


async def test_people_are_answered_in_their_order_and_waiting_in_line_counts(tmp_path: Path) -> None:
    stand = await stand_at(Backend(), tmp_path)
    meant = elapsed() - 7
    for _ in range(3):
        stand.arrive(letter(), meant)
    assert not stand.idle
    serving = asyncio.create_task(stand.serve())
    async with asyncio.timeout(10):
        while not stand.idle:  # noqa: ASYNC110 - the line makes no event
            await asyncio.sleep(0.01)
    serving.cancel()
    assert [done.answer.seq for done in stand.done] == [1, 2, 3]
    assert 7 <= stand.done[0].seconds <= stand.done[1].seconds <= stand.done[2].seconds


async def test_what_was_decided_alone_or_cut_short_is_sent_and_said_in_the_end(tmp_path: Path) -> None:
    backend = Backend()
    stand = await stand_at(backend, tmp_path)
    stand.network.cut()
    await stand.tap(letter(), elapsed())
    stand.terminal.journal.begin(
        lambda seq: (
            b'{"token":null,"at":"2026-09-01T08:30:00Z","gross":"1","product":"single","companions":0,"seq":%d}' % seq
        ),
        backend.at,
    )
    stand.network.mend()
    await stand.finish(10)
    assert sorted(backend.lines) == [1, 2]
    assert [said["waiting"] for said in backend.presences] == [0]


async def test_a_service_that_is_away_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    stand = await stand_at(Backend(away=True), tmp_path)
    await stand.tap(letter(), elapsed())
    await stand.finish(0)
    assert stand.terminal.journal.waiting() == 1


async def test_a_terminal_that_is_withdrawn_says_so_and_answers_nobody(tmp_path: Path) -> None:
    stand = await stand_at(Backend(revoked=True), tmp_path)
    await stand.work(asyncio.Event())
    assert "withdrawn" in stand.fault
    stand.arrive(letter(), elapsed())
    await stand.serve()
    assert not stand.idle


async def test_a_journal_that_breaks_ends_the_terminal(tmp_path: Path) -> None:
    stand = await stand_at(Backend(), tmp_path)
    stand.terminal.journal.close()
    await stand.tap(letter(), elapsed())
    assert "journal" in stand.fault
    assert stand.done == []


async def test_a_terminal_takes_the_price_of_its_kind_and_needs_its_folder(tmp_path: Path) -> None:
    await stand_at(Backend(), tmp_path / "m1")
    way = httpx.MockTransport(Backend().answer)
    prices = [stand_of(Entry("m1", "code", kind), tmp_path, way)[0].gross for kind in ("carrier", "venue")]
    assert prices == [FARE, TICKET]
    with pytest.raises(NotPaired):
        stand_of(Entry("m2", "code", "venue"), tmp_path, way)

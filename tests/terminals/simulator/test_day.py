from pathlib import Path

import pytest

from terminals.simulator.city import Rider
from terminals.simulator.day import Plan, play
from terminals.simulator.network import Partition
from terminals.simulator.stand import Stand
from terminals.simulator.tally import tally
from tests.terminals.backend import Backend
from tests.terminals.simulator.stands import stand_at
from tests.terminals.tokens import letter

SECONDS = 0.6
HALF_THE_DAY = Partition(1, 0.0, SECONDS / 2)


async def two(home: Path) -> tuple[list[Backend], list[Stand]]:
    backends = [Backend(), Backend()]
    return backends, [await stand_at(backend, home / str(n)) for n, backend in enumerate(backends)]


@pytest.mark.parametrize("rate", [60.0, None], ids=["open", "closed"])
async def test_after_a_day_with_a_partition_the_service_knows_each_tap_once(tmp_path: Path, rate: float | None) -> None:
    backends, stands = await two(tmp_path)
    riders = [Rider(letter(), (0, 1, 0)), Rider(letter(302), (1, 0, 1))]
    await play(stands, riders, Plan(SECONDS, rate, [HALF_THE_DAY, Partition(2, 99, 100)], seed=1))
    done = tally(stands)
    assert done.good
    assert done.taps == done.online + done.alone == sum(done.reasons.values())
    assert done.alone
    assert done.online
    told = [sorted(backend.taps.keys() | backend.lines.keys()) for backend in backends]
    assert told == [[one.answer.seq for one in stand.done] for stand in stands]
    assert done.lines == sum(len(backend.lines) for backend in backends)
    assert all(stand.network.up for stand in stands)


async def test_where_nobody_rides_a_terminal_waits(tmp_path: Path) -> None:
    _, stands = await two(tmp_path)
    await play(stands, [Rider(letter(), (0, 0, 0))], Plan(0.1, None, [], seed=1))
    assert stands[0].done
    assert not stands[1].done


async def test_a_terminal_that_stops_is_named_and_so_are_those_it_left_standing(tmp_path: Path) -> None:
    _, (stand, other) = await two(tmp_path)
    stand.terminal.revoked.set()
    await play([stand, other], [Rider(letter(), (0, 0, 0))], Plan(0.2, 60, [], seed=1))
    done = tally([stand, other])
    assert done.left_standing > 0
    assert "withdrawn" in done.faults[stand.machine]
    assert not done.good
    assert done.content()["good"] is False


async def test_a_journal_that_somebody_changed_is_named(tmp_path: Path) -> None:
    backend = Backend(away=True)
    stand = await stand_at(backend, tmp_path)
    await stand.tap(letter(), 0)
    stand.terminal.journal._db.execute("UPDATE record SET line = x'00'")
    done = tally([stand])
    assert list(done.damaged) == [stand.machine]
    assert done.unsent == 1
    assert not done.good

"""The pretend social system against the real service: every change, way and mischief once, and no drift."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from amis.demo.town import SOURCE
from amis.intake import batches
from amis.intake.api import EVENTS
from amis.kernel.db import transaction
from amis.register.store import find_by_code
from sync.clock import now
from sync.diary import Moment
from sync.pretend.desk import EVENT_WAYS, FILE_WAYS, LETTERS
from sync.pretend.file_mischief import FILE_TROUBLE
from sync.pretend.mischief import EVENT_TROUBLE
from sync.pretend.oracle import Oracle
from sync.pretend.player import LATE, OUTAGE
from sync.pretend.running import TURN
from sync.pretend.scoreboard import Scoreboard
from sync.pretend.session import Connection, Plan, Session, opened, sunk
from sync.pretend.sink import PATH
from sync.sopa import STATUSES
from tests.sync_machine import as_registry, paired_sender, webhook, worker_of
from tests.town import CLERK, Site, free_port
from tests.walks.counts import count

PERSONS, MISCHIEF = 200, 0.3
HEARD = ("entitlement.ended", "entitlement.shortened")
_FACTS = text(
    "SELECT person_id, kind, value, valid_from, valid_to - 1 FROM fact"
    " WHERE recorded_to IS NULL AND source = :source AND kind <> 'residence'"
)


@pytest.mark.parametrize("seed", range(1, 1 + count(test=1, check=3, deep=10)))
async def test_every_change_way_and_mischief_ends_without_drift(site: Site, tmp_path: Path, seed: int) -> None:
    """Then it is stopped, goes on where it was, and what a person released counts for it too."""
    home, keys = await paired_sender(site, tmp_path)
    connection = Connection(f"{site.url}{EVENTS}", keys, home, await as_registry())
    plan = Plan(SOURCE, seed, PERSONS, MISCHIEF, connection.ways([]), tuple(keys))
    board, port = Scoreboard.new(SOURCE), free_port()
    hooks = await webhook(f"http://127.0.0.1:{port}{PATH}", *HEARD)
    async with worker_of(site), sunk(board, hooks, port):
        async with opened(plan, connection, tmp_path / "sopa", board) as session:
            await session.play(count(test=0, check=300, deep=3_000), tour=True)
            await until(lambda: told(board) == heard(board))
        assert_all_went_as_it_must(session)
        assert board.outflow.hooks["v1"] == board.outflow.hooks["v1a"] == heard(board) > 0
        assert board.outflow.hooks["refused"] == 0
        assert set(board.ways) >= {*(f"events-{way}" for way in EVENT_WAYS), *FILE_WAYS, LETTERS}
        assert set(board.mischief) >= {*EVENT_TROUBLE, *FILE_TROUBLE, LATE, OUTAGE}
        assert session.run.held
        assert await held() == await foretold(session.run.player.oracle)
        async with transaction(CLERK) as tx:
            for waiting in session.run.held:
                await batches.release(tx, UUID(waiting))
        async with opened(plan, connection, tmp_path / "sopa", Scoreboard.new(SOURCE)) as again:
            while again.run.held:
                await again.run.look_at_held()
            await again.run.do(Moment(now(), TURN))
            await again.run.compare()
        assert_all_went_as_it_must(again)
        assert await held() == await foretold(again.run.player.oracle)


def told(board: Scoreboard) -> int:
    """How many entries of the feed a webhook must have told of."""
    return sum(board.outflow.topics[topic] for topic in HEARD)


def heard(board: Scoreboard) -> int:
    """How many a webhook has told of."""
    return board.outflow.hooks["received"]


async def until(so: Callable[[], bool]) -> None:
    """Waits until it is so."""
    for _ in range(1_000):
        if so():
            return
        await asyncio.sleep(0.02)
    pytest.fail("not in time")


def assert_all_went_as_it_must(session: Session) -> None:
    board = session.board
    assert (list(board.differences), board.drift, board.outflow.gaps) == ([], [], 0)
    assert board.is_well


async def held() -> dict[str, list[tuple[str, ...]]]:
    """The statuses that the register counts, by person."""
    found: dict[str, list[tuple[str, ...]]] = {}
    async with transaction(CLERK) as tx:
        for person, *fact in await tx.session.execute(_FACTS, {"source": SOURCE}):
            found.setdefault(str(person), []).append(tuple(map(str, fact)))
    return {person: sorted(facts) for person, facts in found.items()}


async def foretold(oracle: Oracle) -> dict[str, list[tuple[str, ...]]]:
    """The statuses that the oracle says it must count."""
    found: dict[str, list[tuple[str, ...]]] = {}
    async with transaction(CLERK) as tx:
        for code, statuses in oracle.expected().items():
            meanings = [(STATUSES[status], first, last) for status, first, last in statuses]
            facts = [(meaning.fact, meaning.value, first, str(last)) for meaning, first, last in meanings]
            found[str(await find_by_code(tx, code))] = sorted(facts)
    return found

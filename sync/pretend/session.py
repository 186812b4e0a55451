"""A pretend source with everything around it: its connections, its memory on disk, the scoreboard and the sink."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from sync import signature
from sync.batches import BatchClient
from sync.clock import now
from sync.diary import Diary, Moment
from sync.door import Door
from sync.pairing import Machine, moved
from sync.pretend import page
from sync.pretend.desk import EVENT_WAYS, FILE_WAYS, LETTERS
from sync.pretend.letters import Registry
from sync.pretend.little_http import Request, Response, serving
from sync.pretend.office import Sending
from sync.pretend.player import Player
from sync.pretend.reading import reading
from sync.pretend.running import FIRST_LOAD, SETTLE, TOUR, TURN, Run
from sync.pretend.scoreboard import Scoreboard
from sync.pretend.sink import Sink, checker
from sync.simulator import Simulator

COMPARED_EVERY = 10.0
"""Seconds between two comparisons with the receiver's digest."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a source is played; the same plan with the same moments is the same play."""

    source: str
    seed: int
    persons: int
    mischief: float
    ways: tuple[str, ...]
    keys: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        whole = {"source": self.source, "seed": self.seed, "persons": self.persons, "mischief": self.mischief}
        return {**whole, "ways": list(self.ways), "keys": list(self.keys)}


@dataclass(frozen=True, slots=True)
class Connection:
    """Where the receiver is, what signs, the folder of the pairing that lets the source send files, and what makes it a
    registry.
    """

    events_url: str
    keys: Mapping[str, signature.SigningKey]
    machine: Path | None = None
    registry: Registry | None = None

    def sending(self, source: str, http: httpx.AsyncClient) -> Sending:
        """Raises `MachineNotPaired`."""
        if self.machine is None:
            return Sending(self.events_url, self.keys, http, None, self.registry)
        moved(self.machine, str(httpx.URL(self.events_url).join("/")))
        batches = BatchClient(Door(Machine(self.machine, http), http), source)
        return Sending(self.events_url, self.keys, http, batches, self.registry)

    def ways(self, wanted: Sequence[str]) -> tuple[str, ...]:
        """The ways that are wanted, all that are possible where none is named."""
        possible = (*EVENT_WAYS, *(FILE_WAYS if self.machine else ()), *((LETTERS,) if self.registry else ()))
        return tuple(way for way in possible if not wanted or way in wanted)


@dataclass(slots=True)
class Session:
    """One run of a source."""

    run: Run

    @property
    def board(self) -> Scoreboard:
        return self.run.board

    async def play(self, turns: int, *, tour: bool = False) -> None:
        """So many turns, perhaps everything once, then all that is left to say, and a comparison."""
        for _ in range(turns):
            await self.run.do(Moment(now(), TURN))
        if tour:
            await self.run.do(Moment(now(), TOUR))
        await self.run.do(Moment(now(), SETTLE))
        await self.run.compare()

    async def live(self, pause: float) -> None:
        """Turn after turn until cancelled."""
        compared = asyncio.get_running_loop().time()
        while True:
            await asyncio.sleep(pause)
            await self.run.do(Moment(now(), TURN))
            if asyncio.get_running_loop().time() - compared > COMPARED_EVERY:
                await self.run.look_at_held()
                await self.run.compare()
                compared = asyncio.get_running_loop().time()


@asynccontextmanager
async def opened(plan: Plan, connection: Connection, state: Path, board: Scoreboard) -> AsyncIterator[Session]:
    """The source as its folder remembers it, with its first load or its last moment sent.

    Raises:
        DiaryOfAnother, MachineNotPaired, and what sending raises.
    """
    async with httpx.AsyncClient(timeout=30) as http:
        sending, diary = connection.sending(plan.source, http), Diary(state / "diary.txt")
        moments = diary.open(plan.to_json())
        first = moments[0] if moments else Moment(now(), FIRST_LOAD)
        office = Simulator(plan.source, plan.seed, plan.persons, first.at.date())
        player = Player(office, plan.seed, plan.ways, plan.mischief, sending.can_sign())
        session = Session(Run(player, sending, board, diary))
        async with AsyncExitStack() as stack:
            if sending.batches is not None:
                await stack.enter_async_context(reading(sending.batches.door, state / "feed.cursor", board.outflow))
            await session.run.resume(moments, first)
            yield session


@asynccontextmanager
async def shown(board: Scoreboard, port: int) -> AsyncIterator[str]:
    """The scoreboard as a page on this machine; gives its address."""

    async def answer(request: Request) -> Response:
        return page.answer(request, board.to_json())

    async with serving(answer, port=port) as address:
        yield address


@asynccontextmanager
async def sunk(board: Scoreboard, keys: Sequence[str], port: int) -> AsyncIterator[str]:
    """The sink for webhooks that these keys verify; gives its address."""
    sink = Sink([checker(key) for key in keys])
    board.outflow.hooks = sink.counts
    async with serving(sink.answer, port=port) as address:
        yield address

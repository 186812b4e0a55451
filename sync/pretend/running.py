"""Playing a pretend source against a receiver: plan, send, compare, and go on after a stop."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sync.diary import Diary, Moment
from sync.pretend.exchange import Exchange
from sync.pretend.office import Sending
from sync.pretend.player import Player
from sync.pretend.scoreboard import Scoreboard

FIRST_LOAD, TURN, TOUR, SETTLE = "load", "turn", "tour", "settle"
HELD, RELEASED, REFUSED = "held", "released", "refused"
PLANS: Mapping[str, Callable[[Player, datetime], Iterator[Exchange]]] = {
    FIRST_LOAD: Player.first_load,
    TURN: Player.turn,
    TOUR: Player.tour,
    SETTLE: Player.settle,
}
"""What a moment of the diary is played by; other moments tell what became of held snapshots."""
_DECIDED: Mapping[str, str] = {"done": RELEASED, "refused": REFUSED, "cancelled": REFUSED}


@dataclass(slots=True)
class Run:
    """One source at work."""

    player: Player
    sending: Sending
    board: Scoreboard
    diary: Diary
    held: dict[str, int] = field(default_factory=dict)
    """Batches that wait for a person, each with the place of its snapshot among those that the desk remembers."""

    async def resume(self, moments: Sequence[Moment], first: Moment) -> None:
        """Plays what the diary tells again, and sends its last moment once more; `first` begins an empty one.

        That last sending is not judged: the receiver may have taken all of it, a part, or nothing before the stop.
        """
        if not moments:
            await self.do(first)
            return
        last = max(number for number, moment in enumerate(moments) if moment.what in PLANS)
        for moment in moments[:last]:
            self._remember(moment)
        await self._send(self._planned(moments[last]), judged=False)
        for moment in moments[last + 1 :]:
            self._remember(moment)

    async def do(self, moment: Moment) -> None:
        """One moment more."""
        self.diary.note(moment)
        await self._send(self._planned(moment))

    async def compare(self) -> None:
        """Asks for the digest of the receiver's ledger, where that can be asked."""
        batches = self.sending.batches
        if batches is not None:
            theirs = await batches.digest()
            self.board.compared(self.player.oracle.drift(theirs), self.sending.patience.clock())

    async def look_at_held(self) -> None:
        """Whether somebody has decided on a snapshot that waited; one that was released counts from then on."""
        batches = self.sending.batches
        if batches is None:
            return
        for batch in tuple(self.held):
            state = (await batches.state(batch)).state
            if state in _DECIDED:
                self._decided(batch, released=state == "done")
                self.diary.note(Moment(self.sending.patience.clock(), f"{_DECIDED[state]} {batch}"))

    def _remember(self, moment: Moment) -> None:
        """Plays one moment again, without sending anything."""
        word, *about = moment.what.split(" ")
        if word == HELD:
            self.held[about[0]] = int(about[1])
        elif word in _DECIDED.values():
            self._decided(about[0], released=word == RELEASED)
        else:
            deque(self._planned(moment), maxlen=0)

    def _decided(self, batch: str, *, released: bool) -> None:
        rows, as_of = self.player.desk.held[self.held.pop(batch)]
        if released:
            self.player.oracle.snapshot(rows, as_of, released=True)

    def _planned(self, moment: Moment) -> Iterator[Exchange]:
        return PLANS[moment.what](self.player, moment.at)

    async def _send(self, planned: Iterable[Exchange], *, judged: bool = True) -> None:
        clock = self.sending.patience.clock
        for exchange in planned:
            outcome = await self.sending.perform(exchange)
            if outcome.came.state == HELD and outcome.batch not in self.held:
                self.held[outcome.batch] = len(self.player.desk.held) - 1
                self.diary.note(Moment(clock(), f"{HELD} {outcome.batch} {self.held[outcome.batch]}"))
            self.board.note(outcome, clock(), outcome.as_it_must or not judged)
        self.board.records = len(self.player.office.expected())
        self.board.standing = self.player.oracle.standing()
        self.board.waiting = len(self.player.backlog) + len(self.player.desk.late)

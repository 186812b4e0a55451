"""What a terminal remembers of the holders that it has seen: the memory part of a decision that it makes alone."""

from collections import Counter as Tally
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from rules.claim import LOST_RACE, Counter, LastTap, Memory
from rules.terms import Place

SHOWN_KEPT = timedelta(seconds=120)
"""So long a presentation of a phone is known again; older ones are stale anyway."""
TAPS_KEPT = timedelta(days=1)
"""The longest time between two uses that terms may ask for."""
UNITS_KEPT = timedelta(days=400)
"""Longer than the longest window of a quota that is counted by the calendar."""


@dataclass(frozen=True, slots=True)
class Use:
    """An accepted tap of a holder: when and where, the presentation shown, and what it took from which counter.

    `reserve` names the units set aside that it took from. `spent`: the service said that the counter had been used up
    elsewhere. `at` is aware.
    """

    who: str
    at: datetime
    place: Place
    replay: str | None = None
    counter: Counter | None = None
    units: int = 0
    reserve: str | None = None
    spent: bool = False


@dataclass(frozen=True, slots=True)
class Reserve:
    """Units of a counter that the service has set aside for one holder at this terminal, until then."""

    id: str
    who: str
    counter: Counter
    units: int
    until: datetime


@dataclass(slots=True)
class Remembered:
    """Uses by holder, numbered as in the journal. `unsent` are those that the service does not know yet."""

    uses: dict[str, dict[int, Use]] = field(default_factory=lambda: defaultdict(dict))
    unsent: set[int] = field(default_factory=set)
    presented: dict[str, datetime] = field(default_factory=dict)
    reserves: dict[str, Reserve] = field(default_factory=dict)

    def add(self, seq: int, use: Use, *, unsent: bool) -> None:
        """Remembers an accepted tap."""
        self.uses[use.who][seq] = use
        if unsent:
            self.unsent.add(seq)
        if use.replay is not None:
            self.presented[use.replay] = use.at

    def sent(self, seq: int, *, spent: bool) -> Use | None:
        """The service knows a use; where its counter turned out to be used up, the use as it now is."""
        self.unsent.discard(seq)
        if not spent:
            return None
        for mine in self.uses.values():
            if (use := mine.get(seq)) is not None:
                mine[seq] = replace(use, spent=True)
                return mine[seq]
        return None

    def memory(self, who: str, at: datetime, replay: str | None = None) -> Memory:
        """What the decision about a tap of that holder at `at`, showing that presentation, needs to know."""
        mine = self.uses.get(who, {})
        used, unsynced = Tally[Counter](), Tally[Counter]()
        for seq, use in mine.items():
            if use.counter is None:
                continue
            used[use.counter] += use.units + LOST_RACE * use.spent
            if seq in self.unsent and use.reserve is None:
                unsynced[use.counter] += use.units
        last = tuple(LastTap(use.at, use.place) for use in mine.values() if abs(at - use.at) <= TAPS_KEPT)
        seen = frozenset((replay,)) if replay is not None and replay in self.presented else frozenset[str]()
        return Memory(used, unsynced=unsynced, last=last, seen=seen, reserved=self._reserved(who, at))

    def reserve_of(self, who: str, counter: Counter | None, at: datetime) -> Reserve | None:
        """The units set aside that a use of this counter takes from; of several, those that end first."""
        mine = (it for it in self._open(who, at) if it.counter == counter and self.left(it) > 0)
        return min(mine, key=lambda reserve: reserve.until, default=None)

    def left(self, reserve: Reserve) -> int:
        """The units of a reserve that were not used."""
        uses = self.uses.get(reserve.who, {}).values()
        return reserve.units - sum(use.units for use in uses if use.reserve == reserve.id)

    def numbers(self) -> set[int]:
        """The numbers of all uses."""
        return {seq for mine in self.uses.values() for seq in mine}

    def forget(self, at: datetime) -> None:
        """Drops what can no longer matter at `at`."""
        for who, mine in list(self.uses.items()):
            kept = {seq: use for seq, use in mine.items() if seq in self.unsent or _matters(use, at)}
            if kept:
                self.uses[who] = kept
            else:
                del self.uses[who]
        self.presented = {shown: when for shown, when in self.presented.items() if abs(at - when) <= SHOWN_KEPT}

    def _reserved(self, who: str, at: datetime) -> dict[Counter, int]:
        left = Tally[Counter]()
        for reserve in self._open(who, at):
            left[reserve.counter] += self.left(reserve)
        return left

    def _open(self, who: str, at: datetime) -> Iterable[Reserve]:
        return (reserve for reserve in self.reserves.values() if reserve.who == who and at < reserve.until)


def _matters(use: Use, at: datetime) -> bool:
    return abs(at - use.at) <= (TAPS_KEPT if use.counter is None else UNITS_KEPT)

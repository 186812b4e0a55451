"""Power taken away at every moment of a procedure, and what becomes of the card when the procedure is run again."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from cards.desfire.procedure import Procedure
from cards.errors import PowerLost
from cards.simcard import VirtualCard
from tests.cards.profile.table import Count, play


@dataclass
class Torn:
    """One procedure, on a card that begins as it is when this is made."""

    card: VirtualCard
    run: Callable[[], Procedure]
    start: object = field(init=False)
    final: bytes = field(init=False)
    apdus: int = field(init=False)

    def __post_init__(self) -> None:
        self.start = self.card.snapshot()
        count = Count()
        play(self.run(), self.card.process, count)
        self.final, self.apdus = self.card.saved(), count.apdus

    def tear(self, apdu: int, *, after: bool) -> None:
        """Takes the power away in one APDU of the procedure."""
        self.card.cut(**{"after" if after else "before": apdu})
        with pytest.raises(PowerLost):
            play(self.run(), self.card.process)
        self.card.power_on()

    def singles(self) -> Iterator[tuple[int, bool]]:
        """Every APDU, before and after; each is torn there, for the caller to look at."""
        for apdu in range(1, self.apdus + 1):
            for after in (False, True):
                self.card.restore(self.start)
                self.tear(apdu, after=after)
                yield apdu, after

    def doubles(self, share: float) -> Iterator[None]:
        """As `singles`, torn again at every APDU of the second run; a `share` of them, always the same ones."""
        draw = random.Random(4)
        for _ in self.singles():
            torn, count = self.card.snapshot(), Count()
            play(self.run(), self.card.process, count)
            for apdu in range(1, count.apdus + 1):
                for after in (False, True):
                    if draw.random() < share:
                        self.card.restore(torn)
                        self.tear(apdu, after=after)
                        yield

    def recovers(self) -> None:
        """Run again, the card is what it would have been, to the byte."""
        play(self.run(), self.card.process)
        assert self.card.saved() == self.final

    def reachable(self) -> dict[bytes, object]:
        """Every state that any number of tears can leave: by what is saved of it, the snapshot."""
        known = {self._saved(self.start): self.start}
        waiting = [self.start]
        while waiting:
            for state in self._states(waiting.pop()):
                saved = self._saved(state)
                if saved not in known:
                    known[saved] = state
                    waiting.append(state)
        return known

    def _saved(self, state: object) -> bytes:
        self.card.restore(state)
        return self.card.saved()

    def _states(self, state: object) -> list[object]:
        self.card.restore(state)
        seen = [state]

        def transmit(apdu: bytes) -> bytes:
            answer = self.card.process(apdu)
            if self.card.snapshot() is not seen[-1]:
                seen.append(self.card.snapshot())
            return answer

        play(self.run(), transmit)
        return seen

"""Taps of cards that lie on this terminal's reader: the service talks to them, or the terminal takes units off alone.

A card that is torn away while units come off may or may not have lost them. Its tap stays open for a moment: the same
card put back goes on under the same number, so that they are taken once and one use is written down.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from cards.errors import CardFault, CardGone, QuotaUsed, ReaderError
from cards.profile import LogRecord
from rules.reason import Reason
from terminals.alone import Asked, answer_of, decide_alone, look_at
from terminals.bundle.holding import Holding
from terminals.chip_card import SERVED, ChipCard, stamp
from terminals.chip_link import ChipLink
from terminals.chip_units import CHIP, Chip, chip_of, event
from terminals.clock import Clock, elapsed
from terminals.errors import AnswerUnreadable, CardTorn, Refused, Unreachable
from terminals.journal import Journal
from terminals.line import Decided
from terminals.link import Link
from terminals.message import Answer, CardShown, Tap
from terminals.remembered import Use

COMES_BACK = 60.0
"""Seconds in which a card that was torn away may come back to its tap."""
_SERVED_WITHIN = 3.0
"""Seconds for which the service is waited for while it talks to a card: about five round trips."""


@dataclass(frozen=True, slots=True)
class Debit:
    """Units that are coming off a card, and what is written down when they have; `until` by even seconds."""

    asked: Asked
    decided: Decided
    use: Use | None
    chip: Chip
    event: LogRecord
    until: float


class ChipTaps:
    """What is under way with cards at one terminal."""

    def __init__(self, link: Link, journal: Journal, holding: Callable[[], Holding]) -> None:
        self._link, self._journal, self._holding = link, journal, holding
        self._torn: dict[bytes, Debit] = {}
        self.service = ChipLink(link)

    def open(self) -> set[int]:
        """The numbers of taps whose card may still come back."""
        self._torn = {uid: debit for uid, debit in self._torn.items() if elapsed() < debit.until}
        return {debit.asked.seq for debit in self._torn.values()}

    async def served(self, asked: Asked, card: ChipCard) -> Answer | None:
        """The service's answer about a card to which it talks itself; None where it does not come in time.

        Raises:
            CardTorn: the card was taken away before anything was decided.
            Revoked
        """
        try:
            async with asyncio.timeout(_SERVED_WITHIN):
                return await self.service.tap(asked.body, card.transmit)
        except CardGone:
            raise CardTorn from None
        except (TimeoutError, Unreachable, Refused, AnswerUnreadable):
            return None

    async def alone(self, asked: Asked, card: ChipCard) -> Answer:
        """Decides without the service; units that it takes are off the card when it is told.

        Raises:
            CardTorn: put the same card back.
            JournalFull, JournalDamaged, StoreDamaged
        """
        holding = self._holding()
        chip = chip_of(card.units, asked.evidence, holding, asked.when)
        decided, use = decide_alone(asked, holding, self._journal, chip)
        if decided.reserve != CHIP or chip is None or card.units is None:
            return self._done(decided, use)
        taken = event(stamp(self._link.pairing), asked.seq, asked.when, card.units.concession)
        debit = Debit(asked, decided, use, chip, taken, elapsed() + COMES_BACK)
        self._torn[card.shown.uid] = debit
        return await self._taken(debit, card, card.debit)

    async def back(self, tap: Tap, card: ChipCard) -> Answer | None:
        """Goes on with the tap that this card was torn away from; None where there is none. Raises as `alone`."""
        self.open()
        debit = self._torn.get(card.shown.uid)
        if debit is None or card.keys is None or _other(debit.asked.tap, tap):
            return None
        return await self._taken(debit, card, card.resume)

    async def instead(self, tap: Tap, card: ChipCard, answer: Answer, clock: Clock) -> Answer:
        """The service's answer; where no unit is left but those on the card, one of these, under a number of its own.

        Raises as `alone`.
        """
        if answer.reason != Reason.QUOTA_USED.name or card.units is None:
            return answer
        seq, body = self._journal.begin(tap.body, tap.at)
        return await self.alone(look_at(seq, body, tap, self._holding(), clock), card)

    def serves(self, token: object) -> bool:
        """Whether the service is to talk to what was shown."""
        return isinstance(token, CardShown) and token.tier == SERVED

    async def _taken(self, debit: Debit, card: ChipCard, take: Callable[[int, LogRecord], object]) -> Answer:
        try:
            await asyncio.to_thread(take, debit.decided.decision.units, debit.event)
        except QuotaUsed:
            # the card has fewer than it said: somebody emptied it at a desk
            none = replace(debit.chip, units=0)
            decided, use = decide_alone(debit.asked, self._holding(), self._journal, none)
            return self._done(decided, use, card)
        except (ReaderError, CardFault) as fault:
            raise CardTorn(fault.code) from fault
        return self._done(debit.decided, debit.use, card)

    def _done(self, decided: Decided, use: Use | None, card: ChipCard | None = None) -> Answer:
        self._journal.decided(decided, use)
        if card is not None:
            # not before it is written down: where the disk is full, the card is asked for again
            self._torn.pop(card.shown.uid, None)
        return answer_of(decided)


def _other(one: Tap, tap: Tap) -> bool:
    """Whether it is not the tap that was begun, but one for another price or place."""
    return (one.gross, one.place, one.product, one.companions) != (tap.gross, tap.place, tap.product, tap.companions)

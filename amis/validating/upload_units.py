"""The units of quotas that uploaded uses take: from their reserve, else from the counter as far as there are any."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from amis.validating.claims import KnownTerms, Row, limit_of, periods_of
from amis.validating.ledger import Take
from amis.validating.upload_item import UploadItem
from amis.validating.upload_ledger import Beyond, Claim, Drawn, Recorded
from rules.claim import Counter
from rules.quota import UNITS


@dataclass(slots=True)
class Units:
    """What the lines of a batch take together. A counter never passes its limit: what is missing is told instead."""

    counters: dict[tuple[UUID, Counter], Take] = field(default_factory=dict)
    reserves: dict[UUID, int] = field(default_factory=dict)
    back: dict[tuple[UUID, Counter, str], int] = field(default_factory=dict)

    def returned(self, answered: Beyond) -> None:
        """The units of an answer that is taken back: they are given back before anything is taken."""
        if answered.answered_concession is None or answered.answered_person is None or answered.answered_window is None:
            return
        counter = answered.answered_concession.hex, answered.answered_window
        key = answered.answered_person, counter, answered.answered_per or ""
        self.back[key] = self.back.get(key, 0) + (answered.answered_units or 0)

    def take(self, tap: Recorded, item: UploadItem, claims: list[Claim], known: KnownTerms) -> int:
        """Takes what the use needs and names its counter in `tap`; returns how many units there were not."""
        mine = [row for row, _ in claims if row.concession_id is not None and not row.universal]
        revision = known.of(mine[0]) if mine else None
        if revision is None or revision.quota is None or tap.person is None or tap.m is None:
            return 0
        quota = revision.quota
        window = quota.window(item.day, periods_of(mine))
        needed = 1 if quota.amount is None else int((tap.gross - tap.payable) * UNITS)  # type: ignore[operator]  # a use
        tap.per, tap.window = quota.kind, window
        if self._draw(claims[0][1], window, needed):
            tap.units = needed
            return 0
        counter = tap.person, (item.line.code or "", window)
        limit = limit_of(mine, revision, quota, item.day, window)
        take = self.counters.get(counter)
        if take is None:
            take = Take(0, tap.m, tap.person, revision.concession_id, window, tap.per, 0, limit)
            self.counters[counter] = take
        take.lim = max(take.lim, limit)
        free = limit - _counted(mine, window) - take.n + self.back.get((*counter, tap.per), 0)
        tap.units = max(0, min(needed, free))
        take.n += tap.units
        return needed - tap.units

    def takes(self) -> list[Take]:
        """The counters from which something is taken."""
        return [take for take in self.counters.values() if take.n]

    def drawn(self) -> list[Drawn]:
        """The reserves from which something is taken."""
        return [Drawn(reserve, n) for reserve, n in self.reserves.items() if n]

    def _draw(self, beyond: Beyond, window: date, needed: int) -> bool:
        # what was set aside of one window is no part of another
        reserve = beyond.set_aside_in
        if reserve is None or beyond.set_aside is None or beyond.set_aside_window != window:
            return False
        taken = self.reserves.get(reserve, 0)
        if beyond.set_aside - taken < needed:
            return False
        self.reserves[reserve] = taken + needed
        return True


def _counted(rows: list[Row], window: date) -> int:
    for row in rows:
        if row.window_start == window:
            return row.used or 0
    return 0

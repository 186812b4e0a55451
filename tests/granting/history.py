"""What can happen in a village, one event after the other, each through the service that regrants."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from hypothesis import strategies as st
from sqlalchemy import func, select

from amis.granting import service
from amis.granting.service import Cause, OrderDraft
from amis.kernel.db import Transaction
from amis.register import service as register
from amis.register.errors import DeathDateInvalid
from amis.register.models import Fact, Household
from amis.register.service import CalendarDraft, FactChange, GroupDraft, Step
from rules.condition import Age, All, Any, Condition, Count, During, Has, Member, Not, Related, to_json
from rules.period import Days, Period
from tests.granting.village import CODE, KIND_VALUES, Said, bounded, draft
from tests.rules.draws import POOL, conditions

EVENT = Cause("test", "event")


FEW = 3
"""Persons, so that what happens to one soon concerns another."""


class Event(Protocol):
    """Something that happens."""

    async def happen(self, tx: Transaction, ids: Sequence[UUID]) -> None:
        """Does it to the persons with these ids."""


@dataclass(frozen=True)
class Stated:
    """A record says this now, whatever it said before."""

    record: int
    what: Said

    async def happen(self, tx: Transaction, ids: Sequence[UUID]) -> None:
        """Records the fact."""
        one, name = self.what, f"{self.what.who}-{self.record}"
        num = (one.num or Decimal(60)) if one.kind in ("income", "rooms") else None
        version = await _next_version(tx, ids[one.who], name)
        assert one.period.start is not None
        change = FactChange(one.kind, one.value, one.period.start, one.period.end, "test", name, version, num=num)
        await service.record_and_regrant(tx, ids[one.who], [change], EVENT)


@dataclass(frozen=True)
class Withdrawn:
    """A record is taken back, if there is one."""

    who: int
    record: int

    async def happen(self, tx: Transaction, ids: Sequence[UUID]) -> None:
        """Withdraws the fact."""
        name = f"{self.who}-{self.record}"
        version = await _next_version(tx, ids[self.who], name)
        change = FactChange("needy", "yes", POOL[0], None, "test", name, version, "withdraw")
        await service.record_and_regrant(tx, ids[self.who], [change], EVENT)


def _said(who: int, what: tuple[str, str], period: Period) -> Said:
    return Said(who, *what, None, period)


async def _next_version(tx: Transaction, person_id: UUID, name: str) -> int:
    known = select(func.coalesce(func.max(Fact.version), 0)).where(Fact.person_id == person_id, Fact.record_id == name)
    # a withdrawal leaves no row with its own number
    return 2 + 2 * (await tx.session.scalar(known) or 0)


@dataclass(frozen=True)
class Tied:
    """Two persons become related."""

    who: int
    kind: str
    further: int
    period: Period

    async def happen(self, tx: Transaction, ids: Sequence[UUID]) -> None:
        """Records the relation."""
        other, first = ids[(self.who + self.further) % len(ids)], self.period.start
        assert first is not None
        await service.relate_and_regrant(tx, ids[self.who], self.kind, other, first, self.period.end, EVENT)


@dataclass(frozen=True)
class Parted:
    """Two persons are related no longer."""

    who: int
    kind: str
    further: int
    day: date

    async def happen(self, tx: Transaction, ids: Sequence[UUID]) -> None:
        """Ends the relation."""
        other = ids[(self.who + self.further) % len(ids)]
        await service.unrelate_and_regrant(tx, ids[self.who], self.kind, other, self.day, EVENT)


@dataclass(frozen=True)
class Moved:
    """Somebody moves into the household, or out of it on the first day of the period."""

    who: int
    leaves: bool
    period: Period

    async def happen(self, tx: Transaction, ids: Sequence[UUID]) -> None:
        """Joins or leaves."""
        home = await tx.session.scalar(select(Household.id).order_by(Household.id.desc()).limit(1))
        assert home is not None
        assert self.period.start is not None
        if self.leaves:
            await service.leave_household_and_regrant(tx, ids[self.who], home, self.period.start, EVENT)
        else:
            await service.join_household_and_regrant(tx, ids[self.who], home, self.period.start, self.period.end, EVENT)


@dataclass(frozen=True)
class Listed:
    """Somebody is put on the list, or off it from the first day of the period."""

    who: int
    leaves: bool
    period: Period

    async def happen(self, tx: Transaction, ids: Sequence[UUID]) -> None:
        """Joins or leaves."""
        assert self.period.start is not None
        if self.leaves:
            await service.leave_and_regrant(tx, ids[self.who], "repressed", self.period.start, EVENT)
        else:
            await service.join_and_regrant(tx, ids[self.who], "repressed", self.period.start, self.period.end, EVENT)


@dataclass(frozen=True)
class Died:
    """Somebody dies."""

    who: int
    day: date

    async def happen(self, tx: Transaction, ids: Sequence[UUID]) -> None:
        """As a notice of a death does it."""
        with suppress(DeathDateInvalid):  # the drawn day is before the birth
            await register.record_death(tx, ids[self.who], self.day)
        await service.regrant(tx, ids[self.who], EVENT)


@dataclass(frozen=True)
class Ordained:
    """The law changes: a figure, the calendar, a group by condition, the rule itself, or an order rests it."""

    what: str
    period: Period
    figure: Decimal
    condition: Condition
    spared: Condition

    async def happen(self, tx: Transaction, ids: Sequence[UUID]) -> None:
        """Does it for everybody."""
        step = Step(Period(None, None), self.figure)
        match self.what:
            case "threshold":
                await service.set_figure_and_regrant(tx, "parameter", "threshold", step, EVENT)
            case "pension":
                await service.set_figure_and_regrant(tx, "cohort", "pension", step, EVENT)
            case "school":
                school = CalendarDraft("school", "skola", "school", Days.of(self.period))
                await service.set_calendar_and_regrant(tx, school, EVENT)
            case "helped":
                meant = NEEDY if self.spared == Member("helped") else Any((self.spared, Age("ge", 65)))
                helped = GroupDraft("helped", "atbalstāmie", "the helped", to_json(meant))
                await service.set_group_and_regrant(tx, helped, EVENT)
            case "rule":
                await service.publish_rule(tx, draft(self.condition))
            case "order":
                await self._order(tx)

    async def _order(self, tx: Transaction) -> None:
        number = await tx.session.scalar(select(func.count(Fact.id))) or 0
        exceptions = ({"condition": to_json(self.spared)},)
        assert self.period.start is not None
        wanted = OrderDraft(
            f"ORDER-{number}-{abs(hash(self)) % 10**9}",
            "clause",
            (CODE,),
            self.period.start,
            self.period.end,
            exceptions,
        )
        await service.publish_order(tx, await service.draft_order(tx, wanted))


NEEDY = Has("needy")


def _kin(where: Condition) -> Condition:
    """Somebody related in whatever way meets it."""
    return Any(tuple(Related(kind, where) for kind in ("child", "parent", "spouse", "ward", "guardian", "household")))


OF_RELATIVES: list[Condition] = [
    _kin(NEEDY),
    _kin(Member("helped")),
    _kin(_kin(NEEDY)),
    _kin(All((Member("repressed"), Age("lt", 18)))),
    All((Any((NEEDY, Member("helped"))), Not(_kin(Has("disability"))))),
    Any((Count("child", "ge", 2), Count("household", "lt", 2), Count("parent", "eq", 1, Has("study")))),
]
grants = st.one_of(st.sampled_from(OF_RELATIVES), st.sampled_from(OF_RELATIVES), conditions)
"""Conditions, most of which look at relatives."""
who, further = st.integers(0, FEW - 1), st.integers(1, FEW - 1)
records = st.integers(0, 1)
kinds = st.sampled_from(["child", "parent", "spouse", "ward", "guardian"])
spared = st.sampled_from([NEEDY, Has("disability"), Member("helped"), Member("repressed"), During("school")])
stated = st.builds(
    Stated, records, st.builds(_said, who, st.just(("needy", "yes")) | st.sampled_from(KIND_VALUES), bounded)
)
tied = st.builds(Tied, who, kinds, further, bounded)
moved = st.builds(Moved, who, st.just(False) | st.booleans(), bounded)
listed = st.builds(Listed, who, st.just(False) | st.booleans(), bounded)
ordained = st.builds(
    Ordained,
    st.sampled_from(["threshold", "pension", "school", "helped", "rule", "order", "order"]),
    bounded,
    st.sampled_from([Decimal(50), Decimal(200)]),
    grants,
    spared,
)
ended = st.one_of(
    st.builds(Withdrawn, who, records),
    st.builds(Parted, who, kinds, further, st.sampled_from(POOL)),
    st.builds(Died, who, st.sampled_from([day for day in POOL if day <= date(2026, 3, 1)])),
)
histories = st.tuples(
    st.lists(st.one_of(tied, moved), min_size=2, max_size=4),
    st.lists(st.one_of(stated, ordained, listed, stated, moved, tied, ended, ordained), min_size=3, max_size=9),
).map(lambda drawn: [*drawn[0], *drawn[1]])
"""Those who live here are related first, then anything happens to them."""

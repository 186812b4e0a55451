"""A handful of persons with drawn facts, groups and relations in the service's own tables, and the words for them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from sqlalchemy import select

from amis.granting.effective import OnBecoming, OnCeasing
from amis.granting.models import Entitlement, SuspensionOrder
from amis.granting.service import RuleDraft
from amis.kernel.db import Transaction, transaction
from amis.kernel.ids import new_id
from amis.register import service as register
from amis.register.models import Fact, Household, HouseholdMember, Membership, Person, PersonGroup, Relation
from amis.register.service import CalendarDraft, GroupDraft, Step
from rules.condition import Condition, to_json
from rules.period import Period
from rules.vocabulary import FactKind, WhenMissing
from tests.granting.town import JELGAVA_ACTOR
from tests.rules.draws import KINDS, LIMITS, POOL, conditions

CODE = "JLG-REPR20"
SIZE = 5


async def teach(tx: Transaction) -> None:
    """Gives the town the words of the drawn conditions, for good."""
    for kind in (
        FactKind("study", frozenset({"day", "evening"}), WhenMissing.UNKNOWN),
        FactKind("income", None, WhenMissing.UNKNOWN, numeric=True),
        FactKind("rooms", None, numeric=True),
    ):
        await register.define_fact_kind(tx, kind)
    await register.define_group(tx, GroupDraft("repressed", "represētie", "the repressed"))
    helped = to_json(KINDS.definitions["helped"])
    await register.define_group(tx, GroupDraft("helped", "atbalstāmie", "the helped", helped))
    for kind, tables in (("parameter", KINDS.parameters), ("cohort", KINDS.cohorts)):
        for code, dated in tables.items():
            steps = [Step(period, figure) for period, figure in dated]
            await register.define_figures(tx, kind, code, steps)  # type: ignore[arg-type]  # one of the two kinds
    await register.define_calendar(tx, CalendarDraft("school", "skola", "school", KINDS.calendars["school"]))


@dataclass(frozen=True)
class Said:
    """A fact about the person of a number."""

    who: int
    kind: str
    value: str
    num: Decimal | None
    period: Period


@dataclass(frozen=True)
class Village:
    """Births and deaths by number of the person, and what is known about them."""

    lives: list[tuple[date | None, date | None]]
    facts: list[Said] = field(default_factory=list)
    groups: list[tuple[int, Period]] = field(default_factory=list)
    relations: list[tuple[int, str, int, Period]] = field(default_factory=list)
    households: list[tuple[int, Period]] = field(default_factory=list)
    orders: list[tuple[Period, Condition | None]] = field(default_factory=list)


bounded = st.tuples(st.integers(0, len(POOL) - 2), st.none() | st.integers(1, len(POOL))).map(
    lambda drawn: Period(POOL[drawn[0]], None if drawn[1] is None else POOL[min(drawn[0] + drawn[1], len(POOL) - 1)])
)
numbers = st.integers(0, SIZE - 1)
KIND_VALUES = [
    ("needy", "yes"),
    ("disability", "I"),
    ("disability", "II"),
    ("study", "day"),
    ("study", "evening"),
    ("income", "stated"),
    ("rooms", "stated"),
    ("application", CODE),
    ("override", f"grant:{CODE}"),
    ("override", f"refuse:{CODE}"),
    ("choice", f"{CODE}:tram"),
    ("choice", f"{CODE}:bus"),
]


@st.composite
def said(draw: st.DrawFn) -> Said:
    kind, value = draw(st.sampled_from(KIND_VALUES))
    number = draw(st.sampled_from([*LIMITS, Decimal(60), None])) if kind in ("income", "rooms") else None
    return Said(draw(numbers), kind, value, number, draw(bounded))


@st.composite
def lives(draw: st.DrawFn) -> tuple[date | None, date | None]:
    born = draw(st.none() | st.sampled_from([date(2008, 2, 29), date(2008, 3, 1), date(1950, 1, 31)]))
    return born, draw(st.none() | st.sampled_from(POOL))


def _related() -> st.SearchStrategy[tuple[int, str, int, Period]]:
    further = st.integers(1, SIZE - 1)
    return st.tuples(numbers, st.sampled_from(["child", "spouse", "ward"]), further, bounded).map(
        lambda drawn: (drawn[0], drawn[1], (drawn[0] + drawn[2]) % SIZE, drawn[3])
    )


villages = st.builds(
    Village,
    st.lists(lives(), min_size=SIZE, max_size=SIZE),
    st.lists(said(), max_size=14),
    st.lists(st.tuples(numbers, bounded), max_size=3),
    st.lists(_related(), max_size=5),
    st.lists(st.tuples(numbers, bounded), max_size=3),
    st.lists(st.tuples(bounded, st.none() | conditions), max_size=2),
)


@st.composite
def drafts(draw: st.DrawFn) -> RuleDraft:
    ceasing = draw(st.sampled_from(OnCeasing))
    period = draw(bounded)
    assert period.start is not None
    return RuleDraft(
        CODE,
        CODE,
        to_json(draw(conditions)),
        "clause",
        period.start,
        period.end,
        draw(st.sampled_from(OnBecoming)),
        ceasing,
        draw(st.integers(1, 2)) if ceasing is OnCeasing.GRACE else None,
    )


def draft(condition: Condition, **more: Any) -> RuleDraft:
    """A rule of the town's concession from 2024 on."""
    return RuleDraft(CODE, CODE, to_json(condition), "clause", date(2024, 1, 1), **more)


@asynccontextmanager
async def settled(village: Village) -> AsyncIterator[tuple[Transaction, list[UUID]]]:
    """A transaction in which the village is there, and of which nothing stays."""
    async with transaction(JELGAVA_ACTOR) as tx:
        undone = await tx.session.begin_nested()
        ids = [new_id() for _ in village.lives]
        await _persons(tx, ids, village)
        await _about(tx, ids, village)
        yield tx, ids
        await undone.rollback()


async def _persons(tx: Transaction, ids: list[UUID], village: Village) -> None:
    for person_id, (born, died) in zip(ids, village.lives, strict=True):
        died = None if died is None or (born is not None and died < born) else died
        tx.session.add(
            Person(id=person_id, municipality_id=tx.municipality_id, born=born, died=died, subject_key=b"\0" * 16)
        )
    await tx.session.flush()


async def _about(tx: Transaction, ids: list[UUID], village: Village) -> None:
    own: dict[str, Any] = {"municipality_id": tx.municipality_id, "recorded_from": tx.at}
    group = await tx.session.scalar(
        select(PersonGroup.id).where(PersonGroup.municipality_id == tx.municipality_id, PersonGroup.code == "repressed")
    )
    household = Household(id=new_id(), municipality_id=tx.municipality_id)
    tx.session.add(household)
    await tx.session.flush()
    for one in village.facts:
        about = own | _on(one.period) | {"kind": one.kind, "value": one.value, "num": one.num, "version": 1}
        fact_id = new_id()
        tx.session.add(Fact(id=fact_id, person_id=ids[one.who], source="test", record_id=str(fact_id), **about))
    for who, period in village.groups:
        tx.session.add(Membership(id=new_id(), person_id=ids[who], group_id=group, **own, **_on(period)))
    for who, kind, other, period in village.relations:
        ends = {"person_id": ids[who], "other_id": ids[other], "source": "test", "reason": ""}
        tx.session.add(Relation(id=new_id(), kind=kind, **ends, **own, **_on(period)))
    for who, period in village.households:
        member = {"household_id": household.id, "person_id": ids[who], "source": "test"}
        tx.session.add(HouseholdMember(id=new_id(), **member, **own, **_on(period)))
    tx.session.add_all(_order(tx, number, *order) for number, order in enumerate(village.orders))
    await tx.session.flush()


def _order(tx: Transaction, number: int, period: Period, spared: Condition | None) -> SuspensionOrder:
    return SuspensionOrder(
        id=new_id(),
        municipality_id=tx.municipality_id,
        code=f"ORDER-{number}",
        legal_basis="clause",
        concessions=["JLG-R*"],
        exceptions=[] if spared is None else [{"condition": to_json(spared), "from": "2026-01-01"}],
        state="active",
        author="one",
        approver="other",
        published_at=tx.at,
        **_on(period),
    )


def _on(period: Period) -> dict[str, Any]:
    return {"valid_from": period.start, "valid_to": period.end}


async def rows_of(tx: Transaction, ids: list[UUID]) -> dict[tuple[UUID, UUID], tuple[Any, ...]]:
    """What the entitlements of these persons say, by person and rule."""
    query = select(Entitlement).where(Entitlement.person_id.in_(ids)).execution_options(populate_existing=True)
    return {
        (row.person_id, row.rule_id): (
            row.periods,
            row.rule_version,
            row.rule_sha256,
            row.kept,
            row.suspended,
            row.waived,
            tuple(row.modes),
            row.next_change,
        )
        for row in await tx.session.scalars(query)
    }

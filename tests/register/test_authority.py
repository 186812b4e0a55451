"""Ranks of sources: whose word counts does not depend on who spoke last."""

from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import AsyncConnection

from amis.kernel.actor import Actor
from amis.kernel.db import Transaction, transaction
from amis.register import service, store
from amis.register.errors import FactKindUnknown, RanksInvalid
from amis.register.service import FactChange
from tests.register.persons import JANUARY, JUNE, MARCH, somebody

NOW = ("vsaa", "sopa")
Told = tuple[str, int, int, str, date]


async def tell(tx: Transaction, who: object, *told: Told) -> None:
    """Each is (source, record, version, op, first day) of a disability."""
    for source, record, version, op, first in told:
        named = {"source": source, "record_id": f"{who}/{source}-{record}", "version": version}
        change = FactChange("disability", "I", first, None, **named, op=op)  # type: ignore[arg-type]  # keyed by name
        await service.record(tx, who, change)  # type: ignore[arg-type]
        await service.reckon(tx, [who], {"disability"})  # type: ignore[list-item]


async def counted(tx: Transaction, who: object) -> list[date | None]:
    """The first days of the facts that count."""
    facts = (await store.person_facts(tx, who)).facts  # type: ignore[arg-type]
    return sorted(fact.period.start for fact in facts if fact.period.start)


async def test_the_best_ranked_source_speaks_alone_until_it_has_withdrawn_everything(town: Actor) -> None:
    async with transaction(town) as tx:
        anna = await somebody(tx)
        await tell(tx, anna, ("sopa", 1, 1, "upsert", JANUARY), ("other", 1, 1, "upsert", JUNE))
        assert await counted(tx, anna) == [JANUARY, JUNE]
        assert await service.set_ranks(tx, "disability", NOW) == {anna}
        assert await counted(tx, anna) == [JANUARY]
        await tell(tx, anna, ("vsaa", 1, 1, "upsert", MARCH))
        assert await counted(tx, anna) == [MARCH]
        await tell(tx, anna, ("vsaa", 1, 2, "withdraw", MARCH))
        assert await counted(tx, anna) == [JANUARY]
        await tell(tx, anna, ("sopa", 1, 2, "withdraw", JANUARY))
        assert await counted(tx, anna) == [JUNE]
        assert await service.set_ranks(tx, "disability", []) == set()
        assert await store.ranks(tx) == {}


async def test_ranks_are_of_one_kind_and_one_town(town: Actor, elsewhere: Actor) -> None:
    async with transaction(town) as tx:
        anna = await somebody(tx)
        await service.set_ranks(tx, "needy", NOW)
        await tell(tx, anna, ("sopa", 1, 1, "upsert", JANUARY), ("vsaa", 1, 1, "upsert", MARCH))
        assert await counted(tx, anna) == [JANUARY, MARCH]
    async with transaction(elsewhere) as tx:
        assert await store.ranks(tx) == {}


@pytest.mark.parametrize(
    ("kind", "sources", "error"),
    [
        ("nonsense", NOW, FactKindUnknown),
        ("needy", ("sopa", "sopa"), RanksInvalid),
        ("needy", (" ",), RanksInvalid),
        ("needy", tuple(map(str, range(21))), RanksInvalid),
    ],
)
async def test_ranks_that_say_nothing_are_refused(
    town: Actor, kind: str, sources: Sequence[str], error: type[Exception]
) -> None:
    async with transaction(town) as tx:
        with pytest.raises(error):
            await service.set_ranks(tx, kind, sources)


async def test_setting_ranks_leaves_a_trace(town: Actor, owner_connection: AsyncConnection) -> None:
    async with transaction(town) as tx:
        await service.set_ranks(tx, "needy", NOW)
    query = "SELECT before, after FROM audit WHERE action = 'source_rank.set'"
    assert await (await owner_connection.execute(query)).fetchall() == [
        ({"sources": []}, {"sources": list(NOW), "persons": 0})
    ]


tales = st.lists(
    st.tuples(
        st.sampled_from(["vsaa", "sopa", "other"]),
        st.integers(1, 2),
        st.sampled_from(["upsert", "upsert", "withdraw"]),
        st.sampled_from([JANUARY, MARCH, JUNE]),
    ),
    min_size=1,
    max_size=7,
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(tales, st.randoms(use_true_random=False))
async def test_what_counts_is_the_same_in_any_order_of_sources(town: Actor, tale, rnd) -> None:
    told = [(source, record, number + 1, op, first) for number, (source, record, op, first) in enumerate(tale)]
    last = {(one[0], one[1]): one for one in told}
    standing = [one for one in last.values() if one[3] == "upsert"]
    best = min((("vsaa", "sopa", "other").index(one[0]) for one in standing), default=0)
    expected = sorted(one[4] for one in standing if ("vsaa", "sopa", "other").index(one[0]) == best)
    mixed = list(last.values())
    rnd.shuffle(mixed)
    async with transaction(town) as tx:
        await service.set_ranks(tx, "disability", NOW)
        one, other, later = [await somebody(tx) for _ in range(3)]
        await tell(tx, one, *told)
        await tell(tx, other, *mixed)
        await service.set_ranks(tx, "disability", [])
        await tell(tx, later, *mixed)
        await service.set_ranks(tx, "disability", NOW)
        assert [await counted(tx, who) for who in (one, other, later)] == [expected] * 3

"""People settle what terminals let happen: it is accepted, disputed, or taken back whatever its age."""

from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from amis.kernel import clock
from amis.kernel.actor import system
from amis.kernel.db import transaction
from amis.kernel.settings import Settings
from amis.validating.conflict_store import get_conflict, list_conflicts, open_conflicts, uses_beside
from amis.validating.conflicts import dispute, settle
from amis.validating.errors import AlreadyReversed, AlreadySettled, ConflictUnknown, NoteMissing, NothingToReverse
from tests.validating.conftest import FREE
from tests.validating.journal import Journal, journal, whose
from tests.validating.town import JELGAVA, Town

CLERK, STRANGER = system("clerk", JELGAVA), system("clerk", 3)


@pytest.fixture
async def bus(town: Town, client: httpx.AsyncClient) -> Journal:
    return await journal(town, client)


async def overspent(town: Town, bus: Journal, *, ago: timedelta = timedelta(0)) -> UUID:
    """The second ride of a holder who may ride once, which cannot be told from a wrong clock either."""
    ride = await town.add_concession("NEEDY", FREE, {"n": 1, "per": "year"})
    holder = await town.add_holder(ride)
    for _ in range(2):
        bus.accepted(whose(holder), ride, at=(clock.now() - ago).isoformat())
    await bus.send()
    async with transaction(CLERK) as tx:
        found, more = await list_conflicts(tx, kind="overspent")
    assert not more
    return found[0].id


async def counted(town: Town) -> tuple[int, str]:
    """Units counted, and the discounts of all uses together."""
    found = await town.db.execute(
        "SELECT (SELECT sum(used) FROM quota_counter)::integer, (SELECT sum(discount) FROM use)::text"
    )
    row = await found.fetchone()
    assert row is not None
    return int(row[0]), str(row[1])


async def test_a_conflict_tells_both_sides(database: Settings, town: Town, bus: Journal) -> None:
    conflict_id = await overspent(town, bus)
    async with transaction(CLERK) as tx:
        found = await get_conflict(tx, conflict_id)
        beside = await uses_beside(tx, found)
        assert await open_conflicts(tx) == {"overspent": 1}
    assert (found.kind, found.state, found.seq, found.provider) == ("overspent", "open", 2, "Jelgavas autobusu parks")
    assert found.said["payable"] == "0.0000"
    assert found.found["missing"] == 1
    assert [use.verdict for use in beside] == ["ACCEPT", "ACCEPT"]


async def test_the_queue_is_asked_by_state_kind_provider_and_terminal(
    database: Settings, town: Town, bus: Journal
) -> None:
    await overspent(town, bus)
    own = {"state": "open", "kind": "overspent", "provider": town.provider, "terminal": bus.terminal.id}
    others = {"state": "accepted", "kind": "clock", "provider": town.place, "terminal": town.place}
    async with transaction(CLERK) as tx:
        assert len((await list_conflicts(tx, **own))[0]) == 1  # type: ignore[arg-type]  # each of its own type
        for name, other in others.items():
            assert await list_conflicts(tx, **(own | {name: other})) == ([], False)  # type: ignore[arg-type]  # as above
        assert await list_conflicts(tx, page=2) == ([], False)


async def test_what_is_taken_back_gives_its_units_and_money_back_at_any_age(
    database: Settings, town: Town, bus: Journal
) -> None:
    ride = await town.add_concession("NEEDY", FREE, {"n": 1, "per": "year"}, {"pass_back_seconds": 1})
    holder = await town.add_holder(ride)
    bus.accepted(whose(holder), ride, at=(clock.now() - timedelta(days=60)).isoformat())
    await bus.send()
    assert await counted(town) == (1, "0.8500")
    async with transaction(CLERK) as tx:
        (found,), _ = await list_conflicts(tx, kind="clock")
        await settle(tx, found.id, "reversed", "Pulkstenis bija nepareizs")
    assert await counted(town) == (0, "0.0000")
    async with transaction(CLERK) as tx:
        settled = await get_conflict(tx, found.id)
        with pytest.raises(AlreadySettled):
            await settle(tx, found.id, "accepted", "tomēr")
        with pytest.raises(AlreadySettled):
            await dispute(tx, found.id, "tomēr")
    assert (settled.state, settled.settled_by, settled.note) == ("reversed", "clerk", "Pulkstenis bija nepareizs")


async def test_a_use_is_taken_back_once_and_all_its_conflicts_are_settled_with_it(
    database: Settings, town: Town, bus: Journal
) -> None:
    conflict_id = await overspent(town, bus, ago=timedelta(days=40))
    async with transaction(CLERK) as tx:
        found, _ = await list_conflicts(tx)
        assert [(one.kind, one.seq) for one in found] == [("overspent", 2), ("clock", 2), ("clock", 1)]
        await settle(tx, conflict_id, "reversed", "Nav braucis")
        found, _ = await list_conflicts(tx)
    assert [one.state for one in found] == ["reversed", "reversed", "open"]
    # as if it had been found later
    await town.db.execute("UPDATE conflict SET state = 'open', settled_at = NULL WHERE kind = 'overspent'")
    async with transaction(CLERK) as tx:
        with pytest.raises(AlreadyReversed):
            await settle(tx, conflict_id, "reversed", "vēlreiz")


async def test_a_dispute_waits_until_it_is_settled(database: Settings, town: Town, bus: Journal) -> None:
    conflict_id = await overspent(town, bus)
    async with transaction(CLERK) as tx:
        await dispute(tx, conflict_id, "Pārvadātājs nepiekrīt")
        assert (await get_conflict(tx, conflict_id)).state == "disputed"
        await settle(tx, conflict_id, "accepted", "Lai paliek")
        assert (await get_conflict(tx, conflict_id)).state == "accepted"
    assert await counted(town) == (1, "1.7000")
    told = await town.db.execute("SELECT action, reason FROM audit WHERE action LIKE 'conflict.%' ORDER BY id")
    assert await told.fetchall() == [
        ("conflict.find", "overspent"),
        ("conflict.dispute", "Pārvadātājs nepiekrīt"),
        ("conflict.settle", "Lai paliek"),
    ]


async def test_nobody_settles_without_saying_why(database: Settings, town: Town, bus: Journal) -> None:
    conflict_id = await overspent(town, bus)
    async with transaction(CLERK) as tx:
        for work in (settle(tx, conflict_id, "accepted", " "), dispute(tx, conflict_id, "")):
            with pytest.raises(NoteMissing):
                await work


async def test_another_municipality_sees_and_settles_nothing_of_it(
    database: Settings, town: Town, bus: Journal
) -> None:
    conflict_id = await overspent(town, bus)
    async with transaction(STRANGER) as tx:
        assert await list_conflicts(tx) == ([], False)
        for work in (get_conflict(tx, conflict_id), settle(tx, conflict_id, "reversed", "?")):
            with pytest.raises(ConflictUnknown):
                await work


async def test_a_conflict_without_a_use_has_nothing_to_take_back(database: Settings, town: Town, bus: Journal) -> None:
    bus.denied(prev="1" * 64)
    await bus.send()
    async with transaction(STRANGER) as tx:
        # it names no holder: whoever looks after terminals sees it
        (found,), _ = await list_conflicts(tx)
        assert found.kind == "journal_broken"
        with pytest.raises(NothingToReverse):
            await settle(tx, found.id, "reversed", "?")
        await settle(tx, found.id, "accepted", "Žurnāls atjaunots")

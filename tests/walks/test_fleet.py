"""A day of a fleet that loses its network again and again, the same tokens shown everywhere: what comes out is exact.

In each partition a right that is counted is overspent by what the terminals let happen alone beyond the units that the
service still had when they came back. A terminal lets `cap` uses of a counter happen alone, so that this is at most
`terminals * cap - units left`: no more than `(terminals - 1) * cap` wherever at least `cap` units were left.
"""

import random
from collections.abc import AsyncIterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

import pytest

from amis.concessions.drafts import TermsDraft
from amis.concessions.lv.edition import FREE, IN_CITY
from amis.concessions.service import revise_terms
from amis.concessions.store import list_concessions
from amis.issuing import service as issuing
from amis.kernel import clock
from amis.kernel.db import transaction
from amis.validating.gaps import gap_report
from rules.tariff import Per, Quota
from tests.town import CLERK, Site, riga
from tests.walks.counts import count
from tests.walks.fleet import Fleet, Told, Vehicle, fleet_of
from tests.walks.ledger import everything
from tests.walks.tapping import Holder, holders

TERMINALS = count(test=6, check=50, deep=50)
STEPS = count(test=4, check=24, deep=48)
PEOPLE = count(test=2, check=6, deep=6)
TAPS = count(test=5, check=3, deep=6)
"""Taps of a terminal in a step."""
MORNING, CAP, LEFT = "2026-04-10 06:00", 2, 3
A_MONTH, A_DAY = 20, 5
_TAKEN: LiteralString = """
SELECT person_id, concession_id, quota_window, count(*), sum(quota_units) FROM use
WHERE quota_per IS NOT NULL GROUP BY person_id, concession_id, quota_window
"""
_COUNTED: LiteralString = "SELECT person_id, concession_id, window_start, used, lim FROM quota_counter"
_NET: LiteralString = """
SELECT terminal_id::text, seq, sum(CASE verdict WHEN 'REVERSED' THEN -1 ELSE 1 END)::integer
FROM use GROUP BY terminal_id, seq
"""
_ENTRIES: LiteralString = "SELECT terminal_id::text, seq FROM tap_key"
_DENIED: LiteralString = "SELECT count(*) FROM audit WHERE action = 'tap.deny'"
_NO_UNIT_LEFT: LiteralString = """
SELECT terminal_id::text, seq FROM use WHERE quota_per IS NOT NULL AND quota_units = 0
"""
_CONFLICTS: LiteralString = "SELECT terminal_id::text, seq, kind FROM conflict"
Window = tuple[UUID, UUID, date]
Key = tuple[str, int]


class Taken(NamedTuple):
    """Uses of a counter, and the units that they found."""

    uses: int = 0
    units: int = 0


async def asked(site: Site, question: LiteralString) -> list[tuple[Any, ...]]:
    """What the database answers, past row-level security."""
    async with await everything(site) as connection:
        return await (await connection.execute(question)).fetchall()


async def taken(site: Site) -> dict[Window, Taken]:
    """What was taken from each counter."""
    return {(row[0], row[1], row[2]): Taken(row[3], row[4]) for row in await asked(site, _TAKEN)}


@pytest.fixture
async def fleet(site: Site) -> AsyncIterator[Fleet]:
    async with fleet_of(site, TERMINALS) as made:
        yield made


class Day:
    """The day as it goes on: who rides, whose token is blocked since when, who is cut off until which step."""

    def __init__(self, site: Site, fleet: Fleet, limits: Mapping[UUID, int], people: list[Holder]) -> None:
        self.site, self.fleet, self.limits, self.people = site, fleet, limits, people
        self.blocked: dict[UUID, datetime] = {}
        self.overspent = 0
        self._rng = random.Random(TERMINALS)
        self._until = 0

    async def step(self, number: int) -> None:
        """Some hours of the day."""
        if number >= self._until and self.fleet.cut:
            await self.heal()
        elif number > 0 and not self.fleet.cut:
            self.fleet.part(self._rng.sample(self.fleet.vehicles, self._rng.randint(TERMINALS // 2, TERMINALS)))
            self._until = number + self._rng.randint(2, 5)
            await self._block()
        await self.fleet.publish()
        for vehicle in self.fleet.vehicles:
            await self._ride(vehicle)

    async def heal(self) -> None:
        """Those that were cut off send what they decided alone, and each counter stays within its bound."""
        before, healed = await taken(self.site), self.fleet.heal()
        newest = await self.fleet.publish()
        for vehicle in healed:
            await vehicle.catch_up(newest)
        for window, now in (await taken(self.site)).items():
            self._within(window, before.get(window, Taken()), now, len(healed))

    def _within(self, window: Window, before: Taken, now: Taken, terminals: int) -> None:
        left, alone = self.limits[window[1]] - before.units, now.uses - before.uses
        overspent = alone - (now.units - before.units)
        assert alone <= terminals * CAP
        assert overspent == max(0, alone - left) <= max(0, terminals * CAP - left)
        assert left < CAP or overspent <= (terminals - 1) * CAP
        self.overspent += overspent

    async def _block(self) -> None:
        """Somebody loses a token while terminals are cut off."""
        holder = self._rng.choice([one for one in self.people if one.token not in self.blocked] or self.people)
        if len(self.blocked) < len(self.people) // 2:
            async with transaction(CLERK) as tx:
                await issuing.block(tx, holder.token, "lost")
            self.blocked[holder.token] = clock.now()

    async def _ride(self, vehicle: Vehicle) -> None:
        if self._rng.random() < 0.3:
            vehicle.throw_away(self._rng.choice(self.people))
        for _ in range(TAPS):
            await vehicle.tap(self._rng.choice(self.people))


async def test_a_fleet_with_partitions_counts_each_tap_once_and_overspends_within_the_bound(
    site: Site, fleet: Fleet
) -> None:
    began = riga(MORNING)
    with clock.moved(began):
        day = await _prepared(site, fleet)
    for number in range(STEPS):
        with clock.moved(began + timedelta(days=1) / STEPS * number):
            await day.step(number)
    with clock.moved(began + timedelta(days=1)):
        await day.heal()
        await _refused_everywhere(day)
        await _all_is_sent(fleet)
        await _nothing_is_missing(fleet)
        await _each_told_answer_has_one_entry(site, fleet)
        await _conflicts_name_what_was_wrong(site, day)


async def _prepared(site: Site, fleet: Fleet) -> Day:
    """Needy people with a few of their twenty rides a month left, and repressed persons with five rides a day."""
    async with transaction(CLERK) as tx:
        rides = {one.code: one.id for one in await list_concessions(tx)}
        by_month, by_day = rides["JLG-NEEDY20"], rides["JLG-REPR20"]
        await revise_terms(tx, by_day, TermsDraft(date(2026, 4, 1), None, FREE, Quota(A_DAY, Per.DAY), IN_CITY))
    needy, repressed = await holders(site, "TRUCIGA", PEOPLE), await holders(site, "REPR", PEOPLE)
    await fleet.publish()
    for n in range(PEOPLE * (A_MONTH - LEFT)):
        assert (await fleet.vehicles[n % TERMINALS].tap(needy[n % PEOPLE])).accepted
    return Day(site, fleet, {by_month: A_MONTH, by_day: A_DAY}, needy + repressed)


async def _refused_everywhere(day: Day) -> None:
    """What was blocked is refused at each terminal, with a network and without."""
    blocked = [one for one in day.people if one.token in day.blocked]
    assert blocked
    for vehicle in day.fleet.vehicles:
        for holder in blocked:
            assert (await vehicle.tap(holder)).reason == "TOKEN_BLOCKED"
            assert (await vehicle.alone(holder)).reason == "TOKEN_BLOCKED"


async def _all_is_sent(fleet: Fleet) -> None:
    newest = await fleet.publish()
    for vehicle in fleet.vehicles:
        await vehicle.catch_up(newest)
        journal = vehicle.terminal.journal
        assert (journal.waiting(), journal.pending(), journal.refusals()) == (0, [], [])
        journal.verify()
    assert len({vehicle.terminal.holding.hash for vehicle in fleet.vehicles}) == 1


async def _nothing_is_missing(fleet: Fleet) -> None:
    async with transaction(CLERK) as tx:
        seen = {str(one.terminal_id): one for one in await gap_report(tx)}
    assert set(seen) == {vehicle.machine for vehicle in fleet.vehicles}
    assert not [one for one in seen.values() if one.missing or one.behind]


async def _each_told_answer_has_one_entry(site: Site, fleet: Fleet) -> None:
    told = {(one.machine, one.answer.seq): one.answer for one in fleet.told}
    assert len(told) == len(fleet.told)
    cut_short = sum(vehicle.cut_short for vehicle in fleet.vehicles)
    entries = await asked(site, _ENTRIES)
    assert set(told) <= set(entries)
    assert len(entries) == len(told) + cut_short
    net = {(row[0], row[1]): row[2] for row in await asked(site, _NET)}
    assert {key: n for key, n in net.items() if n} == {key: 1 for key, answer in told.items() if answer.accepted}
    denied = sum(not answer.accepted for answer in told.values())
    assert await asked(site, _DENIED) == [(denied + cut_short,)]


async def _conflicts_name_what_was_wrong(site: Site, day: Day) -> None:
    found: dict[str, set[Key]] = {"overspent": set(), "revoked_at_time": set()}
    for machine, seq, kind in await asked(site, _CONFLICTS):
        found[kind].add((machine, seq))
    assert found["overspent"] == set(await asked(site, _NO_UNIT_LEFT))
    assert found["revoked_at_time"] == {
        (one.machine, one.answer.seq) for one in day.fleet.told if one.answer.accepted and _after_block(one, day)
    }
    assert len(found["overspent"]) == day.overspent > 0
    assert found["revoked_at_time"]
    counted = {(row[0], row[1], row[2]): (row[3], row[4]) for row in await asked(site, _COUNTED)}
    for window, (uses, units) in (await taken(site)).items():
        assert counted[window] == (units, day.limits[window[1]])
        assert uses == units or units == day.limits[window[1]]


def _after_block(told: Told, day: Day) -> bool:
    return told.holder.token in day.blocked and told.at > day.blocked[told.holder.token]

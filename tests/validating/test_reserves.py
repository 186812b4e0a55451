"""Units that are set aside for a terminal are nobody else's, and come back only when somebody says so."""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from amis.kernel import clock
from amis.kernel.actor import system
from amis.kernel.db import transaction
from amis.kernel.settings import Settings
from amis.validating.errors import NoteMissing, ReserveUnknown
from amis.validating.reserve_store import open_reserves, release_reserve
from tests.validating.conftest import FREE, Send
from tests.validating.journal import Journal, journal, whose
from tests.validating.town import JELGAVA, Holder, Terminal, Town, credential_of
from tests.walks.counts import count

CLERK = system("clerk", JELGAVA)
QUOTA = {"n": 5, "per": "month"}
RACES = count(test=3, check=100, deep=1000)
Reserve = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
async def bus(town: Town, client: httpx.AsyncClient) -> Journal:
    return await journal(town, client)


async def public_code(town: Town, concession: UUID) -> int:
    row = await (await town.db.execute("SELECT public_code FROM concession WHERE id = %s", (concession,))).fetchone()
    assert row is not None
    return int(row[0])


@pytest.fixture
def reserve(town: Town, send: Send) -> Reserve:
    """Asks for units of a holder's right as a terminal."""

    async def asked(terminal: Terminal, holder: Holder, concession: UUID, units: int, /, **more: Any) -> httpx.Response:
        body = {
            "seq": terminal.next(),
            "token": credential_of(holder, clock.now()),
            "concession": await public_code(town, concession),
            "units": units,
            "until": (clock.now() + timedelta(hours=6)).isoformat(),
        }
        return await send(terminal, body | more, "/v1/reserves")

    return asked


async def counter(town: Town) -> tuple[int, int]:
    row = await (await town.db.execute("SELECT used, lim FROM quota_counter")).fetchone()
    assert row is not None
    return int(row[0]), int(row[1])


async def test_units_leave_the_counter_at_once_and_uses_take_from_them(
    town: Town, bus: Journal, client: httpx.AsyncClient, reserve: Reserve
) -> None:
    ride = await town.add_concession("NEEDY", FREE, QUOTA)
    holder = await town.add_holder(ride)
    given = (await reserve(bus.terminal, holder, ride, 3)).json()
    assert (given["units"], given["code"]) == (3, ride.hex)
    assert await counter(town) == (3, 5)
    other = await journal(town, client)
    for _ in range(3):
        other.accepted(whose(holder), ride)
    assert [told["conflicts"] for told in await other.send()] == [[], [], ["overspent"]]
    for _ in range(4):
        bus.accepted(whose(holder), ride, reserve=given["reserve"])
    assert [told["conflicts"] for told in await bus.send()] == [[], [], [], ["overspent"]]
    assert await counter(town) == (5, 5)


async def test_the_same_request_again_gets_the_same_units(
    town: Town, bus: Journal, send: Send, reserve: Reserve
) -> None:
    ride = await town.add_concession("NEEDY", FREE, QUOTA)
    holder = await town.add_holder(ride)
    shown, until = credential_of(holder, clock.now()), (clock.now() + timedelta(hours=6)).isoformat()
    same = {"seq": 1, "token": shown, "until": until, "concession": str(await public_code(town, ride))}
    first = await reserve(bus.terminal, holder, ride, 2, **same)
    again = await reserve(bus.terminal, holder, ride, 2, **same)
    assert first.content == again.content
    assert await counter(town) == (2, 5)
    assert (await reserve(bus.terminal, holder, ride, 3, **same)).json()["code"] == "sequence_reused"


async def test_a_request_whose_answer_was_lost_is_answered_even_after_its_end(
    town: Town, bus: Journal, reserve: Reserve
) -> None:
    ride = await town.add_concession("NEEDY", FREE, QUOTA)
    holder = await town.add_holder(ride)
    soon = clock.now() + timedelta(seconds=1)
    same = {"seq": 1, "token": credential_of(holder, clock.now()), "until": soon.isoformat()}
    first = await reserve(bus.terminal, holder, ride, 2, **same)
    await asyncio.sleep((soon - clock.now()).total_seconds())
    again = await reserve(bus.terminal, holder, ride, 2, **same)
    assert (first.status_code, again.status_code, first.content) == (200, 200, again.content)
    assert await counter(town) == (2, 5)


async def test_fewer_are_given_when_fewer_are_left_and_none_when_none(
    town: Town, bus: Journal, reserve: Reserve
) -> None:
    ride = await town.add_concession("NEEDY", FREE, QUOTA)
    holder = await town.add_holder(ride)
    asked = [(await reserve(bus.terminal, holder, ride, 3)).json() for _ in range(3)]
    assert [asked[0]["units"], asked[1]["units"], asked[2]["code"]] == [3, 2, "nothing_left"]


async def test_what_cannot_be_set_aside_is_refused_with_a_reason(town: Town, bus: Journal, reserve: Reserve) -> None:
    free, money = (
        await town.add_concession("FREE", FREE),
        await town.add_concession("MONEY", FREE, {"amount": "20", "per": "month"}),
    )
    holder = await town.add_holder(free, money)
    blocked = await town.add_holder(await town.add_concession("NEEDY", FREE, QUOTA), state="blocked")
    for who, concession in ((holder, free), (holder, money), (blocked, free)):
        assert (await reserve(bus.terminal, who, concession, 1)).json()["code"] == "not_for_reserves"
    for wrong in ({"units": 0}, {"until": clock.now().isoformat()}, {"until": "2999-01-01T00:00:00Z"}, {"more": 1}):
        assert (await reserve(bus.terminal, holder, free, 1, **wrong)).status_code == 422
    bus.terminal.bearer = "nobody"
    assert (await reserve(bus.terminal, holder, free, 1)).status_code == 401


async def test_a_terminal_gives_back_what_it_has_not_used(
    town: Town, bus: Journal, send: Send, reserve: Reserve
) -> None:
    ride = await town.add_concession("NEEDY", FREE, QUOTA)
    holder = await town.add_holder(ride)
    given = (await reserve(bus.terminal, holder, ride, 4)).json()["reserve"]
    bus.accepted(whose(holder), ride, reserve=given)
    await bus.send()
    path = f"/v1/reserves/{given}/return"
    too_many = await send(bus.terminal, {"seq": bus.terminal.next(), "used": 5}, path)
    assert too_many.json()["code"] == "more_than_reserved"
    body = json.dumps({"seq": bus.terminal.next(), "used": 2}).encode()
    returned = await send(bus.terminal, body, path)
    assert returned.json() == {"reserve": given, "returned": 2}
    assert (await send(bus.terminal, body, path)).content == returned.content
    assert await counter(town) == (2, 5)
    # the second use that it spoke of comes late and is still within its units, a third is one of everybody's
    for _ in range(2):
        bus.accepted(whose(holder), ride, reserve=given)
    assert [told["conflicts"] for told in (await bus.send())[1:]] == [[], []]
    assert await counter(town) == (3, 5)
    gone = await send(bus.terminal, {"seq": bus.terminal.next(), "used": 0}, path)
    other = await town.add_terminal()
    stranger = await send(other, {"seq": other.next(), "used": 0}, path)
    nowhere = await send(bus.terminal, {"seq": bus.terminal.next(), "used": 0}, "/v1/reserves/mine/return")
    assert [answer.status_code for answer in (gone, stranger, nowhere)] == [404, 404, 404]


async def test_units_of_one_month_are_not_used_in_another(town: Town, bus: Journal, reserve: Reserve) -> None:
    ride = await town.add_concession("NEEDY", FREE, QUOTA)
    holder = await town.add_holder(ride)
    given = (await reserve(bus.terminal, holder, ride, 2)).json()["reserve"]
    bus.accepted(whose(holder), ride, reserve=given, at=(clock.now() - timedelta(days=31)).isoformat())
    bus.accepted(whose(holder), ride, reserve=given)
    await bus.send()
    found = await town.db.execute("SELECT used FROM quota_counter ORDER BY window_start")
    assert await found.fetchall() == [(1,), (2,)]
    held = await town.db.execute("SELECT used FROM quota_reserve")
    assert await held.fetchall() == [(1,)]


async def test_a_person_releases_what_a_terminal_will_not_give_back(
    database: Settings, town: Town, bus: Journal, reserve: Reserve
) -> None:
    ride = await town.add_concession("NEEDY", FREE, QUOTA)
    holder = await town.add_holder(ride)
    await reserve(bus.terminal, holder, ride, 4)
    async with transaction(system("stranger", 3)) as tx:
        assert await open_reserves(tx) == []
    async with transaction(CLERK) as tx:
        (held,) = await open_reserves(tx, bus.terminal.id)
        with pytest.raises(NoteMissing):
            await release_reserve(tx, held.id, " ")
        assert await release_reserve(tx, held.id, "Validators pazudis") == 4
        with pytest.raises(ReserveUnknown):
            await release_reserve(tx, held.id, "vēlreiz")
    assert await counter(town) == (0, 5)
    async with transaction(system("stranger", 3)) as tx:
        with pytest.raises(ReserveUnknown):
            await release_reserve(tx, held.id, "svešs")


async def test_a_person_releases_units_that_were_said_to_be_used_and_whose_lines_never_came(
    database: Settings, town: Town, bus: Journal, send: Send, reserve: Reserve
) -> None:
    ride = await town.add_concession("NEEDY", FREE, QUOTA)
    holder = await town.add_holder(ride)
    given = (await reserve(bus.terminal, holder, ride, 4)).json()["reserve"]
    bus.accepted(whose(holder), ride, reserve=given)
    await bus.send()
    await send(bus.terminal, {"seq": bus.terminal.next(), "used": 3}, f"/v1/reserves/{given}/return")
    assert await counter(town) == (3, 5)
    async with transaction(CLERK) as tx:
        (held,) = await open_reserves(tx, bus.terminal.id)
        assert (held.state, held.units, held.used) == ("returned", 3, 1)
        assert await release_reserve(tx, held.id, "Validators sadega") == 2
    assert await counter(town) == (1, 5)
    async with transaction(CLERK) as tx:
        assert await open_reserves(tx, bus.terminal.id) == []
        with pytest.raises(ReserveUnknown):
            await release_reserve(tx, held.id, "vēlreiz")


async def test_however_they_race_a_counter_holds_exactly_what_was_used_or_set_aside(
    town: Town, client: httpx.AsyncClient, send: Send, reserve: Reserve
) -> None:
    chance = random.Random(5)
    buses = [await journal(town, client) for _ in range(4)]
    for _ in range(RACES):
        ride = await town.add_concession(f"R{_}", FREE, {"n": 6, "per": "month"})
        holder = await town.add_holder(ride)
        held: list[tuple[Journal, str, int]] = []

        async def one(bus: Journal, ride: UUID = ride, holder: Holder = holder, held: Any = held) -> None:
            what = chance.choice(("reserve", "tap", "upload", "return"))
            if what == "reserve":
                answer = await reserve(bus.terminal, holder, ride, chance.randint(1, 3))
                if answer.status_code == 200:
                    held.append((bus, answer.json()["reserve"], answer.json()["units"]))
            elif what == "return" and held:
                mine, reserved, units = held.pop()
                await send(
                    mine.terminal,
                    {"seq": mine.terminal.next(), "used": chance.randint(0, units)},
                    f"/v1/reserves/{reserved}/return",
                )
            elif what == "upload":
                own = [reserved for mine, reserved, _ in held if mine is bus]
                bus.lines.clear()
                bus.accepted(whose(holder), ride, **({"reserve": own[0]} if own else {}))
                await bus.send()
            else:
                body = {"seq": bus.terminal.next(), "token": holder.number, "at": clock.now().isoformat()}
                await send(bus.terminal, body | {"gross": "0.85"})

        for _step in range(5):
            await asyncio.gather(*(one(bus) for bus in buses))
        found = await town.db.execute(
            "SELECT used, lim, (SELECT coalesce(sum(quota_units), 0) FROM use WHERE concession_id = %(c)s)"
            " + (SELECT coalesce(sum(units - used), 0) FROM quota_reserve WHERE concession_id = %(c)s)"
            " FROM quota_counter WHERE concession_id = %(c)s",
            {"c": ride},
        )
        row = await found.fetchone()
        assert row is not None
        used, limit, accounted = row
        assert used == accounted
        assert used <= limit

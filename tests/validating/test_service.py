"""Providers, places, terminals, acceptance; and taking back a use."""

import asyncio
import json
from datetime import timedelta

import httpx
import pytest
from psycopg import AsyncConnection

from amis.kernel import clock
from amis.kernel.actor import system
from amis.kernel.db import transaction
from amis.kernel.ids import new_id
from amis.validating import service, store
from amis.validating.errors import AlreadyThere
from tests.validating.conftest import FREE, Send, body_of
from tests.validating.test_api import Tap
from tests.validating.town import JELGAVA, Terminal, Town

CLERK = system("test", JELGAVA)
REVERSE = "/v1/validations/reverse"


async def amounts(db: AsyncConnection) -> list[tuple[str, ...]]:
    found = await db.execute("SELECT verdict, gross, payable, discount FROM use ORDER BY recorded_at, id")
    return [tuple(map(str, row)) for row in await found.fetchall()]


async def test_a_provider_with_a_place_is_registered_once(town: Town) -> None:
    async with transaction(CLERK) as tx:
        provider = await service.register_provider(tx, "CAFE", "Kafejnīca", "venue")
        place = await service.register_place(tx, provider.id, "HALL", "Zāle", "canteen", at=(56.65, 23.71))
        with pytest.raises(AlreadyThere):
            await service.register_provider(tx, "CAFE", "Cita", "venue")
        found = await store.provider_by_code(tx, "CAFE")
        again = await store.place_by_code(tx, provider.id, "HALL")
    assert found is not None
    assert again is not None
    assert (found.id, again.id) == (provider.id, place.id)


async def test_accepting_one_concession_opens_that_one_alone(town: Town, tap: Tap) -> None:
    one, other = await town.add_concession("ONE", FREE), await town.add_concession("OTHER", FREE)
    terminal = await town.add_terminal()
    first, second = await town.add_holder(one), await town.add_holder(other)
    async with transaction(CLERK) as tx:
        await service.stop_accepting(tx, town.provider)
        await service.accept(tx, town.provider, one)
        with pytest.raises(AlreadyThere):
            await service.accept(tx, town.provider, one)
    assert (await tap(terminal, first.number))["verdict"] == "ACCEPT"
    assert (await tap(terminal, second.number))["reason"] == "NO_ENTITLEMENT"


async def test_nobody_accepts_in_the_name_of_another_grantor(town: Town) -> None:
    async with transaction(system("test", 3)) as tx:
        await service.accept(tx, town.provider)
        await service.stop_accepting(tx, town.provider)
        assert [row.grantor_id for row in await store.acceptances(tx, town.provider)] == [JELGAVA]


async def test_every_change_leaves_a_leaf(town: Town) -> None:
    async with transaction(CLERK) as tx:
        provider = await service.register_provider(tx, "CAFE", "Kafejnīca", "venue")
        await service.register_place(tx, provider.id, "HALL", "Zāle", "canteen")
        await service.accept(tx, provider.id)
        await service.stop_accepting(tx, provider.id)
    found = await town.db.execute("SELECT action FROM audit ORDER BY id")
    actions = [row[0] for row in await found.fetchall()]
    assert actions == ["provider.register", "place.register", "acceptance.begin", "acceptance.end"]


async def test_a_machine_becomes_a_terminal_once(town: Town) -> None:
    machine = new_id()
    await town.insert("machine", id=machine, kind="terminal", label="T", state="new", created_at=clock.now())
    async with transaction(CLERK) as tx:
        await service.register_terminal(tx, machine, town.provider, town.place)
        with pytest.raises(AlreadyThere):
            await service.register_terminal(tx, machine, town.provider, town.place)
        terminal = await store.terminal_of(tx, machine)
    assert terminal is not None
    assert terminal.place_id == town.place


async def test_a_use_taken_back_returns_its_quota_unit_and_its_money(town: Town, tap: Tap, send: Send) -> None:
    half = {"kind": "percent", "value": "50"}
    holder = await town.add_holder(await town.add_concession("PENS", half, {"n": 1, "per": "day"}))
    terminal = await town.add_terminal()
    first = await tap(terminal, holder.number)
    assert (await tap(terminal, holder.number))["reason"] == "QUOTA_USED"
    body = {"seq": terminal.next(), "use_seq": first["seq"]}
    answer, again = await send(terminal, body, REVERSE), await send(terminal, body, REVERSE)
    assert (answer.status_code, answer.content) == (200, again.content)
    assert (await tap(terminal, holder.number))["verdict"] == "ACCEPT"
    ride = ("0.8500", "0.4250", "0.4250")
    assert await amounts(town.db) == [
        ("ACCEPT", *ride),
        ("REVERSED", *(f"-{amount}" for amount in ride)),
        ("ACCEPT", *ride),
    ]


async def test_a_use_is_taken_back_once_and_soon_and_by_its_own_terminal(town: Town, tap: Tap, send: Send) -> None:
    holder = await town.add_holder(await town.add_concession("NEEDY", FREE))
    terminal, stranger = await town.add_terminal(), await town.add_terminal()
    used, late = (await tap(terminal, holder.number))["seq"], (await tap(terminal, holder.number))["seq"]
    denied = (await tap(terminal, "nothing"))["seq"]

    async def code(who: Terminal, use_seq: int) -> str:
        answer = await send(who, {"seq": who.next(), "use_seq": use_seq}, REVERSE)
        return str(answer.json().get("code", answer.status_code))

    assert await code(stranger, used) == "no_use"
    assert await code(terminal, denied) == "no_use"
    assert await code(terminal, used) == "200"
    assert await code(terminal, used) == "already_reversed"
    with clock.moved(clock.now() + timedelta(minutes=16)):
        assert await code(terminal, late) == "too_late"
    assert await code(Terminal(terminal.id, "wrong", terminal.seq), used) == "terminal_unknown"


async def test_requests_that_race_to_take_back_under_one_number_take_back_once(
    town: Town, tap: Tap, send: Send
) -> None:
    holder = await town.add_holder(await town.add_concession("NEEDY", FREE))
    terminal = await town.add_terminal()
    used = [(await tap(terminal, holder.number))["seq"] for _ in range(6)]
    for first, second in zip(used[::2], used[1::2], strict=True):
        seq = terminal.next()
        bodies = [{"seq": seq, "use_seq": use} for use in (first, second, first, second)]
        answers = await asyncio.gather(*(send(terminal, body, REVERSE) for body in bodies))
        assert sorted(answer.status_code for answer in answers) == [200, 200, 422, 422]
    assert [row[0] for row in await amounts(town.db)].count("REVERSED") == 3


async def test_a_sequence_number_of_a_tap_is_no_number_of_a_reversal(town: Town, tap: Tap, send: Send) -> None:
    holder = await town.add_holder(await town.add_concession("NEEDY", FREE))
    terminal = await town.add_terminal()
    used = (await tap(terminal, holder.number))["seq"]
    answer = await send(terminal, {"seq": used, "use_seq": used}, REVERSE)
    assert (answer.status_code, answer.json()["code"]) == (422, "sequence_reused")


async def test_a_body_without_a_bearer_or_of_another_type_is_refused(town: Town, client: httpx.AsyncClient) -> None:
    body = json.dumps(body_of(await town.add_terminal(), "x"))
    bare = await client.post("/v1/validations", content=body, headers={"content-type": "application/json"})
    other = await client.post("/v1/validations", content=body, headers={"authorization": "Bearer x"})
    assert (bare.status_code, other.status_code) == (401, 415)

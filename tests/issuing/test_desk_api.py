"""What the commands at a desk ask for with the desk's own bearer."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from httpx import AsyncClient

from amis.issuing import operations
from amis.kernel.actor import Actor
from amis.kernel.ids import new_id
from cards.number import new_number
from tests.issuing.cards_town import approved, desk, in_use, product
from tests.issuing.desk_side import bearer_of, desk_service
from tests.issuing.town import acting, entitled, token


@pytest.fixture
async def anna(town: Actor) -> UUID:
    """Somebody with concessions, in a town that has a card."""
    await product()
    return await entitled()


@pytest.fixture
async def here(town: Actor) -> UUID:
    return await desk("here")


@pytest.fixture
async def program(here: UUID) -> AsyncIterator[AsyncClient]:
    """The desk's program."""
    headers = {"authorization": f"Bearer {await bearer_of(here)}"}
    async with desk_service() as address, AsyncClient(base_url=address, headers=headers) as opened:
        yield opened


async def test_work_is_asked_for_followed_and_stopped(program: AsyncClient, anna: UUID) -> None:
    card = await approved(anna)
    asked = await program.post("/desk/v1/operations", json={"kind": "personalise", "token": card.number})
    assert asked.status_code == 201, asked.text
    content = asked.json()
    assert (content["state"], content["sent"], content["total"], content["uid"]) == ("asked", 0, 43, "")
    path = f"/desk/v1/operations/{content['id']}"
    assert (await program.get(path)).json()["message"] == "The desk turns to it in a moment"
    again = await program.post("/desk/v1/operations", json={"kind": "read", "token": None})
    assert (again.status_code, again.json()["code"]) == (409, "desk_busy")
    stopped = (await program.post(f"{path}/stop")).json()
    assert (stopped["state"], stopped["code"], stopped["message"]) == ("failed", "stopped", "Stopped")


async def test_a_card_is_blocked_by_its_number(program: AsyncClient, anna: UUID) -> None:
    card = await in_use(anna)
    answer = await program.post("/desk/v1/block", json={"number": f"AM0:{card.number}", "reason": "lost"})
    assert answer.json() == {"number": card.number, "state": "blocked", "reason": "lost"}
    assert (await token(card.id)).state == "blocked"


async def test_what_makes_no_sense_is_refused(program: AsyncClient) -> None:
    senseless: list[tuple[dict[str, object], int]] = [
        ({"kind": "personalise", "token": None}, 409),
        ({"kind": "personalise", "token": "ABC"}, 422),
        ({"kind": "personalise", "token": new_number()}, 404),
        ({"kind": "burn", "token": None}, 422),
        ({"kind": "read", "token": None, "desk": "x"}, 422),
        ({}, 422),
    ]
    for body, status in senseless:
        assert (await program.post("/desk/v1/operations", json=body)).status_code == status, body


async def test_a_desk_sees_its_own_work_only(program: AsyncClient, anna: UUID) -> None:
    there = await desk("there")
    elsewhere = await acting(lambda tx: operations.ask(tx, there, None, "read"))
    for work in (elsewhere.id, new_id()):
        assert (await program.get(f"/desk/v1/operations/{work}")).status_code == 404
        assert (await program.post(f"/desk/v1/operations/{work}/stop")).status_code == 404


async def test_who_is_no_desk_comes_in_nowhere(here: UUID) -> None:
    async with desk_service() as address, AsyncClient(base_url=address) as nobody:
        for path in ("/desk/v1/operations", "/desk/v1/block", f"/desk/v1/operations/{new_id()}/stop"):
            assert (await nobody.post(path, json={})).status_code == 401
            assert (await nobody.post(path, json={}, headers={"authorization": "Bearer x"})).status_code == 401

import secrets
from typing import get_args

import pytest
from httpx import AsyncClient
from pydantic import BaseModel

from amis.issuing import service
from amis.issuing.reasons import ENDED_BY_HAND, ReplaceReason, UnblockReason
from amis.issuing.schemas import BlockIn, EndIn, ReplaceIn, UnblockIn
from amis.issuing.store import trust
from amis.kernel import clock
from amis.kernel.ids import new_id
from amis.kernel.keys import keystore
from amis.kernel.settings import settings
from cards.statuslist import StatusList, read_status_list
from cards.token import BlockReason
from tests.issuing.town import acting, entitled, issued

JSON = {"accept": "application/json"}


async def read(browser: AsyncClient, number: int) -> StatusList:
    """The verified status list as a terminal reads it."""
    answer = await browser.get(f"/status/{number}")
    assert answer.headers["content-type"] == "application/statuslist+cwt"
    uri = f"{settings().public_url}/status/{number}"
    return read_status_list(answer.content, uri, trust(keystore()), clock.now()).statuses


@pytest.mark.parametrize(
    ("shape", "known"),
    [(BlockIn, BlockReason), (UnblockIn, UnblockReason), (ReplaceIn, ReplaceReason), (EndIn, ENDED_BY_HAND)],
)
def test_the_api_takes_the_reasons_that_the_service_takes(shape: type[BaseModel], known: list[str]) -> None:
    assert get_args(shape.model_fields["reason"].annotation) == tuple(known)


async def test_a_token_goes_through_its_life_by_the_api(browser: AsyncClient) -> None:
    person = await entitled()
    made = await browser.post(f"/v1/persons/{person}/tokens", headers=JSON)
    assert made.status_code == 201
    where = f"/v1/tokens/{made.json()['id']}"
    assert (await browser.get(where)).json() == made.json()
    assert (await browser.post(f"{where}/block", json={"reason": "misuse"})).json()["status"] == 2
    assert (await browser.post(f"{where}/replace", json={"reason": "lost"}, headers=JSON)).status_code == 409
    assert (await browser.post(f"{where}/unblock", json={"reason": "cleared"})).json()["state"] == "active"
    new = (await browser.post(f"{where}/replace", json={"reason": "damaged"})).json()
    assert new["replaces"] == made.json()["id"]
    ended = await browser.post(f"/v1/tokens/{new['id']}/end", json={"reason": "returned"})
    assert (ended.json()["state"], ended.json()["reason"], ended.json()["status"]) == ("ended", "returned", 1)


async def test_errors_are_problems_with_a_code(browser: AsyncClient) -> None:
    unknown = await browser.get(f"/v1/tokens/{new_id()}", headers=JSON)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "token_unknown")
    made = await issued(await entitled())
    for body in ({"reason": "bored"}, {"reason": "lost", "more": 1}, {}, {"reason": None}):
        answer = await browser.post(f"/v1/tokens/{made.id}/block", json=body, headers=JSON)
        assert answer.status_code == 422
    twice = [await browser.post(f"/v1/tokens/{made.id}/block", json={"reason": "lost"}, headers=JSON) for _ in "12"]
    assert [one.status_code for one in twice] == [200, 409]
    assert twice[1].json()["code"] == "token_step_refused"


async def test_a_status_list_follows_each_step_at_once(browser: AsyncClient) -> None:
    made = await issued(await entitled())
    place = made.status_list, made.status_index
    seen = [(await read(browser, place[0])).get(place[1])]
    await acting(lambda tx: service.block(tx, made.id, "misuse"))
    seen.append((await read(browser, place[0])).get(place[1]))
    await acting(lambda tx: service.unblock(tx, made.id, "cleared"))
    seen.append((await read(browser, place[0])).get(place[1]))
    await acting(lambda tx: service.end(tx, made.id, "damaged"))
    seen.append((await read(browser, place[0])).get(place[1]))
    assert seen == [0, 2, 0, 1]


async def test_an_unchanged_list_is_not_sent_twice(browser: AsyncClient) -> None:
    made = await issued(await entitled())
    first = await browser.get(f"/status/{made.status_list}")
    known = {"if-none-match": first.headers["etag"]}
    again = await browser.get(f"/status/{made.status_list}", headers=known)
    assert (again.status_code, again.content) == (304, b"")
    await acting(lambda tx: service.block(tx, made.id, "lost"))
    assert (await browser.get(f"/status/{made.status_list}", headers=known)).status_code == 200


async def test_the_lists_are_found_from_one_address(browser: AsyncClient) -> None:
    assert (await browser.get("/status")).json() == {"status_lists": []}
    await issued(await entitled())
    assert (await browser.get("/status")).json() == {"status_lists": [f"{settings().public_url}/status/0"]}


async def test_a_list_that_is_not_there_is_not_found(browser: AsyncClient) -> None:
    assert (await browser.get("/status/7", headers=JSON)).json()["code"] == "status_list_unknown"
    for wrong in ("32768", "-1", secrets.token_hex(20), "9" * 30):
        assert (await browser.get(f"/status/{wrong}", headers=JSON)).status_code == 422

from __future__ import annotations

import httpx
import pytest

from sync.door import Ask, read_object
from sync.errors import AnswerUnreadable, PushUnavailable, RequestRefused
from tests.sync.machine_door import URL, Laid, door, problem

ASK = Ask("GET", "/thing", {"a": "1"})


async def test_a_request_carries_the_token_and_its_parameters() -> None:
    laid = Laid(httpx.Response(200, json={}))
    await door(laid)[0].ask(ASK)
    request, _ = laid.requests[0]
    assert (str(request.url), request.headers["authorization"]) == (f"{URL}/thing?a=1", "Bearer 0")


async def test_a_token_that_is_no_longer_taken_is_got_anew_once() -> None:
    laid = Laid(httpx.Response(401), httpx.Response(200, json={}))
    asked, badge = door(laid)
    await asked.ask(ASK)
    assert badge.forgotten == 1
    assert [request.headers["authorization"] for request, _ in laid.requests] == ["Bearer 0", "Bearer 1"]
    with pytest.raises(RequestRefused) as refused:
        await door(Laid(httpx.Response(401), problem(401, "machine_unknown")))[0].ask(ASK)
    assert (refused.value.status, refused.value.problem) == (401, "machine_unknown")


async def test_an_absent_receiver_is_asked_again_and_given_up() -> None:
    pauses: list[float] = []
    laid = Laid(httpx.ConnectError("no route"), httpx.Response(503, headers={"retry-after": "7"}), httpx.Response(200))
    await door(laid, pauses)[0].ask(ASK)
    assert len(laid.requests) == 3
    assert 0.25 <= pauses[0] <= 0.5
    assert pauses[1] == 7.0
    with pytest.raises(PushUnavailable):
        await door(Laid(*[httpx.ConnectError("no route")] * 2), attempts=2)[0].ask(ASK)


async def test_what_passes_for_one_request_is_a_refusal_of_another() -> None:
    waiting = Ask("POST", "/thing", passing=frozenset({409}))
    assert (await door(Laid(problem(409, "in_flight"), httpx.Response(202)))[0].ask(waiting)).status_code == 202
    with pytest.raises(RequestRefused):
        await door(Laid(problem(409, "in_flight")))[0].ask(ASK)


@pytest.mark.parametrize(
    "answer", [httpx.Response(403), httpx.Response(403, text="<p>no"), httpx.Response(403, json=[1])]
)
async def test_a_refusal_without_a_problem_is_told_by_its_status(answer: httpx.Response) -> None:
    with pytest.raises(RequestRefused) as refused:
        await door(Laid(answer))[0].ask(ASK)
    assert (refused.value.status, refused.value.problem) == (403, "")


@pytest.mark.parametrize("answer", [httpx.Response(200, text="{"), httpx.Response(200, json=[])])
def test_an_answer_that_is_no_object_is_unreadable(answer: httpx.Response) -> None:
    with pytest.raises(AnswerUnreadable):
        read_object(answer)

"""Problem details of RFC 9457."""

import json

import pytest

from amis.kernel.errors import AmisError, Conflict, TooManyRequests, Unavailable
from amis.kernel.log import request_id
from amis.kernel.problem import problem, problem_response


def test_an_error_becomes_problem_details() -> None:
    bound = request_id.set("request-1")
    answer = problem(Conflict("already blocked", pointer="/state"))
    request_id.reset(bound)
    assert (answer.status_code, answer.media_type) == (409, "application/problem+json")
    assert answer.headers["content-type"] == "application/problem+json"
    assert json.loads(answer.body) == {
        "type": "urn:amis:error:conflict",
        "title": "This contradicts what is already recorded.",
        "status": 409,
        "code": "conflict",
        "request_id": "request-1",
        "detail": "already blocked",
        "pointer": "/state",
    }


def test_what_is_not_known_is_left_out() -> None:
    assert set(json.loads(problem_response(404, "not_found", "No.").body)) == {
        "type", "title", "status", "code", "request_id",
    }  # fmt: skip


def test_single_faults_are_listed() -> None:
    faults = [{"pointer": "/a", "code": "missing", "detail": "Field required"}]
    assert json.loads(problem_response(422, "invalid", "No.", errors=faults).body)["errors"] == faults


@pytest.mark.parametrize("error", [TooManyRequests(), Unavailable()], ids=["too many", "unavailable"])
def test_who_may_come_again_is_told_when(error: AmisError) -> None:
    assert problem(error).headers["retry-after"] == "1"
    assert "retry-after" not in problem(Conflict()).headers

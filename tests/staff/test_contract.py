"""What the API description says of every operation alike."""

import json
from typing import Any

import pytest
from fastapi import FastAPI
from pydantic import BaseModel

from amis.kernel.permission import PUBLIC, SELF_CHECKED, permission
from amis.staff.contract import complete
from amis.staff.routes import entrances


class Body(BaseModel):
    """Something sent."""

    word: str


@pytest.fixture
def described() -> dict[str, Any]:
    """The description of an app with one route of each kind."""
    app = FastAPI(openapi_url=None)

    @app.get("/open")
    @permission(PUBLIC)
    async def opened() -> dict[str, str]:
        return {}

    @app.get("/tokens/{token_id}")
    @permission("token.read")
    async def read(token_id: int) -> dict[str, str]:
        return {}

    @app.post("/tokens/{token_id}")
    @permission("token.block")
    async def block(token_id: int, body: Body) -> dict[str, str]:
        return {}

    @app.post("/bundle")
    @permission("bundle.read")
    async def bundle() -> dict[str, str]:
        return {}

    @app.post("/taps", responses={409: {"description": "Taken back already."}})
    @permission(SELF_CHECKED)
    async def tap() -> dict[str, str]:
        return {}

    found = app.openapi()
    complete(found, entrances(app.routes), "amis")
    return found


def answers(described: dict[str, Any], path: str, method: str) -> dict[str, Any]:
    found: dict[str, Any] = described["paths"][path][method]["responses"]
    return found


def test_each_operation_says_with_what_its_caller_proves_who_they_are(described: dict[str, Any]) -> None:
    found = {path: [one.get("security") for one in methods.values()] for path, methods in described["paths"].items()}
    assert found == {
        "/open": [[]],
        "/tokens/{token_id}": [[{"session": []}], [{"session": []}]],
        "/bundle": [[{"machine": []}]],
        "/taps": [None],
    }
    assert described["components"]["securitySchemes"]["session"]["name"] == "amis"


def test_an_operation_lists_the_faults_that_its_kind_can_have(described: dict[str, Any]) -> None:
    assert set(answers(described, "/open", "get")) == {"200", "503"}
    assert set(answers(described, "/tokens/{token_id}", "get")) == {"200", "401", "403", "404", "422", "503"}
    written = {"200", "400", "401", "403", "404", "409", "413", "422", "503"}
    assert set(answers(described, "/tokens/{token_id}", "post")) == written


def test_every_fault_is_a_problem_and_the_frameworks_own_shape_is_gone(described: dict[str, Any]) -> None:
    faults = [answer for status, answer in answers(described, "/tokens/{token_id}", "post").items() if status >= "400"]
    assert {media for answer in faults for media in answer["content"]} == {"application/problem+json"}
    assert "HTTPValidationError" not in json.dumps(described)


def test_what_a_route_says_of_a_fault_itself_stands(described: dict[str, Any]) -> None:
    assert answers(described, "/taps", "post")["409"]["description"] == "Taken back already."
    assert answers(described, "/tokens/{token_id}", "post")["422"]["description"] == "A value does not fit."

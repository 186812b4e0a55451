from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from sync.errors import AnswerUnreadable, SyncError
from sync.spdci import request, signature
from sync.spdci.ack import Ack, AckStatus
from sync.spdci.client import RegistryClient
from sync.spdci.errors import RegistryRefused, RegistryUnavailable
from sync.spdci.key import draw_key, public_key
from tests.sync.spdci import samples

AT = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)
KEY = draw_key("amis-1")
BEFORE = AT - timedelta(days=1)
ASKED: dict[str, dict[str, Any]] = {
    "search": request.search("t-1", AT, BEFORE, AT, 50, 2),
    "subscribe": request.subscribe("t-1", AT, BEFORE),
    "unsubscribe": request.unsubscribe("t-1", AT, ["sub-1"]),
    "txn-status": request.status("t-2", "t-1", "search"),
}


async def ask(action: str, doors: Callable[[httpx.Request], httpx.Response]) -> Ack:
    async with httpx.AsyncClient(transport=httpx.MockTransport(doors)) as http:
        client = RegistryClient("https://sr.test/v1/", samples.OWN, samples.REGISTRY, "https://amis.test", KEY, http)
        return await client.ask(action, "m-1", ASKED[action], AT)


@pytest.mark.parametrize(("action", "path"), request.PATHS.items())
async def test_each_question_goes_signed_to_its_address(action: str, path: str) -> None:
    seen: list[tuple[str, Any]] = []

    def doors(asked: httpx.Request) -> httpx.Response:
        seen.append((str(asked.url), json.loads(asked.content)))
        return httpx.Response(200, json=Ack(AckStatus.ACK, AT, "c-1").to_json())

    assert await ask(action, doors) == Ack(AckStatus.ACK, AT, "c-1")
    [(url, whole)] = seen
    assert url == f"https://sr.test/v1{path}"
    assert (whole["header"]["action"], whole["header"]["sender_uri"]) == (action, "https://amis.test")
    assert whole["message"] == ASKED[action]
    proof = signature.read(whole["signature"])
    signature.verify(public_key(KEY.public_jwk()), proof, whole["header"], whole["message"], AT)


def test_changes_are_asked_for_between_two_moments_and_by_page() -> None:
    [asked] = ASKED["search"]["search_request"]
    criteria = asked["search_criteria"]
    [predicate] = criteria["query"]
    compared = [
        (predicate[name]["operator"], predicate[name]["attribute_value"]) for name in ("expression1", "expression2")
    ]
    assert compared == [("ge", BEFORE.isoformat()), ("lt", AT.isoformat())]
    assert criteria["pagination"] == {"page_size": 50, "page_number": 2}


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(503), RegistryUnavailable),
        (httpx.Response(200, json=Ack(AckStatus.ERR, AT, "c", "err.signature.invalid").to_json()), RegistryRefused),
        (httpx.Response(403, json={"errors": []}), RegistryRefused),
        (httpx.Response(200, json={}), AnswerUnreadable),
        (httpx.Response(200, content=b"{" * 100_000), AnswerUnreadable),
    ],
)
async def test_what_is_no_acknowledgement_is_an_error(answer: httpx.Response, error: type[SyncError]) -> None:
    with pytest.raises(error):
        await ask("search", lambda _: answer)


async def test_a_registry_that_cannot_be_reached_may_be_asked_again() -> None:
    def doors(_: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("slow")

    with pytest.raises(RegistryUnavailable, match="ReadTimeout"):
        await ask("search", doors)

"""Asking a registry: what it is sent, step by step, and what becomes of a question that is not answered."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select, text

from amis.concessions.seed_lv import JELGAVA
from amis.intake.errors import RegistryUnknown
from amis.intake.spdci_api import router
from amis.intake.spdci_models import RegistryRequest
from amis.intake.spdci_peers import get_registry, signing_key
from amis.intake.spdci_pull import (
    FIRST,
    GIVEN_UP,
    NEXT_PAGE,
    OVERLAP,
    PATIENCE,
    Step,
    pull_spdci,
    subscribe_spdci,
    unsubscribe_spdci,
)
from amis.kernel import clock
from amis.kernel.db import transaction
from amis.kernel.settings import Settings
from sync.spdci import signature
from sync.spdci.ack import AckStatus
from sync.spdci.key import public_key
from tests.concessions.doors import application, client
from tests.intake.registry import Peer, join
from tests.intake.wire import READER, TOWN
from tests.sync.spdci import samples


@pytest.fixture
async def peer(database: Settings, database_name: str) -> Peer:
    return await join(client(application(READER, router)))


async def pull(peer: Peer) -> Step:
    async with peer.http() as http:
        return await pull_spdci(peer.sender_id, JELGAVA, http)


async def requests() -> list[tuple[str, str, str]]:
    async with transaction(TOWN) as tx:
        found = await tx.session.scalars(select(RegistryRequest).order_by(RegistryRequest.id))
        return [(one.action, one.state, one.reason) for one in found]


async def test_changes_are_asked_for_from_the_last_answer_on_and_signed_with_our_key(peer: Peer) -> None:
    assert [await pull(peer), await pull(peer)] == [Step.ASKED, Step.WAITING]
    [asked] = peer.asked
    async with transaction(TOWN) as tx:
        registry = await get_registry(tx, peer.sender_id)
        [request] = await tx.session.scalars(select(RegistryRequest))
    key, header, message = public_key(signing_key(registry).public_jwk()), asked["header"], asked["message"]
    signature.verify(key, signature.read(asked["signature"]), header, message, clock.now())
    assert (asked["path"], header["receiver_id"], request.correlation_id) == (
        "/v1/registry/search",
        samples.REGISTRY,
        "c-77",
    )
    assert message["transaction_id"] == str(request.id)
    assert _since(message) == FIRST.isoformat()
    ack = await peer.send("on-search", samples.found(transaction=str(request.id)))
    assert ack.status is AckStatus.ACK
    assert await pull(peer) is Step.ASKED
    assert request.until is not None
    assert _since(peer.asked[1]["message"]) == (request.until - OVERLAP).isoformat()


async def test_a_question_that_could_not_be_asked_is_asked_again(peer: Peer) -> None:
    refusal = {"message": {"ack_status": "ERR", "error": {"code": "err.sender_id.invalid", "message": "who?"}}}
    replies = [
        (httpx.Response(503), "answer 503"),
        (httpx.Response(400, json=refusal), "err.sender_id.invalid"),
        (httpx.Response(404, text="<html>"), "answer 404"),
        (httpx.Response(200, text="fine"), "no ack_status"),
    ]
    for reply, _ in replies:
        peer.reply = partial(_same, reply)
        assert await pull(peer) is Step.FAILED
    assert await requests() == [("search", "failed", reason) for _, reason in replies]
    peer.reply = _unreachable
    assert await pull(peer) is Step.FAILED


async def test_what_became_of_a_question_is_asked_before_it_is_given_up(peer: Peer) -> None:
    begun = clock.now()
    assert await pull(peer) is Step.ASKED
    with clock.moved(begun + PATIENCE + timedelta(seconds=5)):
        assert [await pull(peer), await pull(peer)] == [Step.INQUIRED, Step.WAITING]
        inquiry, first = peer.asked[1]["message"], peer.asked[0]["message"]["transaction_id"]
        assert inquiry["txnstatus_request"]["attribute_value"] == first
        pending = samples.found(transaction=first, status="pdng", data=None)
        told = samples.reported(pending) | {"transaction_id": inquiry["transaction_id"]}
        assert (await peer.send("txn-on-status", told)).status is AckStatus.ACK
        assert await pull(peer) is Step.WAITING
    with clock.moved(begun + 2 * GIVEN_UP):
        assert await pull(peer) is Step.ASKED
    assert [state for _, state, _ in await requests()] == ["failed", "done", "asked"]


async def test_the_next_page_is_asked_for_unless_it_comes_by_itself(peer: Peer) -> None:
    begun = clock.now()
    await pull(peer)
    search = peer.asked[0]["message"]["transaction_id"]
    paging = {"page_size": 200, "page_number": 1, "total_count": "350"}
    await peer.send("on-search", samples.found(transaction=search, pagination=paging))
    assert await pull(peer) is Step.WAITING
    with clock.moved(begun + NEXT_PAGE + timedelta(seconds=5)):
        assert [await pull(peer), await pull(peer)] == [Step.NEXT_PAGE, Step.WAITING]
    criteria = peer.asked[1]["message"]["search_request"][0]["search_criteria"]
    assert (peer.asked[1]["message"]["transaction_id"], criteria["pagination"]["page_number"]) == (search, 2)


async def test_a_registry_is_subscribed_to_once_and_left_again(peer: Peer) -> None:
    async with peer.http() as http:
        steps = [await subscribe_spdci(peer.sender_id, JELGAVA, http) for _ in range(2)]
        begun = peer.asked[0]["message"]["transaction_id"]
        await peer.send("on-subscribe", samples.subscribed("sub-1", transaction=begun))
        steps += [await subscribe_spdci(peer.sender_id, JELGAVA, http)]
        steps += [await unsubscribe_spdci(peer.sender_id, JELGAVA, http)]
        asked = peer.asked[1]["message"]
        await peer.send("on-unsubscribe", samples.unsubscribed("sub-1", transaction=asked["transaction_id"]))
        steps += [await unsubscribe_spdci(peer.sender_id, JELGAVA, http)]
    assert steps == [Step.ASKED, Step.WAITING, Step.WAITING, Step.ASKED, Step.WAITING]
    assert (asked["subscription_codes"], [state for _, state, _ in await requests()]) == (["sub-1"], ["ended", "done"])


async def test_only_a_registry_of_the_town_is_asked_and_none_that_was_suspended(peer: Peer) -> None:
    async with transaction(TOWN) as tx:
        await tx.session.execute(text("UPDATE sender SET state = 'suspended'"))
    assert await pull(peer) is Step.WAITING
    async with peer.http() as http:
        with pytest.raises(RegistryUnknown):
            await pull_spdci(UUID(int=1), JELGAVA, http)


def _since(message: dict[str, Any]) -> str:
    [request] = message["search_request"]
    first: str = request["search_criteria"]["query"][0]["expression1"]["attribute_value"]
    return first


def _same(reply: httpx.Response) -> httpx.Response:
    return reply


def _unreachable() -> httpx.Response:
    raise httpx.ConnectError("no route")

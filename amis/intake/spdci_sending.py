"""Sending a question to a registry: never in the transaction that wrote it down."""

from datetime import datetime

import httpx

from amis.intake.spdci_models import Registry, RegistryRequest
from amis.intake.spdci_peers import signing_key
from amis.kernel.actor import system
from amis.kernel.db import transaction
from amis.kernel.ids import new_id
from sync.errors import AnswerUnreadable
from sync.spdci import request as wire
from sync.spdci.client import RegistryClient
from sync.spdci.errors import RegistryRefused, RegistryUnavailable

PAGE_SIZE = 200


async def send(registry: Registry, request: RegistryRequest, http: httpx.AsyncClient) -> bool:
    """Sends a question that was written down; whether the registry took it. What became of it is written down too."""
    client = RegistryClient(
        registry.url, registry.own_id, registry.registry_id, registry.answer_uri, signing_key(registry), http
    )
    async with transaction(system("registry", registry.municipality_id)) as tx:
        at = tx.at
    try:
        ack = await client.ask(request.action, str(new_id()), _message(request, at), at)
    except (RegistryUnavailable, RegistryRefused, AnswerUnreadable) as error:
        await _settle(registry, request, failed=str(error) or error.code)
        return False
    await _settle(registry, request, correlation_id=ack.correlation_id)
    return True


def _message(request: RegistryRequest, at: datetime) -> dict[str, object]:
    named = str(request.id)
    if request.action == "search":
        assert request.since is not None
        assert request.until is not None
        page = next(number for number in range(1, len(request.pages) + 2) if number not in request.pages)
        return wire.search(named, at, request.since, request.until, PAGE_SIZE, page)
    if request.action == "subscribe":
        return wire.subscribe(named, at, request.asked_at)
    if request.action == "unsubscribe":
        return wire.unsubscribe(named, at, request.codes)
    return wire.status(named, str(request.about), "search")


async def _settle(registry: Registry, request: RegistryRequest, *, correlation_id: str = "", failed: str = "") -> None:
    async with transaction(system("registry", registry.municipality_id)) as tx:
        current = await tx.session.get_one(RegistryRequest, request.id, with_for_update=True)
        # An answer may have overtaken the acknowledgement of the question.
        if failed and current.state == "asked":
            current.state, current.reason = "failed", failed
        if correlation_id and not current.correlation_id:
            current.correlation_id = correlation_id
        if current.state == "pending":
            current.asked_at = tx.at

"""Asking registries what changed, and to be told of changes: one step a call, so that a schedule can repeat it.

A question is written down before it is sent and never in the transaction that waits for the answer: whatever breaks,
the next call finds it. Answers come to `/registry/on-...`; what was missed is asked for again after a while.
"""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID

import httpx

from amis.intake import spdci_asked, store
from amis.intake.spdci_models import Registry, RegistryRequest
from amis.intake.spdci_peers import get_registry
from amis.intake.spdci_sending import send
from amis.kernel.actor import system
from amis.kernel.db import Transaction, transaction

PATIENCE = timedelta(minutes=10)
"""How long an answer may take before the registry is asked what became of the question."""
NEXT_PAGE = timedelta(minutes=1)
"""How long a registry has to send the next page by itself."""
GIVEN_UP = timedelta(hours=2)
OVERLAP = timedelta(minutes=5)
"""Changes are asked for from a little before the last answer: a record may be written late under an early time."""
FIRST = datetime(1970, 1, 1, tzinfo=UTC)


class Step(StrEnum):
    """What a call did: asked anew, went on to the next page, inquired after an answer, waits, or could not ask."""

    ASKED = "asked"
    NEXT_PAGE = "next_page"
    INQUIRED = "inquired"
    WAITING = "waiting"
    FAILED = "failed"


async def pull_spdci(
    sender_id: UUID, municipality_id: int, http: httpx.AsyncClient, every: timedelta = timedelta(0)
) -> Step:
    """One step of a search for what changed since the last complete answer; a new search `every` so long at most.

    Raises:
        RegistryUnknown
    """
    async with transaction(system("registry", municipality_id)) as tx:
        registry = await get_registry(tx, sender_id)
        step, request = await _next(tx, registry, every)
    return step if request is None or await send(registry, request, http) else Step.FAILED


async def subscribe_spdci(sender_id: UUID, municipality_id: int, http: httpx.AsyncClient) -> Step:
    """Asks to be told of every change from now on, unless that was asked already.

    Raises:
        RegistryUnknown
    """
    async with transaction(system("registry", municipality_id)) as tx:
        registry = await get_registry(tx, sender_id)
        waiting = await spdci_asked.newest(tx, registry, "subscribe")
        if waiting is not None or await spdci_asked.subscriptions(tx, registry):
            return Step.WAITING
        request = await spdci_asked.ask(tx, registry, "subscribe")
    return Step.ASKED if await send(registry, request, http) else Step.FAILED


async def unsubscribe_spdci(sender_id: UUID, municipality_id: int, http: httpx.AsyncClient) -> Step:
    """Asks to end every subscription that stands.

    Raises:
        RegistryUnknown
    """
    async with transaction(system("registry", municipality_id)) as tx:
        registry = await get_registry(tx, sender_id)
        codes = await spdci_asked.subscriptions(tx, registry)
        if not codes:
            return Step.WAITING
        request = await spdci_asked.ask(tx, registry, "unsubscribe", codes=codes)
    return Step.ASKED if await send(registry, request, http) else Step.FAILED


async def _next(tx: Transaction, registry: Registry, every: timedelta) -> tuple[Step, RegistryRequest | None]:
    if (await store.get_sender(tx, registry.sender_id)).state != "active":
        return Step.WAITING, None
    request = await spdci_asked.newest(tx, registry, "search")
    if request is None:
        last = await spdci_asked.last_asked(tx, registry, "search")
        resting = last is not None and tx.at - last < every
        return (Step.WAITING, None) if resting else (Step.ASKED, await _search(tx, registry))
    if tx.at - (request.answered_at or request.asked_at) > GIVEN_UP:
        request.state, request.reason = "failed", "no answer"
        return Step.ASKED, await _search(tx, registry)
    if request.pages:
        return (Step.NEXT_PAGE, request) if _quiet(request, tx.at, NEXT_PAGE) else (Step.WAITING, None)
    inquiry = await spdci_asked.newest(tx, registry, "txn-status")
    if not all(_quiet(one, tx.at, PATIENCE) for one in (request, inquiry or request)):
        return Step.WAITING, None
    return Step.INQUIRED, await spdci_asked.ask(tx, registry, "txn-status", about=request.id)


def _quiet(request: RegistryRequest, at: datetime, span: timedelta) -> bool:
    """Whether nothing was asked or heard for so long."""
    return at - max(request.asked_at, request.answered_at or request.asked_at) >= span


async def _search(tx: Transaction, registry: Registry) -> RegistryRequest:
    since = registry.heard_until - OVERLAP if registry.heard_until else FIRST
    return await spdci_asked.ask(tx, registry, "search", span=(since, tx.at))

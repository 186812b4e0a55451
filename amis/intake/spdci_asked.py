"""What registries were asked: each transaction from the question to its last answer."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from amis.intake.spdci_models import Registry, RegistryRequest
from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.kernel.ids import new_id

OPEN = ("asked", "pending")


async def ask(
    tx: Transaction,
    registry: Registry,
    action: str,
    *,
    about: UUID | None = None,
    span: tuple[datetime, datetime] | None = None,
    codes: Sequence[str] = (),
) -> RegistryRequest:
    """Writes down a question before it is sent; its id is the transaction's id on the wire.

    `span` are the moments `[since, until)` of a search, `codes` the subscriptions to end, `about` another question.
    """
    since, until = span or (None, None)
    request = RegistryRequest(
        id=new_id(),
        municipality_id=tx.municipality_id,
        sender_id=registry.sender_id,
        action=action,
        about=about,
        correlation_id="",
        state="asked",
        reason="",
        since=since,
        until=until,
        pages=[],
        codes=list(codes),
        asked_at=tx.at,
        answered_at=None,
    )
    tx.session.add(request)
    await tx.session.flush()
    await audit.record(tx, "registry.ask", ("registry_request", request.id), after={"action": action})
    return request


async def newest(tx: Transaction, registry: Registry, action: str) -> RegistryRequest | None:
    """The last question of this kind that is still without its last answer, held so that two cannot go on with it."""
    query = select(RegistryRequest).where(
        RegistryRequest.municipality_id == tx.municipality_id,
        RegistryRequest.sender_id == registry.sender_id,
        RegistryRequest.action == action,
        RegistryRequest.state.in_(OPEN),
    )
    return await tx.session.scalar(query.order_by(RegistryRequest.asked_at.desc()).limit(1).with_for_update())


async def last_asked(tx: Transaction, registry: Registry, action: str) -> datetime | None:
    """When a question of this kind was asked last, whatever became of it."""
    query = select(func.max(RegistryRequest.asked_at)).where(
        RegistryRequest.municipality_id == tx.municipality_id,
        RegistryRequest.sender_id == registry.sender_id,
        RegistryRequest.action == action,
    )
    return await tx.session.scalar(query)


async def subscriptions(tx: Transaction, registry: Registry) -> list[str]:
    """The codes of the subscriptions that stand."""
    query = select(RegistryRequest.codes).where(
        RegistryRequest.municipality_id == tx.municipality_id,
        RegistryRequest.sender_id == registry.sender_id,
        RegistryRequest.action == "subscribe",
        RegistryRequest.state == "done",
    )
    return [code for codes in await tx.session.scalars(query) for code in codes]

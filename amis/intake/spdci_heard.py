"""What registries answered to what they were asked: each answer moves its transaction on."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, update

from amis.intake.spdci_asked import OPEN
from amis.intake.spdci_models import Registry, RegistryRequest
from amis.kernel.db import Transaction
from sync.spdci.answers import Action, Answer
from sync.spdci.errors import TransactionUnknown
from sync.spdci.parts import Part

_ANSWERED_BY = {"search": Action.ON_SEARCH, "subscribe": Action.ON_SUBSCRIBE, "unsubscribe": Action.ON_UNSUBSCRIBE}


async def answered(tx: Transaction, registry: Registry, answer: Answer) -> RegistryRequest:
    """The question that this message answers, moved on by it.

    Raises:
        sync.spdci.errors.TransactionUnknown: nothing was asked under this id, or something else was.
    """
    request = await _asked(tx, registry, answer.transaction_id)
    if request.about is not None:
        request = await _asked(tx, registry, str(request.about))
    if _ANSWERED_BY.get(request.action) is not answer.action:
        raise TransactionUnknown
    if answer.correlation_id:
        request.correlation_id = answer.correlation_id
    for part in answer.parts:
        await _hear(tx, registry, request, part)
    await _stop_inquiring(tx, request)
    return request


async def _asked(tx: Transaction, registry: Registry, transaction_id: str) -> RegistryRequest:
    try:
        wanted = UUID(transaction_id)
    except ValueError:
        raise TransactionUnknown from None
    query = select(RegistryRequest).where(
        RegistryRequest.municipality_id == tx.municipality_id,
        RegistryRequest.sender_id == registry.sender_id,
        RegistryRequest.id == wanted,
    )
    request = await tx.session.scalar(query.with_for_update().execution_options(populate_existing=True))
    if request is None:
        raise TransactionUnknown
    return request


async def _hear(tx: Transaction, registry: Registry, request: RegistryRequest, part: Part) -> None:
    if part.reference_id and part.reference_id != str(request.id):
        raise TransactionUnknown(f"reference_id of {request.action}")
    if part.status == "rjct":
        await _move(tx, request, "rejected", part.reason)
    elif part.status == "pdng" and not part.records:
        await _move(tx, request, "pending")
    elif request.action == "search":
        await _heard_page(tx, registry, request, part)
    elif request.action == "subscribe":
        request.codes = sorted({*request.codes, *part.codes})
        await _move(tx, request, "done" if request.codes else "pending")
    else:
        await _end(tx, registry, part.codes or request.codes)
        await _move(tx, request, "done")


async def _heard_page(tx: Transaction, registry: Registry, request: RegistryRequest, part: Part) -> None:
    request.pages = sorted({*request.pages, part.page.number if part.page else 1})
    if len(request.pages) < (part.page.pages if part.page else 1):
        await _move(tx, request, "pending")
        return
    await _move(tx, request, "done")
    if request.until and (registry.heard_until is None or registry.heard_until < request.until):
        registry.heard_until = request.until


async def _move(tx: Transaction, request: RegistryRequest, state: str, reason: str = "") -> None:
    # A late answer brings nothing back: what was done stays done, what was given up may still come.
    if request.state not in ("done", "ended"):
        request.state, request.reason = state, reason
    request.answered_at = tx.at
    await tx.session.flush()


async def _stop_inquiring(tx: Transaction, request: RegistryRequest) -> None:
    about = RegistryRequest.municipality_id == tx.municipality_id, RegistryRequest.about == request.id
    mine = update(RegistryRequest).where(*about, RegistryRequest.state.in_(OPEN))
    await tx.session.execute(mine.values(state="done", answered_at=tx.at))


async def _end(tx: Transaction, registry: Registry, codes: Sequence[str]) -> None:
    mine = (
        RegistryRequest.municipality_id == tx.municipality_id,
        RegistryRequest.sender_id == registry.sender_id,
        RegistryRequest.action == "subscribe",
        RegistryRequest.codes.overlap(list(codes)),
    )
    await tx.session.execute(update(RegistryRequest).where(*mine).values(state="ended"))

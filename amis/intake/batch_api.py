"""`/sync/v1/batches`: files of rows in, durable at once and applied later; how far each is; the digest of it all."""

from dataclasses import replace
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy.exc import IntegrityError
from starlette.responses import Response

from amis.intake import batch_store, batches, fact_digest, store
from amis.intake.arriving import store_pieces
from amis.intake.batch_models import Batch
from amis.intake.batch_schemas import BatchTold, DigestTold, row_line
from amis.intake.batches import Delivery
from amis.intake.delivery import content_digest, read_delivery
from amis.intake.errors import BatchInFlight, DigestMismatch, IdempotencyKeyReused
from amis.intake.in_flight import receiving
from amis.intake.models import Sender
from amis.intake.places import folder_of
from amis.intake.raw_files import remove
from amis.intake.senders import sender_of_machine, senders_of_machine
from amis.kernel import audit
from amis.kernel.actor import Actor
from amis.kernel.body import StrictRoute
from amis.kernel.db import Transaction, transaction
from amis.kernel.permission import permission
from amis.kernel.settings import settings
from amis.staff.guard import current_actor
from amis.staff.machine_store import approved_fingerprint
from sync.verdict import Verdict

BATCHES = "/sync/v1/batches"
BODY_LIMIT = 512 * 1024 * 1024
Acting = Annotated[Actor, Depends(current_actor)]
router = APIRouter(route_class=StrictRoute, tags=["sync"])

_TEXT = {"schema": {"type": "string"}}
_HEADERS = [
    {"name": name, "in": "header", "required": name != "content-encoding", "schema": {"type": "string"}}
    for name in ("idempotency-key", "content-digest", "content-encoding")
]
_REQUEST = {
    "parameters": _HEADERS,
    "requestBody": {"required": True, "content": {"application/x-ndjson": _TEXT, "text/csv": _TEXT}},
}
_REFUSALS: dict[int | str, dict[str, Any]] = {
    202: {"model": BatchTold, "description": "The file is durable; see Location."},
    200: {"model": BatchTold, "description": "The same file came before."},
    400: {"description": "A header is missing or unreadable."},
    403: {"description": "The machine is not that of a sender."},
    409: {"description": "The same file is still coming in."},
    413: {"description": "More than 512 MiB."},
    415: {"description": "Neither NDJSON nor CSV."},
    422: {"description": "Another digest, another file under this key, or no as_of."},
    503: {"description": "Try again: nothing was taken."},
}
_UNKNOWN: dict[int | str, dict[str, Any]] = {404: {"description": "There is no such batch."}}
_DECIDED = _UNKNOWN | {409: {"description": "Nothing is to be decided on it."}}
_LINES = "A row a line: row, record_id, verdict, code, pointer."
_ROWS = _UNKNOWN | {200: {"description": _LINES, "content": {"application/x-ndjson": {}}}}


@router.post(BATCHES, openapi_extra=_REQUEST, responses=_REFUSALS, status_code=202)
@permission("notice.create")
async def send_batch(
    request: Request,
    response: Response,
    actor: Acting,
    kind: Literal["delta", "snapshot"],
    as_of: Annotated[int | None, Query(ge=0, le=2**53 - 1)] = None,
    source: Annotated[str | None, Query(max_length=256)] = None,
) -> BatchTold:
    """Takes a file of rows; the same Idempotency-Key with the same file is answered as the first time."""
    delivery, expected = read_delivery(request.headers, kind, as_of), content_digest(request.headers)
    sender, delivery = await _sender(actor, source, delivery)
    with receiving(folder_of(settings()), sender.id, delivery.key or ""):
        async with transaction(actor) as tx:
            known = await batch_store.by_key(tx, sender.id, delivery.key or "")
        if known is not None:
            await _pass_by(request, known, delivery, expected)
            response.status_code = 200
        batch = known or await _received(request, actor, sender, delivery, expected)
    response.headers["location"] = f"{BATCHES}/{batch.id}"
    return BatchTold.of(batch)


@router.get(BATCHES + "/{file_id}", responses=_UNKNOWN)
@permission("notice.create")
async def show_batch(file_id: UUID, actor: Acting) -> BatchTold:
    """One batch of this machine's senders: its state, its counts and how far it is."""
    async with transaction(actor) as tx:
        return BatchTold.of(await _own(tx, actor, file_id))


@router.get(BATCHES + "/{file_id}/rows", responses=_ROWS, response_model=None)
@permission("notice.create")
async def show_rows(
    file_id: UUID,
    actor: Acting,
    verdict: Verdict | None = None,
    after: Annotated[int, Query(ge=0, le=2**53 - 1)] = 0,
    limit: Annotated[int, Query(ge=1, le=batch_store.MOST_ROWS)] = batch_store.MOST_ROWS,
) -> Response:
    """Rows of a batch with what became of them, in their order; those that brought nothing new are left out."""
    async with transaction(actor) as tx:
        batch = await _own(tx, actor, file_id)
        rows = await batch_store.rows(tx, batch.id, verdict, after, limit)
    return Response(b"".join(row_line(row) for row in rows), media_type="application/x-ndjson")


@router.post(BATCHES + "/{held_id}/release", responses=_DECIDED)
@permission("intake.write")
async def release(held_id: UUID, actor: Acting) -> BatchTold:
    """Lets a held snapshot be applied; a machine may not."""
    async with transaction(actor) as tx:
        return BatchTold.of(await batches.release(tx, held_id))


@router.post(BATCHES + "/{held_id}/refuse", responses=_DECIDED)
@permission("intake.write")
async def refuse(held_id: UUID, actor: Acting, reason: Annotated[str, Query(max_length=500)]) -> BatchTold:
    """Closes a held snapshot without applying it; a machine may not."""
    async with transaction(actor) as tx:
        return BatchTold.of(await batches.refuse_held(tx, held_id, reason))


@router.get("/sync/v1/facts/digest", response_model=DigestTold)
@permission("notice.create")
async def show_digest(actor: Acting, source: Annotated[str | None, Query(max_length=256)] = None) -> dict[str, Any]:
    """The ledger of this machine's sender, summed up so that two sides see whether they hold the same."""
    async with transaction(actor) as tx:
        sender = await sender_of_machine(tx, UUID(actor.id), source)
        return (await fact_digest.digest(tx, sender)).to_json()


async def _sender(actor: Actor, source: str | None, delivery: Delivery) -> tuple[Sender, Delivery]:
    async with transaction(actor) as tx:
        sender = await sender_of_machine(tx, UUID(actor.id), source)
        return sender, replace(delivery, fingerprint=await approved_fingerprint(tx, UUID(actor.id)))


async def _own(tx: Transaction, actor: Actor, batch_id: UUID) -> Batch:
    senders = await senders_of_machine(tx, UUID(actor.id))
    return await batch_store.get(tx, batch_id, [sender.id for sender in senders])


async def _pass_by(request: Request, known: Batch, delivery: Delivery, expected: bytes) -> None:
    """Lets the body of a file that came before go by, so that its sender reads the answer.

    Raises:
        IdempotencyKeyReused: it is another file, or is to be taken otherwise.
    """
    came = (known.sha256, known.kind, known.as_of, known.format, known.gzip)
    if came != (expected, delivery.kind, delivery.as_of, delivery.format, delivery.gzip):
        raise IdempotencyKeyReused
    async for _ in request.stream():
        pass


async def _received(request: Request, actor: Actor, sender: Sender, delivery: Delivery, expected: bytes) -> Batch:
    try:
        stored = await store_pieces(folder_of(settings()), request.stream(), expected)
    except DigestMismatch:
        async with transaction(actor) as tx:
            await audit.record(tx, "notice_batch.turn_away", ("sender", sender.id), after={"code": DigestMismatch.code})
        raise
    try:
        async with transaction(actor) as tx:
            return await batches.receive(tx, await store.get_sender(tx, sender.id), stored, delivery)
    except IntegrityError:
        # the same file came in through another machine of ours, which has no part in our locks: ask again
        remove(folder_of(settings()), stored.id)
        raise BatchInFlight from None

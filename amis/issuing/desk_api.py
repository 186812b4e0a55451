"""What the commands at a desk ask of the service with the desk's own bearer."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from amis.issuing import desk_store, operations, service, store
from amis.issuing.card_models import CardOperation
from amis.issuing.desk_schemas import CardBlockIn, CardBlockOut, OperationIn, OperationOut
from amis.issuing.errors import CardWorkUnknown, TokenUnknown
from amis.kernel.actor import Actor
from amis.kernel.body import StrictRoute
from amis.kernel.db import Transaction, transaction
from amis.kernel.permission import permission
from amis.staff.guard import current_actor

router = APIRouter(route_class=StrictRoute, tags=["desks"])
Acting = Annotated[Actor, Depends(current_actor)]


@router.post("/desk/v1/operations", response_model=OperationOut, status_code=201)
@permission("desk.serve")
async def ask(body: OperationIn, actor: Acting) -> OperationOut:
    """Asks this desk for work on a card; the desk's connection does it as soon as the card is there."""
    async with transaction(actor) as tx:
        token_id = await _token(tx, body.token) if body.token is not None else None
        return OperationOut.of(await operations.ask(tx, UUID(actor.id), token_id, body.kind))


@router.get("/desk/v1/operations/{operation_id}", response_model=OperationOut)
@permission("desk.serve")
async def follow(operation_id: UUID, actor: Acting) -> OperationOut:
    """How far the work is."""
    async with transaction(actor) as tx:
        return OperationOut.of(await _own(tx, operation_id))


@router.post("/desk/v1/operations/{operation_id}/stop", response_model=OperationOut)
@permission("desk.serve")
async def stop(operation_id: UUID, actor: Acting) -> OperationOut:
    """Ends work that is not wanted any more."""
    async with transaction(actor) as tx:
        await _own(tx, operation_id)
        await operations.stop(tx, operation_id)
        return OperationOut.of(await desk_store.get_operation(tx, operation_id))


@router.post("/desk/v1/block", response_model=CardBlockOut)
@permission("desk.serve")
async def block(body: CardBlockIn, actor: Acting) -> CardBlockOut:
    """Blocks a token by its number; the very next validation refuses it."""
    async with transaction(actor) as tx:
        token = await service.block(tx, await _token(tx, body.number), body.reason)
        return CardBlockOut(number=token.number, state=token.state, reason=token.reason)


async def _token(tx: Transaction, number: str) -> UUID:
    found = await store.find_by_number(tx, number)
    if found is None:
        raise TokenUnknown
    return found


async def _own(tx: Transaction, operation_id: UUID) -> CardOperation:
    """An operation of the calling desk; those of others are none of its business."""
    operation = await desk_store.get_operation(tx, operation_id)
    if operation.desk_id != UUID(tx.actor.id):
        raise CardWorkUnknown
    return operation

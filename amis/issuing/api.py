"""JSON API of tokens, and the status lists that anybody may read."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import Response

from amis.issuing import service, store
from amis.issuing.published import MEDIA_TYPE, is_known, publish
from amis.issuing.schemas import Aggregation, BlockIn, EndIn, ReplaceIn, TokenOut, UnblockIn
from amis.kernel.actor import Actor, system
from amis.kernel.body import StrictRoute
from amis.kernel.db import transaction
from amis.kernel.keys import STATUS, keystore
from amis.kernel.permission import PUBLIC, permission
from amis.kernel.settings import settings
from amis.staff.guard import current_actor
from cards.keys import KeySigner

router = APIRouter(route_class=StrictRoute, tags=["tokens"])
Acting = Annotated[Actor, Depends(current_actor)]
ListNumber = Annotated[int, Path(ge=0, lt=1 << 15)]
_READER = system("status")


def _address() -> str:
    return settings().public_url.rstrip("/") + "/status"


@router.get("/status", response_model=Aggregation)
@permission(PUBLIC)
async def aggregate() -> Aggregation:
    """Where all status lists are."""
    async with transaction(_READER) as tx:
        numbers = await store.status_lists(tx)
    return Aggregation(status_lists=[f"{_address()}/{number}" for number in numbers])


@router.get(
    "/status/{status_list}",
    response_class=Response,
    responses={200: {"content": {MEDIA_TYPE: {}}}, 304: {"description": "unchanged"}},
)
@permission(PUBLIC)
async def show_status_list(request: Request, status_list: ListNumber) -> Response:
    """One status list, signed."""
    async with transaction(_READER) as tx:
        marked = await store.marked(tx, status_list)
        made = publish(status_list, marked, KeySigner.of(keystore(), STATUS), tx.at, _address())
    headers = {"etag": made.etag, "cache-control": "public, no-cache"}
    if is_known(made.etag, request.headers.get("if-none-match", "")):
        return Response(status_code=304, headers=headers)
    return Response(made.body, media_type=MEDIA_TYPE, headers=headers)


@router.post("/v1/persons/{person_id}/tokens", response_model=TokenOut, status_code=201)
@permission("token.issue")
async def issue(person_id: UUID, actor: Acting) -> TokenOut:
    """Issues a QR token to a person who has none."""
    async with transaction(actor) as tx:
        return TokenOut.of(await service.issue_qr(tx, person_id))


@router.get("/v1/tokens/{token_id}", response_model=TokenOut)
@permission("token.read")
async def get_token(token_id: UUID, actor: Acting) -> TokenOut:
    """One token as it stands."""
    async with transaction(actor) as tx:
        return TokenOut.of(await store.get_token(tx, token_id))


@router.post("/v1/tokens/{token_id}/block", response_model=TokenOut)
@permission("token.block")
async def block(token_id: UUID, body: BlockIn, actor: Acting) -> TokenOut:
    """Blocks an active token; the very next validation refuses it."""
    async with transaction(actor) as tx:
        return TokenOut.of(await service.block(tx, token_id, body.reason))


@router.post("/v1/tokens/{token_id}/unblock", response_model=TokenOut)
@permission("token.block")
async def unblock(token_id: UUID, body: UnblockIn, actor: Acting) -> TokenOut:
    """Makes a blocked token active again, unless it was lost or stolen."""
    async with transaction(actor) as tx:
        return TokenOut.of(await service.unblock(tx, token_id, body.reason))


@router.post("/v1/tokens/{token_id}/replace", response_model=TokenOut, status_code=201)
@permission("token.issue")
async def replace(token_id: UUID, body: ReplaceIn, actor: Acting) -> TokenOut:
    """Ends a token and gives the successor that is active in its place."""
    async with transaction(actor) as tx:
        return TokenOut.of(await service.replace(tx, token_id, body.reason))


@router.post("/v1/tokens/{token_id}/end", response_model=TokenOut)
@permission("token.issue")
async def end(token_id: UUID, body: EndIn, actor: Acting) -> TokenOut:
    """Ends a token for ever."""
    async with transaction(actor) as tx:
        return TokenOut.of(await service.end(tx, token_id, body.reason))

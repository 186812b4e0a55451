"""JSON API: the classifier to read."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from amis.concessions import store
from amis.concessions.schemas import ConcessionList, ConcessionOut
from amis.kernel.actor import Actor
from amis.kernel.body import StrictRoute
from amis.kernel.db import transaction
from amis.kernel.permission import permission
from amis.staff.guard import current_actor

router = APIRouter(route_class=StrictRoute, prefix="/v1/concessions", tags=["concessions"])
Acting = Annotated[Actor, Depends(current_actor)]


@router.get("", response_model=ConcessionList)
@permission("concession.read")
async def list_concessions(actor: Acting) -> ConcessionList:
    """One's own concessions and the state's, with all revisions of their terms."""
    async with transaction(actor) as tx:
        grantors = await store.grantors(tx)
        rows = await store.list_concessions(tx)
    return ConcessionList(concessions=[ConcessionOut.of(row, grantors[row.municipality_id].code) for row in rows])


@router.get("/{concession_id}", response_model=ConcessionOut)
@permission("concession.read")
async def get_concession(concession_id: UUID, actor: Acting) -> ConcessionOut:
    """One concession with all revisions of its terms."""
    async with transaction(actor) as tx:
        grantors = await store.grantors(tx)
        row = await store.get_concession(tx, concession_id)
    return ConcessionOut.of(row, grantors[row.municipality_id].code)

"""Downloads of the acting municipality's concessions for other systems."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from amis.concessions import gtfs, netex
from amis.concessions.exporting import gather
from amis.kernel import clock
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.permission import permission
from amis.staff.guard import current_actor

export_pages = APIRouter(prefix="/export", include_in_schema=False)
Acting = Annotated[Actor, Depends(current_actor)]


@export_pages.get("/netex")
@permission("concession.read")
async def export_netex(actor: Acting) -> Response:
    """What is given today in the words of NeTEx."""
    async with transaction(actor) as tx:
        sheet = await gather(tx, clock.today())
    name = f"{sheet.grantor.code.lower()}-concessions-{sheet.day}.xml"
    return _file(netex.export(sheet, clock.now()), "application/xml", name)


@export_pages.get("/gtfs")
@permission("concession.read")
async def export_gtfs(actor: Acting) -> Response:
    """What is given today as rider categories of GTFS."""
    async with transaction(actor) as tx:
        sheet = await gather(tx, clock.today())
    return _file(gtfs.export(sheet), "text/csv; charset=utf-8", gtfs.FILE)


def _file(content: bytes, kind: str, name: str) -> Response:
    return Response(content, media_type=kind, headers={"content-disposition": f'attachment; filename="{name}"'})

"""Exports for providers and for those who settle: a provider's month, and documents in the law's terms."""

from collections.abc import AsyncIterable, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from starlette.responses import StreamingResponse

from amis.kernel import audit
from amis.kernel.actor import Actor
from amis.kernel.body import StrictRoute
from amis.kernel.db import Transaction, transaction
from amis.kernel.permission import permission
from amis.outbound import avis
from amis.outbound.avis_documents import json_schema
from amis.outbound.export_file import MEDIA, Form, Row, handed_out, write
from amis.outbound.month_exports import SETTLEMENT_COLUMNS, USE_COLUMNS, asked_for, settled, uses
from amis.staff.guard import current_actor

router = APIRouter(route_class=StrictRoute, prefix="/sync/v1/exports", tags=["exports"])
Acting = Annotated[Actor, Depends(current_actor)]
Provider = Annotated[str, Query(pattern=r"^[A-Z0-9-]{2,32}$", description="code of the provider")]
Month = Annotated[str, Query(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", description="such as 2026-05")]
Format = Annotated[Form, Query(alias="format")]
_UNKNOWN: dict[int | str, dict[str, Any]] = {404: {"description": "No such provider, or none is named."}}
_FILES = _UNKNOWN | {200: {"content": {kind: {} for kind in MEDIA.values()}}}
_LINES = _UNKNOWN | {200: {"content": {MEDIA[Form.JSONL]: {}}}}


@router.get("/uses", response_class=StreamingResponse, responses=_FILES)
@permission("export.read")
async def export_uses(actor: Acting, provider: Provider, month: Month, form: Format = Form.CSV) -> StreamingResponse:
    """Each use at a provider in a month, with the digest of the file (RFC 9530)."""
    async with transaction(actor) as tx:
        asked = await asked_for(tx, provider, month)
        return await _handed_out(tx, form, f"uses-{asked.name}", USE_COLUMNS, uses(tx, asked))


@router.get("/settlement", response_class=StreamingResponse, responses=_FILES)
@permission("export.read")
async def export_settlement(
    actor: Acting, provider: Provider, month: Month, form: Format = Form.CSV
) -> StreamingResponse:
    """What a provider's month came to by concession and funder, and what was put right in it."""
    async with transaction(actor) as tx:
        asked = await asked_for(tx, provider, month)
        return await _handed_out(tx, form, f"settlement-{asked.name}", SETTLEMENT_COLUMNS, settled(tx, asked))


@router.get("/documents/schema")
@permission("export.read")
async def document_schema() -> dict[str, Any]:
    """The JSON Schema of the documents: our own shapes in the law's terms, not the message format of AVIS."""
    return json_schema()


@router.get("/documents/{kind}", response_class=StreamingResponse, responses=_LINES)
@permission("export.read")
async def export_documents(
    actor: Acting, kind: avis.Kind, provider: Provider | None = None, month: Month | None = None
) -> StreamingResponse:
    """Documents of one kind, one a line; use reports and settlements are of a provider's month."""
    async with transaction(actor) as tx:
        return await _documents(tx, kind, provider or "", month or "")


async def _documents(tx: Transaction, kind: avis.Kind, provider: str, month: str) -> StreamingResponse:
    if kind in avis.STANDING:
        rows, name = avis.STANDING[kind](tx), f"{kind}-{tx.day}"
    else:
        asked = await asked_for(tx, provider, month)
        rows, name = avis.OF_MONTH[kind](tx, asked), f"{kind}-{asked.name}"
    return await _handed_out(tx, Form.JSONL, name, avis.COLUMNS[kind], rows)


async def _handed_out(
    tx: Transaction, form: Form, name: str, columns: Sequence[str], rows: AsyncIterable[Row]
) -> StreamingResponse:
    written = await write(form, columns, rows)
    after = {"rows": written.rows, "sha256": written.digest.hex()}
    await audit.record(tx, "export.hand_out", ("export", name), after=after)
    return handed_out(written, form, name)

"""A refused notice that somebody has put right is taken as a new arrival, which the old one names as its correction.

An event is judged as if its sender had sent it now. A row of a file is judged as the row of that file which it is: one
of a snapshot speaks for the moment at which the snapshot was taken.
"""

from collections.abc import Awaitable, Callable
from uuid import UUID

from sqlalchemy import select

from amis.intake import batch_store, quarantine, store
from amis.intake.arrival import Message
from amis.intake.authority import authority_of
from amis.intake.chunk import apply_chunk
from amis.intake.chunk_refused import ROW
from amis.intake.chunk_rows import Lot, Row
from amis.intake.errors import NotCorrectable, QuarantinedUnknown, StillRefused
from amis.intake.floors import read_floor
from amis.intake.models import Arrival, Quarantined
from amis.intake.service import take_corrected
from amis.kernel import audit
from amis.kernel.db import Transaction
from sync.errors import UnreadableJson
from sync.mapping import mapping_from_json
from sync.message import STRUCTURED, read_event
from sync.notice import Notice
from sync.rows import FACT, RawRow, read_row
from sync.strict_json import strict_json
from sync.verdict import RowCode, RowError, Verdict

Taken = tuple[UUID | None, Verdict]
"""The arrival of what was put right, None where it brought nothing that an arrival is written for; and its verdict."""


async def replay(tx: Transaction, quarantined_id: UUID, content: bytes) -> Verdict:
    """Takes `content` in place of what was refused: an event, or the `data` object of a row; JSON in UTF-8.

    Raises:
        QuarantinedUnknown, AlreadyDecided, NotCorrectable
        StillRefused: nothing may be committed then, so that what was refused goes on waiting.
        Overtaken and the others of `chunk.AGAIN`: begin the transaction anew.
    """
    row = await quarantine.hold(tx, quarantined_id)
    if row.content_type not in _TAKING:
        raise NotCorrectable
    arrival_id, verdict = await _TAKING[row.content_type](tx, row, content)
    row.state, row.corrected_by, row.decided_at, row.decided_by = "replayed", arrival_id, tx.at, quarantine.decider(tx)
    await tx.session.flush()
    after = {"state": row.state, "verdict": verdict.value, "arrival": str(arrival_id) if arrival_id else None}
    await audit.record(tx, "quarantine.replay", ("quarantine", row.id), before={"state": "open"}, after=after)
    return verdict


async def _take_event(tx: Transaction, row: Quarantined, content: bytes) -> Taken:
    try:
        event = read_event(strict_json(content))
    except UnreadableJson:
        event = RowError(RowCode.SCHEMA_UNSUPPORTED, "")
    if isinstance(event, RowError):
        raise StillRefused(event)
    message = Message(row.sender_id, None, f"corrected/{row.id}", STRUCTURED, content)
    arrival_id, line = await take_corrected(tx, message, event)
    if line.error is not None:
        raise StillRefused(line.error)
    return arrival_id, line.verdict


async def _take_row(tx: Transaction, row: Quarantined, content: bytes) -> Taken:
    if row.batch_id is None or row.row_no is None:
        raise QuarantinedUnknown
    lot = await _lot(tx, row.sender_id, row.batch_id)
    stated = read_row(RawRow(row.row_no, content))
    if isinstance(stated, RowError):
        raise StillRefused(stated)
    event = Notice(f"{row.batch_id}:{row.row_no}", lot.source, FACT, None, stated)
    [verdict] = await apply_chunk(tx, lot, [Row(row.row_no, event, content)])
    if verdict in (Verdict.UNCHANGED, Verdict.STALE):
        return None, verdict
    arrival = await _newest(tx, row.batch_id, row.row_no)
    if arrival.error_code is not None:
        raise StillRefused(RowError(RowCode(arrival.error_code), arrival.error_pointer or ""))
    return arrival.id, verdict


async def _lot(tx: Transaction, sender_id: UUID, batch_id: UUID) -> Lot:
    """What a row of a batch has in common with the others, as things are now."""
    sender, batch = await store.get_sender(tx, sender_id), await batch_store.get(tx, batch_id)
    mapping = mapping_from_json(sender.mapping)
    return Lot(
        sender_id=sender.id,
        source=sender.source,
        mapping=mapping,
        authority=await authority_of(tx, mapping),
        batch_id=batch.id,
        key_id=batch.key_id,
        as_of=batch.as_of,
        floor=await read_floor(tx, sender.id),
        received_at=tx.at,
    )


async def _newest(tx: Transaction, batch_id: UUID, row_no: int) -> Arrival:
    of_row = Arrival.municipality_id == tx.municipality_id, Arrival.batch_id == batch_id, Arrival.row_no == row_no
    newest = select(Arrival).where(*of_row).order_by(Arrival.id.desc()).limit(1)
    return (await tx.session.scalars(newest)).one()


_TAKING: dict[str, Callable[[Transaction, Quarantined, bytes], Awaitable[Taken]]] = {
    STRUCTURED: _take_event,
    ROW: _take_row,
}

"""The first pass over a batch: is the file readable to its end, and would the snapshot withdraw too much?"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import text

from amis.intake.batch_work import Work, end
from amis.intake.batches import forget_names
from amis.intake.chunk_absence import absences
from amis.intake.chunk_losses import losses
from amis.intake.floors import read_floor
from amis.intake.reading_ahead import Ahead, rows_of
from amis.kernel.db import Transaction
from sync.errors import FileUnreadable
from sync.order import is_superseded
from sync.rows import RawRow, record_of

FEW = 50
"""Withdrawals that no snapshot is held for."""
SHARE = 0.02
"""The share of what stands that a snapshot may withdraw unasked."""
_PIECE = 20_000
_REMEMBER = text("""
INSERT INTO batch_record (batch_id, municipality_id, record_id)
SELECT :batch, :own, unnest(CAST(:names AS text[])) ON CONFLICT DO NOTHING
""")


async def check(work: Work) -> None:
    """Reads the file once without applying anything: it is refused as a whole, held, or ready to be applied."""
    try:
        total, unnamed = await _survey(work)
    except FileUnreadable as unreadable:
        await _refuse(work, unreadable)
    else:
        await _decide(work, total, unnamed)


def is_mass_change(withdrawn: int, standing: int) -> bool:
    """Whether so many withdrawals of so many standing records are for a person to decide."""
    return withdrawn > max(FEW, SHARE * standing)


async def _survey(work: Work) -> tuple[int, int]:
    """Counts the rows, and those that name no record; the names of a snapshot are remembered."""
    if work.batch.kind == "delta":
        return await _read(work, _no_names), 0
    async with work.transaction() as (tx, batch):
        await forget_names(tx, batch.id)
    missing = 0

    def names(rows: list[RawRow]) -> list[str]:
        nonlocal missing
        found = [record_of(row) for row in rows]
        missing += found.count(None)
        return [name for name in found if name is not None]

    return await _read(work, names), missing


async def _read(work: Work, names: Callable[[list[RawRow]], list[str]]) -> int:
    ahead, total = Ahead(rows_of(work.folder, work.batch), names, _PIECE, work.renew), 0
    try:
        while True:
            count, named = await ahead.take()
            if count == 0:
                return total
            total += count
            await _remember(work, named)
    finally:
        await ahead.close()


async def _remember(work: Work, names: list[str]) -> None:
    if not names:
        await work.renew()
        return
    async with work.transaction() as (tx, batch):
        await tx.session.execute(_REMEMBER, {"batch": batch.id, "own": tx.municipality_id, "names": names})


def _no_names(_rows: list[RawRow]) -> list[str]:
    return []


async def _refuse(work: Work, unreadable: FileUnreadable) -> None:
    async with work.transaction() as (tx, batch):
        batch.error_code, batch.error_detail = unreadable.code, str(unreadable)
        await end(tx, batch, "refused")


async def _decide(work: Work, total: int, unnamed: int) -> None:
    async with work.transaction() as (tx, batch):
        batch.total_rows, batch.next_row = total, 0
        if batch.as_of is not None and is_superseded(batch.as_of, await read_floor(tx, batch.sender_id)):
            batch.next_row = batch.stale = total
            await end(tx, batch, "done")
            return
        batch.diff = await _too_much(tx, work, total, unnamed)
        if batch.diff is not None:
            await end(tx, batch, "held")
        else:
            batch.state = "applying"


async def _too_much(tx: Transaction, work: Work, total: int, unnamed: int) -> dict[str, Any] | None:
    """What a snapshot would withdraw, where somebody has to decide on it and has not yet."""
    if work.batch.kind == "delta" or work.batch.decided_by is not None:
        return None
    gone = await absences(tx, await work.lot(tx))
    # A row that names no record may be about any: none can be said to be missing then.
    if not is_mass_change(gone.count, gone.standing) and not (unnamed and gone.count):
        return None
    counts = {"withdrawn": gone.count, "standing": gone.standing, "rows": total, "unnamed": unnamed}
    lost = [loss.to_json() for loss in await losses(tx, await work.lot(tx))]
    return counts | {"losses": lost, "sample": list(gone.sample)}

"""Units of quotas that were set aside for terminals, as people see and release them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import or_, select, text

from amis.kernel.db import Transaction
from amis.validating.errors import NoteMissing, ReserveUnknown
from amis.validating.upload_models import ReserveRow

_RELEASE = text("SELECT release_units(:reserve, :who, :why, :at, :request)")


async def open_reserves(tx: Transaction, terminal: UUID | None = None) -> Sequence[ReserveRow]:
    """The reserves of the acting municipality's holders that are open, or whose terminal told of more uses when it
    returned them than have come; oldest first, of one terminal or of all.
    """
    waits = or_(ReserveRow.state == "open", ReserveRow.used < ReserveRow.units)
    found = select(ReserveRow).where(ReserveRow.municipality_id == tx.municipality_id, waits)
    if terminal is not None:
        # what lies on a card is no longer the terminal's
        found = found.where(ReserveRow.terminal_id == terminal, ReserveRow.card_uid.is_(None))
    return (await tx.session.scalars(found.order_by(ReserveRow.at, ReserveRow.id))).all()


async def release_reserve(tx: Transaction, reserve_id: UUID, note: str) -> int:
    """Gives the unused units of a reserve back to their quota; returns how many.

    The terminal does not know of it: what it still uses of them, or tells of late, is then overspent.

    Raises:
        NoteMissing
        ReserveUnknown: the municipality has no such reserve, or nothing of it is out any more.
    """
    if not note.strip():
        raise NoteMissing(pointer="/note")
    asked = {"reserve": reserve_id, "who": tx.actor.id, "why": note.strip(), "at": tx.at, "request": tx.request_id}
    units: int | None = await tx.session.scalar(_RELEASE, asked)
    if units is None:
        raise ReserveUnknown
    return units

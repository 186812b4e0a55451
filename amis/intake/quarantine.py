"""What becomes of a notice in quarantine: somebody reads it for a purpose, puts it right, or says why it stays out."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select, update

from amis.intake.arrival import open_refused
from amis.intake.errors import AlreadyDecided, QuarantinedUnknown, ReasonMissing
from amis.intake.models import Arrival, Quarantined
from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.kernel.errors import PurposeMissing
from amis.kernel.log import scrub

REASON_LENGTH = range(3, 501)
WHOLE = ""
"""Stands for the code of what was refused as a whole message."""


def worded(reason: str) -> str:
    """A reason as it is kept: on one line, without personal codes.

    Raises:
        ReasonMissing
    """
    said = " ".join(reason.split())
    if len(said) not in REASON_LENGTH:
        raise ReasonMissing(pointer="/reason")
    return scrub(said)


async def read(tx: Transaction, quarantined_id: UUID, purpose: str) -> tuple[Quarantined, bytes]:
    """One refused notice with its bytes in clear, for a stated purpose; the reading is logged in this transaction.

    Raises:
        QuarantinedUnknown, PurposeMissing, AlreadyDecided: so long ago that its bytes are gone.
    """
    if not purpose.strip():
        raise PurposeMissing
    row = await tx.session.scalar(select(Quarantined).where(*_own(tx, quarantined_id)))
    if row is None:
        raise QuarantinedUnknown
    if not row.sealed:
        raise AlreadyDecided
    await audit.record(tx, "quarantine.read", ("quarantine", row.id), reason=purpose)
    return row, open_refused(row)


async def dismiss(tx: Transaction, quarantined_id: UUID, reason: str) -> Quarantined:
    """Closes a notice without taking it; its sealed bytes stay for another 60 days.

    Raises:
        ReasonMissing, QuarantinedUnknown, AlreadyDecided
    """
    said = worded(reason)
    row = await hold(tx, quarantined_id)
    row.state, row.reason, row.decided_at, row.decided_by = "dismissed", said, tx.at, decider(tx)
    await tx.session.flush()
    before, after = {"state": "open"}, {"state": row.state}
    await audit.record(tx, "quarantine.dismiss", ("quarantine", row.id), before=before, after=after, reason=said)
    return row


async def dismiss_alike(tx: Transaction, sender_id: UUID, code: str, until: datetime, reason: str) -> int:
    """Closes all that a sender had refused for one code (`WHOLE`: unreadable) up to `until`, when it was looked at.

    Raises:
        ReasonMissing
    """
    said = worded(reason)
    alike = Quarantined.municipality_id == tx.municipality_id, Quarantined.sender_id == sender_id
    open_then = Quarantined.state == "open", Quarantined.received_at <= until
    refused = select(Arrival.id).where(Arrival.id == Quarantined.arrival_id, Arrival.error_code == code).exists()
    why = refused if code != WHOLE else Quarantined.arrival_id.is_(None)
    closed = {"state": "dismissed", "reason": said, "decided_at": tx.at, "decided_by": decider(tx)}
    statement = update(Quarantined).where(*alike, *open_then, why).values(closed).returning(Quarantined.id)
    count = len((await tx.session.scalars(statement.execution_options(synchronize_session=False))).all())
    about = {"code": code, "until": until.isoformat(), "count": count}
    await audit.record(tx, "quarantine.dismiss_alike", ("sender", sender_id), after=about, reason=said)
    return count


async def hold(tx: Transaction, quarantined_id: UUID) -> Quarantined:
    """What still waits for a decision, held so that two people cannot decide on it at once.

    Raises:
        QuarantinedUnknown, AlreadyDecided
    """
    query = select(Quarantined).where(*_own(tx, quarantined_id)).with_for_update(key_share=True)
    row = await tx.session.scalar(query.execution_options(populate_existing=True))
    if row is None:
        raise QuarantinedUnknown
    if row.state != "open":
        raise AlreadyDecided
    return row


def decider(tx: Transaction) -> str:
    """Who decides, as the row keeps it."""
    return f"{tx.actor.kind}/{tx.actor.id}"


def _own(tx: Transaction, quarantined_id: UUID) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return Quarantined.municipality_id == tx.municipality_id, Quarantined.id == quarantined_id

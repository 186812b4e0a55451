"""What becomes of a message in quarantine: somebody looks at it and says why nothing more is to be done."""

from uuid import UUID

from sqlalchemy import select

from amis.intake.errors import AlreadyDecided, QuarantinedUnknown, ReasonMissing
from amis.intake.models import Quarantined
from amis.kernel import audit
from amis.kernel.db import Transaction

REASON_LENGTH = range(3, 501)


async def dismiss(tx: Transaction, quarantined_id: UUID, reason: str) -> Quarantined:
    """Closes a message without taking it; its sealed bytes stay for the audit.

    Raises:
        ReasonMissing, QuarantinedUnknown, AlreadyDecided
    """
    said = " ".join(reason.split())
    if len(said) not in REASON_LENGTH:
        raise ReasonMissing(pointer="/reason")
    message = await _locked(tx, quarantined_id)
    if message.state != "open":
        raise AlreadyDecided
    message.state = "dismissed"
    await tx.session.flush()
    before, after = {"state": "open"}, {"state": message.state}
    await audit.record(tx, "quarantine.dismiss", ("quarantine", message.id), before=before, after=after, reason=said)
    return message


async def _locked(tx: Transaction, quarantined_id: UUID) -> Quarantined:
    """The message, held so that two people cannot decide on it at once."""
    query = select(Quarantined).where(
        Quarantined.municipality_id == tx.municipality_id, Quarantined.id == quarantined_id
    )
    message = await tx.session.scalar(query.with_for_update(key_share=True))
    if message is None:
        raise QuarantinedUnknown
    return message

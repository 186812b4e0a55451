"""The audit trail: every change of state writes one leaf in the transaction of the change."""

from typing import Any

from amis.kernel.db import Transaction
from amis.kernel.ids import new_id
from amis.kernel.log import scrub
from amis.kernel.models import AuditEntry


async def record(
    tx: Transaction,
    action: str,
    subject: tuple[str, object],
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
) -> None:
    """Writes one leaf: `action` ("token.block") on `subject` ("token", id).

    `before` and `after` hold ids, states and keyed digests, never the text of an encrypted column.
    """
    tx.session.add(
        AuditEntry(
            id=new_id(),
            at=tx.at,
            municipality_id=tx.actor.municipality_id,
            actor_kind=tx.actor.kind,
            actor_id=tx.actor.id,
            action=action,
            subject_kind=subject[0],
            subject_id=str(subject[1]),
            # People type reasons, and a leaf is never taken back: a personal code in one stays out.
            reason=scrub(reason),
            before=before,
            after=after,
            request_id=tx.request_id,
        )
    )
    await tx.session.flush()

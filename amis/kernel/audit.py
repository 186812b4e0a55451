"""The audit trail: every change of state writes one leaf in the transaction of the change."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, LiteralString

from psycopg import AsyncCursor

from amis.kernel.db import Transaction
from amis.kernel.ids import new_id
from amis.kernel.log import scrub
from amis.kernel.models import AuditEntry

_MANY: LiteralString = """
INSERT INTO audit (id, at, municipality_id, actor_kind, actor_id, action, subject_kind, subject_id, reason, before,
    after, request_id)
SELECT uuidv7(), %(at)s, %(own)s, %(actor_kind)s, %(actor_id)s, leaf.action, leaf.subject_kind, leaf.subject_id, '',
    leaf.before, leaf.after, %(request_id)s
FROM ("""


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


async def record_rows(
    tx: Transaction, cursor: AsyncCursor[Any], rows: LiteralString, values: Mapping[str, object] = MappingProxyType({})
) -> None:
    """Writes a leaf for each row of a query (action, subject_kind, subject_id, before, after), for many at once."""
    acting = {"actor_kind": tx.actor.kind, "actor_id": tx.actor.id, "request_id": tx.request_id}
    about = {"at": tx.at, "own": tx.actor.municipality_id}
    await cursor.execute(_MANY + rows + ") AS leaf", {**values, **acting, **about})

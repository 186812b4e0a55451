"""Reading conflicts: the queue, one of them with the uses beside it, the journals with gaps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text

from amis.kernel.db import Transaction
from amis.validating.errors import ConflictUnknown
from amis.validating.upload_models import ConflictRow

A_PAGE = 50
NEIGHBOURS = "30 minutes"


@dataclass(frozen=True, slots=True)
class ConflictSeen:
    """One conflict as pages show it. `said` is what the terminal decided, `found` what the register knows of it.

    Amounts in `said` and `found` are texts in euros with 4 decimals.
    """

    id: UUID
    kind: str
    state: str
    at: datetime
    use_at: datetime
    use_id: UUID | None
    token_id: UUID | None
    provider_id: UUID
    provider: str
    terminal_id: UUID
    terminal: str
    pairing: int
    seq: int
    said: dict[str, Any]
    found: dict[str, Any]
    settled_at: datetime | None
    settled_by: str | None
    note: str


@dataclass(frozen=True, slots=True)
class Beside:
    """A use of the same token shortly before or after, wherever it was."""

    id: UUID
    at: datetime
    verdict: str
    reason: str
    provider: str
    place: str
    terminal_id: UUID
    gross: Decimal
    payable: Decimal


_SEEN = """
SELECT conflict.id, conflict.kind, conflict.state, conflict.at, conflict.use_at, conflict.use_id, conflict.token_id,
    conflict.provider_id, provider.name AS provider, conflict.terminal_id, coalesce(machine.label, '') AS terminal,
    conflict.pairing, conflict.seq, coalesce(conflict.detail -> 'said', '{}') AS said,
    coalesce(conflict.detail -> 'found', '{}') AS found, conflict.settled_at, conflict.settled_by, conflict.note
FROM conflict
    JOIN provider ON provider.id = conflict.provider_id
    LEFT JOIN machine ON machine.id = conflict.terminal_id
WHERE (conflict.municipality_id = :own OR conflict.municipality_id IS NULL)
"""
_QUEUE = f"""
{_SEEN}
    AND (CAST(:state AS text) IS NULL OR conflict.state = :state)
    AND (CAST(:kind AS text) IS NULL OR conflict.kind = :kind)
    AND (CAST(:provider AS uuid) IS NULL OR conflict.provider_id = :provider)
    AND (CAST(:terminal AS uuid) IS NULL OR conflict.terminal_id = :terminal)
ORDER BY conflict.id DESC LIMIT :limit OFFSET :skip
"""
_ONE = f"{_SEEN} AND conflict.id = :conflict"
_BESIDE = f"""
SELECT use.id, use.at, use.verdict, use.reason, provider.name AS provider, place.name AS place, use.terminal_id,
    use.gross, use.payable
FROM token
    JOIN use ON use.municipality_id = token.municipality_id AND use.person_id = token.person_id
        AND use.token_id = token.id
    JOIN provider ON provider.id = use.provider_id
    JOIN place ON place.id = use.place_id
WHERE token.municipality_id = :own AND token.id = :token
    AND use.at BETWEEN CAST(:at AS timestamptz) - INTERVAL '{NEIGHBOURS}'
        AND CAST(:at AS timestamptz) + INTERVAL '{NEIGHBOURS}'
ORDER BY use.at, use.id LIMIT {A_PAGE}
"""  # noqa: S608


async def list_conflicts(
    tx: Transaction,
    state: str | None = None,
    kind: str | None = None,
    provider: UUID | None = None,
    terminal: UUID | None = None,
    page: int = 1,
) -> tuple[list[ConflictSeen], bool]:
    """One page (from 1) of the conflicts that the acting municipality may see, newest first; whether there are more."""
    asked = {"own": tx.actor.municipality_id, "state": state, "kind": kind, "provider": provider, "terminal": terminal}
    rows = await tx.session.execute(text(_QUEUE), asked | {"limit": A_PAGE + 1, "skip": (page - 1) * A_PAGE})
    found = [ConflictSeen(**row) for row in rows.mappings()]
    return found[:A_PAGE], len(found) > A_PAGE


async def get_conflict(tx: Transaction, conflict_id: UUID) -> ConflictSeen:
    """One conflict.

    Raises:
        ConflictUnknown
    """
    asked = {"own": tx.actor.municipality_id, "conflict": conflict_id}
    row = (await tx.session.execute(text(_ONE), asked)).mappings().one_or_none()
    if row is None:
        raise ConflictUnknown
    return ConflictSeen(**row)


async def uses_beside(tx: Transaction, conflict: ConflictSeen) -> list[Beside]:
    """The uses of the conflict's token half an hour around it, its own among them; none where no token is known."""
    asked = {"own": tx.municipality_id, "token": conflict.token_id, "at": conflict.use_at}
    return [Beside(**row) for row in (await tx.session.execute(text(_BESIDE), asked)).mappings()]


async def open_conflicts(tx: Transaction) -> dict[str, int]:
    """How many conflicts wait, by their kind."""
    waiting = ConflictRow.state.in_(("open", "disputed"))
    counted = select(ConflictRow.kind, func.count().label("n")).where(waiting).group_by(ConflictRow.kind)
    return {row.kind: row.n for row in await tx.session.execute(counted)}


async def lock_conflict(tx: Transaction, conflict_id: UUID) -> ConflictRow:
    """The row, for writing.

    Raises:
        ConflictUnknown
    """
    wanted = select(ConflictRow).where(ConflictRow.id == conflict_id).with_for_update()
    found = (await tx.session.scalars(wanted)).one_or_none()
    if found is None:
        raise ConflictUnknown
    return found


async def waiting_for(tx: Transaction, use_id: UUID) -> Sequence[ConflictRow]:
    """The conflicts about one use on which nobody has decided yet, for writing."""
    waiting = ConflictRow.use_id == use_id, ConflictRow.state.in_(("open", "disputed"))
    return (await tx.session.scalars(select(ConflictRow).where(*waiting).with_for_update())).all()

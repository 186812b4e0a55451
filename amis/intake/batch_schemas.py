"""A batch as its sender sees it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from amis.intake.batch_models import Batch
from amis.intake.models import Arrival
from sync.rows import to_line


class BatchFault(BaseModel):
    """Why the whole file was refused: a stable code, and the place."""

    model_config = ConfigDict(extra="forbid")
    code: str
    detail: str


class BatchTold(BaseModel):
    """Where a batch is: `next_row` of `total_rows` are settled, `counts` says how.

    `total_rows` is null until the file was read once; `withdrawn` counts records that a snapshot does not name.
    """

    model_config = ConfigDict(extra="forbid")
    id: UUID
    sender_id: UUID
    kind: str
    via: str
    as_of: int | None
    format: str
    name: str
    size: int
    sha256: str
    state: str
    total_rows: int | None
    next_row: int
    counts: dict[str, int]
    error: BatchFault | None
    diff: dict[str, Any] | None
    received_at: datetime
    started_at: datetime | None
    ended_at: datetime | None

    @classmethod
    def of(cls, batch: Batch) -> "BatchTold":
        """The batch as it stands."""
        fault = BatchFault(code=batch.error_code, detail=batch.error_detail or "") if batch.error_code else None
        same = {name: getattr(batch, name) for name in cls.model_fields if name not in _MADE}
        return cls(**same, sha256=batch.sha256.hex(), counts=batch.counts, error=fault)


_MADE = {"sha256", "counts", "error"}


class DigestBucket(BaseModel):
    """The records of one bucket: how many, and the exclusive or of their digests in hexadecimal."""

    model_config = ConfigDict(extra="forbid")
    count: int
    value: str


class DigestTold(BaseModel):
    """The ledger of one source in 256 buckets; withdrawals up to `as_of` are left out."""

    model_config = ConfigDict(extra="forbid")
    source: str
    as_of: int | None
    count: int
    buckets: list[DigestBucket]


def row_line(row: Arrival) -> bytes:
    """What became of one row, as a line of NDJSON."""
    about = {"row": row.row_no, "record_id": row.record_id, "verdict": row.verdict}
    return to_line(about | {"code": row.error_code, "pointer": row.error_pointer})

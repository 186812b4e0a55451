"""Files that people hand over, until they confirm what is to be made of them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from amis.kernel.db import Base


class Upload(Base):
    """A file of a source that somebody sent from a page; `batch_id` once it was confirmed."""

    __tablename__ = "notice_upload"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    sender_id: Mapped[UUID]
    actor: Mapped[str]
    name: Mapped[str]
    sha256: Mapped[bytes]
    size: Mapped[int] = mapped_column(BigInteger)
    raw_key: Mapped[bytes]
    profile: Mapped[dict[str, Any]] = mapped_column(JSONB)
    received_at: Mapped[datetime]
    batch_id: Mapped[UUID | None]
    raw_gone_at: Mapped[datetime | None]

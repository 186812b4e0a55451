"""Sources that are asked for what changed."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from amis.kernel.db import Base


class Pull(Base):
    """Where a source is asked, how often and with what; `cursor` is how far it has told, in its own words."""

    __tablename__ = "notice_pull"
    sender_id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    url: Mapped[str]
    bearer: Mapped[bytes | None]
    every: Mapped[timedelta]
    cursor: Mapped[str] = mapped_column(default="")
    asked_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    fault: Mapped[str | None]

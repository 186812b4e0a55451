"""What the connection of a desk reports of itself: passing things, which no audit leaf tells of."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from amis.kernel.db import Base


class DeskPresence(Base):
    """The newest connection of a desk, its readers and the card on one of them.

    `connection` names the connection that serves the desk; an older one ends itself when it reads another name here.
    """

    __tablename__ = "desk_presence"
    desk_id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    connection: Mapped[UUID]
    agent: Mapped[str] = mapped_column(default="")
    readers: Mapped[list[str]] = mapped_column(JSONB, default=list)
    reader: Mapped[str] = mapped_column(default="")
    card_uid: Mapped[bytes | None]
    card_present: Mapped[bool] = mapped_column(default=False)
    seen_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

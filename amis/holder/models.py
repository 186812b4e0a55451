"""Tables of holders: one-time codes, phones, and what a phone has proved once."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from amis.kernel.db import Base


class HolderCode(Base):
    """A code that puts a token onto a phone, once; only its keyed digest is kept.

    It ends when it is used or when another one is given for the same token.
    """

    __tablename__ = "holder_code"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    token_id: Mapped[UUID]
    code_hash: Mapped[bytes] = mapped_column(unique=True)
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class HolderDevice(Base):
    """A phone with the public half of its key (JWK, RFC 7517) and the thumbprint (RFC 7638) by which it is found.

    It follows its token to the successor that a changed right makes; a live one is alone on its token.
    """

    __tablename__ = "holder_device"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    token_id: Mapped[UUID]
    jwk: Mapped[dict[str, str]] = mapped_column(JSONB)
    thumbprint: Mapped[str] = mapped_column(unique=True)
    enrolled_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    reason: Mapped[str]


class HolderRequest(Base):
    """The one-time id of a proved request, kept while its proof could be shown again."""

    __tablename__ = "holder_request"
    device_id: Mapped[UUID] = mapped_column(primary_key=True)
    jti_hash: Mapped[bytes] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    expires_at: Mapped[datetime]

"""Tables of what flows out: readers of the feed, webhooks with their keys, deliveries and every try."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from amis.kernel.db import Base


class FeedConsumer(Base):
    """Somebody who reads the feed: `after` is what they asked for last, so they have seen all up to it."""

    __tablename__ = "feed_consumer"
    municipality_id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    label: Mapped[str]
    after: Mapped[int] = mapped_column(BigInteger)
    asked_at: Mapped[datetime]


class Webhook(Base):
    """An address to which entries of the feed are posted.

    State: waiting (for the approval of a colleague), active, paused, disabled (the receiver said 410), ended. All up to
    `cursor` has become deliveries. With `sender_id` it is a source's own: it hears of its own notices only, and by its
    own record ids. The address never changes.
    """

    __tablename__ = "webhook"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    label: Mapped[str]
    url: Mapped[str]
    topics: Mapped[list[str]] = mapped_column(ARRAY(Text))
    sender_id: Mapped[UUID | None]
    state: Mapped[str]
    why: Mapped[str] = mapped_column(default="")
    cursor: Mapped[int] = mapped_column(BigInteger)
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    approved_by: Mapped[str | None]


class WebhookKey(Base):
    """A key that signs what a webhook is sent; `wrapped` is its private or shared half, `ends_at` when it stops."""

    __tablename__ = "webhook_key"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    webhook_id: Mapped[UUID]
    version: Mapped[str]
    wrapped: Mapped[bytes]
    public: Mapped[str | None]
    made_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]


class Delivery(Base):
    """One entry of the feed for one webhook: pending until it is done, or dead after the last try.

    `key` is whom it is about: of each key only the oldest pending one is tried. While it is tried, `due_at` is when
    another worker may take it over, and `lease` says who has it.
    """

    __tablename__ = "webhook_delivery"
    municipality_id: Mapped[int]
    webhook_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    topic: Mapped[str]
    key: Mapped[str]
    state: Mapped[str]
    attempts: Mapped[int]
    due_at: Mapped[datetime]
    lease: Mapped[UUID | None]
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Attempt(Base):
    """One try of a delivery: the answer's status and beginning, or the error; insert only."""

    __tablename__ = "webhook_attempt"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    webhook_id: Mapped[UUID]
    seq: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]
    took_ms: Mapped[int]
    status: Mapped[int | None]
    error: Mapped[str]
    answer: Mapped[str]

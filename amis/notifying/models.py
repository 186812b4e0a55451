"""Tables of notifying. Where a person is reached and what was written stand under the person's own key."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from amis.kernel.days import DayRanges
from amis.kernel.db import Base
from rules.period import EMPTY, Days


class Contact(Base):
    """How a person is reached and wants to be; each sealed column is NULL where nothing is known."""

    __tablename__ = "contact"
    municipality_id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    email_sealed: Mapped[bytes | None]
    phone_sealed: Mapped[bytes | None]
    address_sealed: Mapped[bytes | None]
    language: Mapped[str]
    channel: Mapped[str]
    changed_at: Mapped[datetime]
    changed_by: Mapped[str]


class NotifyingSetting(Base):
    """What a municipality tells its holders, and how; nothing goes out while it is not `active`.

    `days_before`: so many days before a last day it is told. Changes of one person within `quiet_minutes` of each
    other become one message. At most `a_minute` messages leave in a minute.
    """

    __tablename__ = "notifying_setting"
    municipality_id: Mapped[int] = mapped_column(primary_key=True)
    active: Mapped[bool]
    kinds: Mapped[list[str]] = mapped_column(ARRAY(Text))
    days_before: Mapped[int]
    quiet_minutes: Mapped[int]
    a_minute: Mapped[int]
    sender_lv: Mapped[str]
    sender_en: Mapped[str]
    questions: Mapped[str]
    changed_at: Mapped[datetime]
    changed_by: Mapped[str]


class NotifyingMark(Base):
    """How far a municipality's feed has been read."""

    __tablename__ = "notifying_mark"
    municipality_id: Mapped[int] = mapped_column(primary_key=True)
    seq: Mapped[int]


class News(Base):
    """One thing that may have to be told to a person; `cause_key` makes sure that it is taken up once.

    `topic` is a `Kind`, or `entitlement`: what that amounts to is known only together with its neighbours. `held`: it
    follows from a change for everybody and waits for somebody's decision. It is settled once it is in a message or
    there is nothing to tell.
    """

    __tablename__ = "holder_news"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    person_id: Mapped[UUID]
    cause_key: Mapped[str]
    topic: Mapped[str]
    concession_id: Mapped[UUID | None]
    rule_id: Mapped[UUID | None]
    token_id: Mapped[UUID | None]
    gained: Mapped[Days] = mapped_column(DayRanges, default=EMPTY)
    lost: Mapped[Days] = mapped_column(DayRanges, default=EMPTY)
    last_day: Mapped[date | None]
    cause: Mapped[str]
    cause_ref: Mapped[str]
    happened_at: Mapped[datetime]
    noted_at: Mapped[datetime]
    held: Mapped[bool]
    settled_at: Mapped[datetime | None]
    message_id: Mapped[UUID | None]


class Message(Base):
    """A message to a person: `sealed` is its text (`content.Content` as JSON), NULL once it is not kept any more.

    `channel` is empty where there was no way to the person. `attempts` counts those of the present channel;
    `lease_until` is set while a worker sends it.
    """

    __tablename__ = "holder_message"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    person_id: Mapped[UUID]
    kinds: Mapped[list[str]] = mapped_column(ARRAY(Text))
    legal: Mapped[bool]
    channel: Mapped[str]
    language: Mapped[str]
    state: Mapped[str]
    sealed: Mapped[bytes | None]
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    attempts: Mapped[int]
    lease_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    error: Mapped[str]

"""Tables of registries that speak the DCI interface: peers, what came from them, and what they were asked."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Integer, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from amis.kernel.db import Base


class Registry(Base):
    """A sender that is a social registry: both sides' ids on the wire, its address, and how it names persons.

    `answer_uri` is where it sends what it was asked for; `heard_until` is the moment up to which its changes are known,
    `pull_every` how often it is asked for more (None: it tells by itself).
    """

    __tablename__ = "registry"
    sender_id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    registry_id: Mapped[str]
    own_id: Mapped[str]
    url: Mapped[str]
    answer_uri: Mapped[str]
    code_types: Mapped[list[str]] = mapped_column(ARRAY(Text))
    number_type: Mapped[str | None]
    own_kid: Mapped[str]
    own_key: Mapped[bytes]
    heard_until: Mapped[datetime | None]
    pull_every: Mapped[timedelta | None]


class RegistryMessage(Base):
    """A message of a registry, once: how it was answered, and how many records, events and refusals it held."""

    __tablename__ = "registry_message"
    municipality_id: Mapped[int] = mapped_column(primary_key=True)
    sender_id: Mapped[UUID] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(primary_key=True)
    action: Mapped[str]
    digest: Mapped[bytes]
    correlation_id: Mapped[UUID]
    ack: Mapped[str]
    records: Mapped[int]
    events: Mapped[int]
    refused: Mapped[int]
    received_at: Mapped[datetime]


class RegistryRequest(Base):
    """One transaction with a registry, by the id that is sent; `pages` came, `codes` are its subscriptions.

    asked -> pending (its first answers came) -> done; rejected by the registry, failed for want of an answer; a
    subscription that was taken back is ended. `about` is the transaction whose status was asked for.
    """

    __tablename__ = "registry_request"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    sender_id: Mapped[UUID]
    action: Mapped[str]
    about: Mapped[UUID | None]
    correlation_id: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str]
    since: Mapped[datetime | None]
    until: Mapped[datetime | None]
    pages: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    codes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]

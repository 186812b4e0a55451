"""Tables of issuing: tokens, what each of them shows, and the lists that say which still hold."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import SmallInteger
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from amis.kernel.db import Base


class StatusList(Base):
    """One status list; the tokens of a cohort (the half-year in which they expire) take random places in it."""

    __tablename__ = "status_list"
    id: Mapped[int] = mapped_column(primary_key=True)
    cohort: Mapped[str]


class Token(Base):
    """What a person identifies with, valid on `[valid_from, valid_to)`.

    `number` is its AM0 reference; `status` its two bits in the status list; `reason` why it is blocked or ended;
    `rights_changed` says that a right its newest credential promises was shortened or lost. A card has the
    application that asked for it, the UID of its chip, the version of the keys in it and the day it was posted.
    """

    __tablename__ = "token"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    person_id: Mapped[UUID]
    kind: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str]
    number: Mapped[str] = mapped_column(unique=True)
    status_list: Mapped[int]
    status_index: Mapped[int]
    status: Mapped[int] = mapped_column(SmallInteger)
    rights_changed: Mapped[bool]
    generation: Mapped[int]
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    requested_at: Mapped[datetime]
    activated_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    replaces: Mapped[UUID | None]
    application_id: Mapped[UUID | None]
    card_uid: Mapped[bytes | None]
    keyset: Mapped[int | None] = mapped_column(SmallInteger)
    posted_on: Mapped[date | None]


class CredentialRow(Base):
    """The signed content of a token; `cti` is the claim by which a tap finds it (None on a phone).

    `profile`: S anonymous on paper, P on paper with a name, B for one phone alone, C in a chip. `rights` lists
    [public code, last day] as promised; `sealed` is the text under the key of `person_id`, who held the token then
    (None = who holds it: nobody has been merged since).
    """

    __tablename__ = "credential"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    token_id: Mapped[UUID]
    person_id: Mapped[UUID | None]
    generation: Mapped[int]
    profile: Mapped[str]
    kid: Mapped[bytes]
    cti: Mapped[bytes | None] = mapped_column(unique=True)
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    rights: Mapped[list[list[int | str]]] = mapped_column(JSONB)
    sealed: Mapped[bytes]

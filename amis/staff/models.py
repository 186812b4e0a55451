"""Tables of staff and machines."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from amis.kernel.db import Base


class Account(Base):
    """A member of staff of one municipality; signs in with a password and a code of a second device."""

    __tablename__ = "account"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"))
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str]
    totp_sealed: Mapped[bytes]
    totp_step: Mapped[int] = mapped_column(default=0)
    state: Mapped[str]
    created_at: Mapped[datetime]
    signed_in_at: Mapped[datetime | None]


class AccountRole(Base):
    """One role of one account."""

    __tablename__ = "account_role"
    municipality_id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)


class StaffSession(Base):
    """A browser that is signed in (`open`), or whose password was right and whose code is awaited (`code`)."""

    __tablename__ = "staff_session"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    account_id: Mapped[UUID]
    secret_hash: Mapped[bytes]
    stage: Mapped[str]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    browser: Mapped[str]
    purposes: Mapped[dict[str, str]] = mapped_column(JSONB)


class SignInAttempt(Base):
    """Failures of late for one e-mail address, whether or not it has an account; kept by keyed digest."""

    __tablename__ = "sign_in_attempt"
    digest: Mapped[bytes] = mapped_column(primary_key=True)
    failures: Mapped[int]
    retry_at: Mapped[datetime | None]
    last_at: Mapped[datetime]


class Machine(Base):
    """A terminal, desk or sender; of one municipality, or of none where a provider owns it."""

    __tablename__ = "machine"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int | None] = mapped_column(ForeignKey("municipality.id"))
    kind: Mapped[str]
    label: Mapped[str]
    state: Mapped[str]
    pairing: Mapped[int | None]
    created_at: Mapped[datetime]


class MachinePairing(Base):
    """One pairing of a machine: a one-time code, then its public key, then somebody's approval."""

    __tablename__ = "machine_pairing"
    machine_id: Mapped[UUID] = mapped_column(ForeignKey("machine.id"), primary_key=True)
    pairing: Mapped[int] = mapped_column(primary_key=True)
    municipality_id: Mapped[int | None]
    code_hash: Mapped[bytes]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    jwk: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    fingerprint: Mapped[str | None]
    paired_at: Mapped[datetime | None]
    approved_by: Mapped[str | None]
    approved_at: Mapped[datetime | None]


class MachineToken(Base):
    """An opaque access token of a machine, known by its SHA-256; it dies with the pairing that it was given to."""

    __tablename__ = "machine_token"
    hash: Mapped[bytes] = mapped_column(primary_key=True)
    machine_id: Mapped[UUID]
    pairing: Mapped[int]
    municipality_id: Mapped[int | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class MachineAssertion(Base):
    """A client assertion that was used, so that it is not used again before it expires."""

    __tablename__ = "machine_assertion"
    machine_id: Mapped[UUID] = mapped_column(primary_key=True)
    jti_hash: Mapped[bytes] = mapped_column(primary_key=True)
    municipality_id: Mapped[int | None]
    expires_at: Mapped[datetime]

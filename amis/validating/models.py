"""Tables of the room as pages read and write them; the hot path writes the ledger by its own functions."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ForeignKey, Numeric
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from amis.kernel.db import Base


class Provider(Base):
    """A carrier or a venue: who gives the service at a reduced price."""

    __tablename__ = "provider"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[str]


class PlaceRow(Base):
    """Where a provider's terminals stand or ride; coordinates in degrees (WGS 84)."""

    __tablename__ = "place"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    provider_id: Mapped[UUID] = mapped_column(ForeignKey("provider.id"))
    code: Mapped[str]
    name: Mapped[str]
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    mode: Mapped[str]
    zone: Mapped[str | None]


class Terminal(Base):
    """A paired machine that validates for a provider, with the place it is at unless a tap says another."""

    __tablename__ = "terminal"
    machine_id: Mapped[UUID] = mapped_column(primary_key=True)
    provider_id: Mapped[UUID] = mapped_column(ForeignKey("provider.id"))
    place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    chip_keys: Mapped[str] = mapped_column(default="")


class Acceptance(Base):
    """A provider takes a grantor's concessions: one of them, or all (no `concession_id`)."""

    __tablename__ = "acceptance"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    provider_id: Mapped[UUID] = mapped_column(ForeignKey("provider.id"))
    grantor_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"))
    concession_id: Mapped[UUID | None]


class Use(Base):
    """One concession used once: insert only, itself a leaf of the audit tree.

    `gross` is the full price of all whom the concession covered, `payable` what the holder paid, both in euros. A use
    taken back has a second row of opposite amounts that names it in `reverses`. `quota_units` of the counter that
    `quota_per` and `quota_window` name were taken. `shares` says who pays how much of the discount where several do.
    What everybody may use has no person and no token, and the grantor's municipality.
    """

    __tablename__ = "use"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    recorded_at: Mapped[datetime]
    day: Mapped[date]
    municipality_id: Mapped[int]
    person_id: Mapped[UUID | None]
    token_id: Mapped[UUID | None]
    concession_id: Mapped[UUID]
    revision: Mapped[int]
    grantor_id: Mapped[int]
    funder: Mapped[str]
    provider_id: Mapped[UUID]
    place_id: Mapped[UUID]
    terminal_id: Mapped[UUID]
    pairing: Mapped[int]
    seq: Mapped[int]
    product: Mapped[str]
    gross: Mapped[Decimal] = mapped_column(Numeric(12, 4))
    payable: Mapped[Decimal] = mapped_column(Numeric(12, 4))
    discount: Mapped[Decimal] = mapped_column(Numeric(12, 4))
    companions: Mapped[int]
    verdict: Mapped[str]
    reason: Mapped[str]
    quota_per: Mapped[str | None]
    quota_window: Mapped[date | None]
    quota_units: Mapped[int]
    shares: Mapped[list[tuple[str, str]] | None] = mapped_column(JSONB)
    reverses: Mapped[UUID | None]

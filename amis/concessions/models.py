"""Tables of the classifier. Rows of the state are readable by every municipality."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import FetchedValue, ForeignKeyConstraint, Numeric
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from amis.kernel.db import Base


class ConcessionGroup(Base):
    """A group under which a grantor lists its concessions."""

    __tablename__ = "concession_group"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    code: Mapped[str]
    name_lv: Mapped[str]
    name_en: Mapped[str]


class Concession(Base):
    """What a grantor (`municipality_id`) gives; `public_code` is the tariff class that tokens carry (1 to 65535).

    `budget` is what the grantor set aside for it, `administration_cost` what running it costs; both euros a year.
    """

    __tablename__ = "concession"
    __table_args__ = (
        ForeignKeyConstraint(
            ["municipality_id", "group_id"], ["concession_group.municipality_id", "concession_group.id"]
        ),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    code: Mapped[str]
    public_code: Mapped[int] = mapped_column(server_default=FetchedValue())
    group_id: Mapped[UUID]
    name_lv: Mapped[str]
    name_en: Mapped[str]
    legal_basis: Mapped[str]
    goal: Mapped[str]
    indicator: Mapped[str]
    budget_line: Mapped[str]
    budget: Mapped[Decimal | None] = mapped_column(Numeric(14, 2))
    administration_cost: Mapped[Decimal] = mapped_column(Numeric(12, 2))
    funder: Mapped[str]
    proof_lv: Mapped[str]
    proof_en: Mapped[str]
    state: Mapped[str]
    group: Mapped[ConcessionGroup] = relationship(lazy="raise", viewonly=True)
    revisions: Mapped[list["ConcessionTerms"]] = relationship(
        lazy="raise", viewonly=True, order_by="ConcessionTerms.valid_from"
    )


class ConcessionTerms(Base):
    """A revision of the terms, in force on `[valid_from, valid_to)`; JSON of rules.tariff, rules.terms, rules.funding.

    A row never changes, but that an open end is closed once, when the next revision begins.
    """

    __tablename__ = "concession_terms"
    __table_args__ = (
        ForeignKeyConstraint(["municipality_id", "concession_id"], ["concession.municipality_id", "concession.id"]),
    )
    concession_id: Mapped[UUID] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    municipality_id: Mapped[int]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    discount: Mapped[dict[str, Any]] = mapped_column(JSONB)
    quota: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    terms: Mapped[dict[str, Any]] = mapped_column(JSONB)
    funding: Mapped[list[dict[str, str]]] = mapped_column(JSONB)


class CardProduct(Base):
    """A card that a grantor issues on `[valid_from, valid_to)`: fees in euros, months until a card expires.

    New fees are a new row; the row before is closed.
    """

    __tablename__ = "card_product"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    code: Mapped[str]
    name_lv: Mapped[str]
    name_en: Mapped[str]
    first_fee: Mapped[Decimal] = mapped_column(Numeric(12, 2))
    replacement_fee: Mapped[Decimal] = mapped_column(Numeric(12, 2))
    valid_months: Mapped[int]
    legal_basis: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]

"""Shapes of the JSON API of concessions."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from amis.concessions.models import Concession, ConcessionTerms


class _Shape(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class TermsOut(_Shape):
    """A revision of the terms, in force from `valid_from` up to but not including `valid_to`."""

    revision: int
    valid_from: date
    valid_to: date | None
    discount: dict[str, Any] = Field(description="kind (free, percent, amount_off, fixed_price, cap), value, products")
    quota: dict[str, Any] | None = Field(description="n uses per day, week, month, year or period")
    terms: dict[str, Any] = Field(description="limits of time, place, product and companions; absent = no limit")
    funding: list[dict[str, str]] = Field(description="who pays: funder and share or amount; empty = the funder alone")

    @classmethod
    def of(cls, row: ConcessionTerms) -> "TermsOut":
        """The shape of a stored revision."""
        return cls(**{field: getattr(row, field) for field in cls.model_fields})


class ConcessionOut(_Shape):
    """A concession; `public_code` is the tariff class that tokens carry."""

    id: UUID
    code: str
    public_code: int
    grantor: str = Field(description="code of the municipality, LV for the state")
    group: str
    name_lv: str
    name_en: str
    legal_basis: str
    goal: str
    indicator: str
    budget_line: str
    budget: Decimal | None = Field(description="euros a year that are set aside")
    administration_cost: Decimal = Field(description="euros a year that running it costs")
    funder: str
    proof_lv: str
    proof_en: str
    state: str
    revisions: list[TermsOut]

    @classmethod
    def of(cls, row: Concession, grantor: str) -> "ConcessionOut":
        """The shape of a stored concession."""
        revisions = [TermsOut.of(one) for one in row.revisions]
        made: dict[str, Any] = {"grantor": grantor, "group": row.group.code, "revisions": revisions}
        return cls(**made, **{field: getattr(row, field) for field in cls.model_fields if field not in made})


class ConcessionList(_Shape):
    """The concessions that the caller's municipality may use."""

    concessions: list[ConcessionOut]

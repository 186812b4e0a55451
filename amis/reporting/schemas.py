"""Shapes of the JSON API of reports."""

from decimal import Decimal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from amis.reporting.figures import Sums
from amis.reporting.scope import month_text
from amis.reporting.store import Line

_MONTH = r"^20\d\d-(0[1-9]|1[0-2])$"


class UsesQuery(BaseModel):
    """What a report is limited to; without months, the last twelve."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    first: str | None = Field(None, alias="from", pattern=_MONTH, description="first month, such as 2026-01")
    last: str | None = Field(None, alias="to", pattern=_MONTH, description="last month, included; at most 36 months")
    provider: str | None = Field(None, pattern=r"^[A-Z0-9-]{2,32}$", description="code of the provider")
    concession: UUID | None = None
    funder: str | None = Field(None, min_length=1, max_length=200)


class _Shape(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class UsesLine(_Shape):
    """One concession at one provider in one month. Amounts in euros, as exact decimal texts."""

    month: str
    provider: str
    grantor: str
    concession_id: UUID
    concession: str | None = Field(description="null for a concession of another municipality")
    funder: str
    uses: int
    gross: str
    payable: str
    discount: str

    @classmethod
    def of(cls, line: Line) -> "UsesLine":
        """The line of the report."""
        return cls(
            month=month_text(line.month),
            provider=line.provider,
            grantor=line.grantor,
            concession_id=line.concession_id,
            concession=line.concession,
            funder=line.funder,
            uses=line.uses,
            gross=_exact(line.gross),
            payable=_exact(line.payable),
            discount=_exact(line.discount),
        )


class UsesTotal(_Shape):
    """The sums over all lines."""

    uses: int
    gross: str
    payable: str
    discount: str

    @classmethod
    def of(cls, sums: Sums) -> "UsesTotal":
        """The sums of the report."""
        amounts = {name: _exact(getattr(sums, name)) for name in ("gross", "payable", "discount")}
        return cls(uses=sums.uses, **amounts)


class UsesReport(_Shape):
    """Uses and discount by month, provider, concession and funder; uses taken back are subtracted."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, populate_by_name=True)
    first: str = Field(alias="from")
    last: str = Field(alias="to")
    lines: list[UsesLine]
    total: UsesTotal


def _exact(amount: Decimal) -> str:
    return f"{amount:.4f}"

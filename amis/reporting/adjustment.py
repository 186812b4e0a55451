"""Reads of settlement: what was put right in which month, and which months are closed."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select, text

from amis.kernel.db import Transaction
from amis.reporting.models import SettlementAdjustment, SettlementMonth
from amis.reporting.scope import Scope, shifted

_ADJUSTED = """
SELECT adjustment.month, provider.name AS provider, concession.name_lv, concession.name_en, adjustment.funder,
    adjustment.state, concession.code, sum(adjustment.uses)::bigint AS uses, sum(adjustment.amount) AS amount
FROM settlement_adjustment AS adjustment
    JOIN provider ON provider.id = adjustment.provider_id
    LEFT JOIN concession ON concession.id = adjustment.concession_id
WHERE (adjustment.municipality_id = :own OR adjustment.grantor_id = :own)
    AND adjustment.month BETWEEN :first AND :last
    AND (CAST(:provider AS text) IS NULL OR provider.code = :provider)
    AND (CAST(:concession AS uuid) IS NULL OR adjustment.concession_id = :concession)
    AND (CAST(:funder AS text) IS NULL OR adjustment.funder = :funder)
GROUP BY adjustment.month, provider.name, concession.name_lv, concession.name_en, adjustment.funder, adjustment.state,
    concession.code
ORDER BY adjustment.month DESC, provider.name, concession.name_lv, adjustment.funder, adjustment.state
"""


@dataclass(frozen=True, slots=True)
class Adjusted:
    """What was put right in a month at one provider for one funder: recovered, or written off; `amount` in euros.

    The concession's names and code are None for one of a grantor whose classifier is not readable here.
    """

    month: date
    provider: str
    name_lv: str | None
    name_en: str | None
    funder: str
    state: str
    code: str | None
    uses: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Month:
    """A month of settlement; `closed_at` None = it is open."""

    month: date
    closed_at: datetime | None
    closed_by: str | None


async def adjusted(tx: Transaction, scope: Scope) -> list[Adjusted]:
    """What was put right in the months of a report, the newest first."""
    asked = {
        "own": tx.municipality_id,
        "first": scope.first,
        "last": scope.last,
        "provider": scope.provider,
        "concession": scope.concession,
        "funder": scope.funder,
    }
    return [Adjusted(**row) for row in (await tx.session.execute(text(_ADJUSTED), asked)).mappings()]


async def adjustments_of(tx: Transaction, case_id: UUID) -> list[SettlementAdjustment]:
    """What was decided on a case, in the order of decisions."""
    query = select(SettlementAdjustment).where(
        SettlementAdjustment.municipality_id == tx.municipality_id, SettlementAdjustment.cause_log_id == case_id
    )
    return list(await tx.session.scalars(query.order_by(SettlementAdjustment.id)))


async def months(tx: Transaction, today: date, count: int = 6) -> list[Month]:
    """The latest months that are over, the newest first; with a month all before it are closed."""
    query = select(SettlementMonth).where(SettlementMonth.municipality_id == tx.municipality_id)
    rows = list(await tx.session.scalars(query.order_by(SettlementMonth.month)))
    over = [shifted(today.replace(day=1), -step) for step in range(1, count + 1)]
    closing = [(one, next((row for row in rows if row.month >= one), None)) for one in over]
    return [Month(one, row.closed_at if row else None, row.closed_by if row else None) for one, row in closing]


async def provider_names(tx: Transaction) -> dict[UUID, str]:
    """The name of every provider."""
    rows = await tx.session.execute(text("SELECT id, name FROM provider"))
    return {row.id: row.name for row in rows}

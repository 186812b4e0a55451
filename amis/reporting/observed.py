"""How much concessions are used in fact: uses for each day on which a holder could use them, for simulations."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import text

from amis.kernel.db import Transaction
from amis.reporting.scope import shifted

MONTHS = 3
"""Whole months that are looked back on."""
_OBSERVED = """
WITH held AS (
    SELECT mine.concession_id, sum(coalesce(upper(part), CAST(:after AS date)) - lower(part))::bigint AS holder_days
    FROM entitlement AS mine
        CROSS JOIN unnest((mine.periods - mine.suspended) * datemultirange(daterange(:first, :after))) AS part
    WHERE mine.municipality_id = :own AND mine.from_day < :after
    GROUP BY mine.concession_id
), used AS (
    SELECT concession_id, sum(uses - repeated)::bigint AS uses, sum(gross) AS gross, sum(discount) AS discount
    FROM use_month
    WHERE municipality_id = :own AND month >= :first AND month < :after
    GROUP BY concession_id
)
SELECT concession.id, concession.code, concession.name_lv, concession.name_en, held.holder_days,
    coalesce(used.uses, 0) AS uses, coalesce(used.gross, 0) AS gross, coalesce(used.discount, 0) AS discount
FROM held JOIN concession ON concession.id = held.concession_id LEFT JOIN used ON used.concession_id = concession.id
ORDER BY concession.code, concession.id
"""
_VERSIONS = """
SELECT grant_rule.concession_id, grant_rule.id, grant_rule.code, rule_version.version
FROM grant_rule JOIN rule_version ON rule_version.rule_id = grant_rule.id
WHERE grant_rule.municipality_id = :own AND rule_version.published_at IS NULL
ORDER BY grant_rule.code, rule_version.version
"""
_RATE, _PRICE = Decimal("0.0001"), Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Observed:
    """What holders who live here used of a concession; amounts in euros. `holder_days` leaves out suspended days."""

    id: UUID
    code: str
    name_lv: str
    name_en: str
    holder_days: int
    uses: int
    gross: Decimal
    discount: Decimal

    @property
    def uses_per_day(self) -> Decimal:
        """Uses for each day of each holder, to the ten-thousandth."""
        return (Decimal(self.uses) / self.holder_days).quantize(_RATE) if self.holder_days else Decimal(0)

    @property
    def price(self) -> Decimal | None:
        """The mean full price of a use, to the cent; None without any use."""
        return (self.gross / self.uses).quantize(_PRICE) if self.uses > 0 else None


@dataclass(frozen=True, slots=True)
class Unpublished:
    """A version of a rule that could still be simulated."""

    concession_id: UUID
    rule_id: UUID
    rule: str
    version: int


def looked_back_on(today: date) -> tuple[date, date]:
    """The first day of the months looked back on, and the first day after them."""
    after = today.replace(day=1)
    return shifted(after, -MONTHS), after


async def observed(tx: Transaction, today: date) -> list[Observed]:
    """Each concession that somebody here had in the last whole months, by code."""
    first, after = looked_back_on(today)
    values = {"own": tx.municipality_id, "first": first, "after": after}
    return [Observed(**row) for row in (await tx.session.execute(text(_OBSERVED), values)).mappings()]


async def unpublished(tx: Transaction) -> list[Unpublished]:
    """The versions of own rules that are not in force yet, by code."""
    rows = await tx.session.execute(text(_VERSIONS), {"own": tx.municipality_id})
    return [Unpublished(*row) for row in rows]

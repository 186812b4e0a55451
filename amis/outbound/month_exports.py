"""What a provider's month came to: each use, and what is to be settled."""

from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import text

from amis.kernel.clock import RIGA
from amis.kernel.db import Transaction
from amis.outbound.errors import ExportUnknown
from amis.outbound.export_file import Row
from amis.reporting import adjustment, settlement, store
from amis.reporting.scope import Scope, month_text, read_month, shifted

USE_COLUMNS = (
    "use_id",
    "at",
    "day",
    "recorded_at",
    "municipality",
    "grantor",
    "concession",
    "funder",
    "place",
    "place_name",
    "terminal_id",
    "product",
    "gross_eur",
    "payable_eur",
    "discount_eur",
    "companions",
    "verdict",
    "reason",
    "reverses",
    "shares",
)
SETTLEMENT_COLUMNS = (
    "month",
    "state",
    "kind",
    "provider",
    "grantor",
    "concession",
    "funder",
    "uses",
    "gross_eur",
    "payable_eur",
    "discount_eur",
)
# The partitions of uses lie by instant and a month is one of local days: a day more on both sides finds them all.
_USES = """
SELECT use.id AS use_id, use.at, use.day, use.recorded_at, home.code AS municipality, grantor.code AS grantor,
    concession.code AS concession, use.funder, place.code AS place, place.name AS place_name, use.terminal_id,
    use.product, use.gross AS gross_eur, use.payable AS payable_eur, use.discount AS discount_eur, use.companions,
    use.verdict, use.reason, use.reverses, use.shares
FROM use
    JOIN municipality AS home ON home.id = use.municipality_id
    JOIN municipality AS grantor ON grantor.id = use.grantor_id
    LEFT JOIN place ON place.id = use.place_id
    LEFT JOIN concession ON concession.id = use.concession_id
WHERE use.provider_id = (SELECT id FROM provider WHERE code = :provider)
    AND (use.municipality_id = :own OR use.grantor_id = :own)
    AND use.day >= :first AND use.day < :after AND use.at >= :begin AND use.at < :end
ORDER BY use.at, use.id
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """A provider's month: its code and the first day of the month."""

    provider: str
    month: date

    @property
    def name(self) -> str:
        """The part of a file's name that says it."""
        return f"{self.provider.lower()}-{month_text(self.month)}"


async def asked_for(tx: Transaction, provider: str, month: str) -> Asked:
    """Reads what is asked for.

    Raises:
        ExportUnknown: no such provider, or no month such as 2026-05.
    """
    first = read_month(month)
    if first is None or provider not in {code for code, _ in await store.providers(tx)}:
        raise ExportUnknown
    return Asked(provider, first)


async def uses(tx: Transaction, asked: Asked) -> AsyncIterator[Row]:
    """Each use at the provider in that month that is of one's own holders or one's own concessions, in its order.

    `at` and `recorded_at` are local; `shares` lists [funder, discount] where several funders share one.
    """
    first, after = asked.month, shifted(asked.month, 1)
    values: dict[str, Any] = {"own": tx.municipality_id, "provider": asked.provider, "first": first, "after": after}
    values |= {"begin": first - timedelta(days=1), "end": after + timedelta(days=1)}
    found = await tx.session.stream(text(_USES), values)
    async for row in found.mappings():
        yield {**row, "at": row["at"].astimezone(RIGA), "recorded_at": row["recorded_at"].astimezone(RIGA)}


async def settled(tx: Transaction, asked: Asked) -> AsyncIterator[Row]:
    """The sums of that month by concession and funder, then what was put right in it; `state` open or closed."""
    scope = Scope(asked.month, asked.month, asked.provider)
    closed = await settlement.closed_through(tx)
    frame = {
        "month": month_text(asked.month),
        "state": "closed" if closed is not None and asked.month <= closed else "open",
        "provider": asked.provider,
    }
    for line in await store.lines(tx, scope):
        told = asdict(line)
        amounts = {f"{name}_eur": told[name] for name in ("gross", "payable", "discount")}
        yield told | amounts | frame | {"kind": "uses"}
    for one in await adjustment.adjusted(tx, scope):
        amounts = {"gross_eur": None, "payable_eur": None, "discount_eur": -one.amount}
        about = {"grantor": None, "concession": one.code, "funder": one.funder, "uses": one.uses}
        yield frame | about | amounts | {"kind": one.state}

"""Reading: monthly sums, with the uses that are not in them yet added in the same statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from psycopg.errors import QueryCanceled
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from amis.kernel.db import Transaction
from amis.reporting.errors import ReportTooSlow
from amis.reporting.scope import Scope, shifted
from amis.reporting.shares import COLUMNS, PAID

TIME_OUT = 5_000
"""Milliseconds that one statement of a report may take."""

_MARK = "SELECT xid_before::text FROM use_month_mark"
# `known` is the mark of a moment ago: the planner finds the short tail by it. The mark of the statement's own snapshot
# then draws the exact line between what is summed up and what is not, so that nothing is counted twice or left out.
_SUMS = f"""
WITH part AS (
    SELECT month, provider_id, concession_id, grantor_id, funder, uses, repeated, gross, payable, discount
    FROM use_month
    WHERE (municipality_id = :own OR grantor_id = :own) AND month >= :first AND month < :after
    UNION ALL
    SELECT date_trunc('month', use.day)::date, use.provider_id, use.concession_id, use.grantor_id, {COLUMNS}
    FROM use {PAID}
    WHERE use.xid >= CAST(:known AS xid8) AND use.xid >= (SELECT xid_before FROM use_month_mark)
        AND (use.municipality_id = :own OR use.grantor_id = :own) AND use.day >= :first AND use.day < :after
), summed AS (
    SELECT month, provider_id, concession_id, grantor_id, funder, sum(uses)::bigint AS uses,
        sum(repeated)::bigint AS repeated, sum(gross) AS gross, sum(payable) AS payable, sum(discount) AS discount
    FROM part GROUP BY 1, 2, 3, 4, 5
    HAVING sum(uses) <> 0 OR sum(gross) <> 0
)
SELECT summed.month, provider.code AS provider, provider.name AS provider_name, summed.concession_id,
    municipality.code AS grantor, concession.code AS concession, concession.name_lv AS concession_lv,
    concession.name_en AS concession_en, summed.funder, summed.uses, summed.gross, summed.payable, summed.discount,
    summed.repeated
FROM summed
    JOIN provider ON provider.id = summed.provider_id
    JOIN municipality ON municipality.id = summed.grantor_id
    LEFT JOIN concession ON concession.id = summed.concession_id
WHERE true {{narrowed}}
ORDER BY summed.month, provider.code, municipality.code, concession.code, summed.concession_id, summed.funder
"""  # noqa: S608  # parts of our own
_NARROWED = {
    "provider": " AND provider.code = :provider",
    "concession": " AND summed.concession_id = :concession",
    "funder": " AND summed.funder = :funder",
}
_FUNDERS = """
SELECT funder FROM concession
UNION
SELECT part ->> 'funder' FROM concession_terms, jsonb_array_elements(concession_terms.funding) AS part
ORDER BY funder
"""
_PROVIDERS = "SELECT code, name FROM provider ORDER BY name, code"


@dataclass(frozen=True, slots=True)
class Line:
    """What one concession was used at one provider in one month; amounts in euros, exact to the hundredth of a cent.

    `uses` are those that the funder had a part in, `repeated` those of them that are counted with another funder too.
    The concession's code and names are None for one of a grantor whose classifier is not readable here.
    """

    month: date
    provider: str
    provider_name: str
    concession_id: UUID
    grantor: str
    concession: str | None
    concession_lv: str | None
    concession_en: str | None
    funder: str
    uses: int
    gross: Decimal
    payable: Decimal
    discount: Decimal
    repeated: int = 0


async def lines(tx: Transaction, scope: Scope) -> list[Line]:
    """The lines of a report: uses of one's own holders, and of one's own concessions wherever the holder lives.

    Raises:
        ReportTooSlow
    """
    asked = {
        "own": tx.municipality_id,
        "first": scope.first,
        "after": shifted(scope.last, 1),
        "provider": scope.provider,
        "concession": scope.concession,
        "funder": scope.funder,
    }
    narrowed = "".join(clause for name, clause in _NARROWED.items() if asked[name] is not None)
    statement = text(_SUMS.format(narrowed=narrowed))
    await tx.session.execute(text("SELECT set_config('statement_timeout', :limit, true)"), {"limit": str(TIME_OUT)})
    try:
        known = await tx.session.scalar(text(_MARK))
        rows = (await tx.session.execute(statement, asked | {"known": known})).mappings()
    except OperationalError as error:
        if isinstance(error.orig, QueryCanceled):
            raise ReportTooSlow from error
        raise
    return [Line(**row) for row in rows]


async def providers(tx: Transaction) -> Sequence[tuple[str, str]]:
    """Code and name of every provider, by name."""
    return [(row.code, row.name) for row in await tx.session.execute(text(_PROVIDERS))]


async def funders(tx: Transaction) -> Sequence[str]:
    """Who pays for the concessions that are readable here."""
    return (await tx.session.scalars(text(_FUNDERS))).all()

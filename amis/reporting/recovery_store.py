"""Reads of recovery: days that were granted wrongly, what was used on them, and whom the register owes a ride.

A day was granted wrongly when a change took it away after it had passed and it has not been granted again since. A use
belongs to the last such change; uses taken back are none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, text

from amis.granting.models import EntitlementLog
from amis.kernel.db import Transaction
from amis.reporting.errors import CaseUnknown
from rules.period import Days

MOST_CASES = 200
"""Cases that a list shows."""
LOOK_BACK = timedelta(days=730)
"""How old a change a list goes back to."""
_CHANGES = """
change AS (
    SELECT log.id, log.person_id, log.concession_id, log.cause, log.cause_ref, log.at,
        log.{side} * datemultirange(daterange(NULL, (log.at AT TIME ZONE 'Europe/Riga')::date)) {less} AS days
    FROM entitlement_log AS log
        LEFT JOIN entitlement AS held ON held.municipality_id = log.municipality_id
            AND held.person_id = log.person_id AND held.rule_id = log.rule_id
    WHERE log.municipality_id = :own AND lower(log.{side}) < (log.at AT TIME ZONE 'Europe/Riga')::date
        AND log.at >= :since AND (CAST(:person AS uuid) IS NULL OR log.person_id = :person)
)"""
_LOST = _CHANGES.format(side="lost", less="- coalesce(held.periods, '{}')")
_GAINED = _CHANGES.format(side="gained", less="* coalesce(held.periods, '{}')")
_WRONG = f"""
WITH {_LOST}, wrong AS (
    SELECT DISTINCT ON (use.id) use.id, change.id AS change_id, use.at, use.day, use.provider_id, use.place_id,
        use.grantor_id, use.concession_id, use.funder, use.shares, use.gross, use.payable, use.discount,
        settled.use_id IS NOT NULL AS settled
    FROM change
        JOIN use ON use.municipality_id = :own AND use.person_id = change.person_id
            AND use.concession_id = change.concession_id AND use.day <@ change.days AND use.reverses IS NULL
        LEFT JOIN settled_use AS settled ON settled.municipality_id = :own AND settled.use_id = use.id
    WHERE NOT EXISTS (
        SELECT FROM use AS back
        WHERE back.municipality_id = :own AND back.person_id = use.person_id AND back.at = use.at
            AND back.reverses = use.id)
    ORDER BY use.id, change.id DESC
)"""  # noqa: S608  # names of our own
# Changes and uses are counted side by side: joined, each change would be held against each use.
_CASES = f"""{_WRONG}, seen AS (
    SELECT id, days, NULL::uuid AS use_id, NULL::boolean AS settled, NULL::numeric AS discount
    FROM change WHERE NOT isempty(days)
    UNION ALL SELECT change_id, NULL, id, settled, discount FROM wrong
), counted AS (
    SELECT id, any_value(days) AS days, count(use_id) AS uses, count(use_id) FILTER (WHERE NOT settled) AS open,
        coalesce(sum(discount), 0) AS discount
    FROM seen WHERE CAST(:one AS uuid) IS NULL OR id = :one GROUP BY id
    HAVING CASE :state
        WHEN 'open' THEN count(use_id) FILTER (WHERE NOT settled) > 0
        WHEN 'decided' THEN count(use_id) > 0 AND bool_and(settled)
        WHEN 'unused' THEN count(use_id) = 0
        ELSE true END
    ORDER BY id DESC LIMIT :most
)
SELECT log.id, log.person_id, log.concession_id, concession.name_lv, concession.name_en, log.cause, log.cause_ref,
    log.at, counted.days::text AS days, counted.uses, counted.open, counted.discount
FROM counted JOIN entitlement_log AS log ON log.id = counted.id JOIN concession ON concession.id = log.concession_id
ORDER BY log.id DESC
"""  # noqa: S608  # names of our own
_USES = f"""{_WRONG}
SELECT wrong.id, wrong.at, wrong.day, wrong.provider_id, provider.name AS provider, place.name AS place,
    wrong.grantor_id, wrong.concession_id, wrong.funder, wrong.shares, wrong.gross, wrong.payable, wrong.discount,
    wrong.settled
FROM wrong JOIN provider ON provider.id = wrong.provider_id JOIN place ON place.id = wrong.place_id
WHERE wrong.change_id = :one ORDER BY wrong.at, wrong.id
"""  # noqa: S608  # names of our own
# What a denied tap would have been given is not known; that it was paid in full is.
_REFUNDS = f"""
WITH {_GAINED}
SELECT change.id, change.person_id, concession.name_lv, concession.name_en, change.at, change.days::text AS days,
    count(denied.id) AS taps, coalesce(sum((denied.after ->> 'gross')::numeric), 0) AS paid
FROM change
    JOIN concession ON concession.id = change.concession_id
    JOIN token ON token.municipality_id = :own AND token.person_id = change.person_id
    JOIN audit AS denied ON denied.municipality_id = :own AND denied.action = 'tap.deny'
        AND denied.subject_kind = 'token' AND denied.subject_id = token.id::text AND denied.at < change.at
        AND denied.reason = 'NO_ENTITLEMENT' AND (denied.at AT TIME ZONE 'Europe/Riga')::date <@ change.days
GROUP BY change.id, change.person_id, concession.name_lv, concession.name_en, change.at, change.days
ORDER BY change.id DESC LIMIT :most
"""  # noqa: S608  # names of our own


@dataclass(frozen=True, slots=True)
class Case:
    """A change that took away days which had passed: `days` are granted wrongly, `open` of `uses` wait for a decision.

    `discount` is what all the uses cost their funders, in euros.
    """

    id: UUID
    person_id: UUID
    concession_id: UUID
    name_lv: str
    name_en: str
    cause: str
    cause_ref: str
    at: datetime
    days: Days
    uses: int
    open: int
    discount: Decimal


@dataclass(frozen=True, slots=True)
class WrongUse:
    """A use on a day that was granted wrongly; amounts in euros, `shares` where several funders pay."""

    id: UUID
    at: datetime
    day: date
    provider_id: UUID
    provider: str
    place: str
    grantor_id: int
    concession_id: UUID
    funder: str
    shares: Sequence[tuple[str, str]] | None
    gross: Decimal
    payable: Decimal
    discount: Decimal
    settled: bool


@dataclass(frozen=True, slots=True)
class Refund:
    """Days granted after they had passed on which the holder was told to have no right: `taps`, `paid` in euros."""

    id: UUID
    person_id: UUID
    name_lv: str
    name_en: str
    at: datetime
    days: Days
    taps: int
    paid: Decimal


async def cases(tx: Transaction, state: str) -> list[Case]:
    """The newest cases: `open` has uses that wait for a decision, `decided` has none left, `unused` never had any."""
    return [Case(**_with_days(row)) for row in await _rows(tx, _CASES, state=state, one=None)]


async def get_case(tx: Transaction, case_id: UUID) -> Case:
    """One case.

    Raises:
        CaseUnknown
    """
    of_person = await _person(tx, case_id)
    for row in await _rows(tx, _CASES, state="", one=case_id, **of_person):
        return Case(**_with_days(row))
    raise CaseUnknown


async def uses_of(tx: Transaction, case_id: UUID) -> list[WrongUse]:
    """The uses of a case in the order of time.

    Raises:
        CaseUnknown
    """
    of_person = await _person(tx, case_id)
    return [WrongUse(**row) for row in await _rows(tx, _USES, one=case_id, **of_person)]


async def refunds(tx: Transaction) -> list[Refund]:
    """The newest changes that granted days on which the holder had paid in full."""
    return [Refund(**_with_days(row)) for row in await _rows(tx, _REFUNDS)]


async def _person(tx: Transaction, case_id: UUID) -> dict[str, Any]:
    """What looks at one person only, however long ago the change was."""
    entry = await tx.session.get(EntitlementLog, case_id)
    if entry is None or entry.municipality_id != tx.municipality_id:
        raise CaseUnknown
    return {"person": entry.person_id, "since": entry.at}


async def _rows(tx: Transaction, statement: str, **values: Any) -> Sequence[RowMapping]:
    known = {"own": tx.municipality_id, "most": MOST_CASES, "person": None, "since": tx.at - LOOK_BACK} | values
    return (await tx.session.execute(text(statement), known)).mappings().all()


def _with_days(row: RowMapping) -> dict[str, Any]:
    return {**row, "days": Days.parse(row["days"])}

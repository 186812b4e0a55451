"""What a holder has: each concession with its last day and what is left of its quota."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text

from amis.concessions import store as concessions
from amis.concessions.models import ConcessionTerms
from amis.granting import store as granting
from amis.granting.store import EntitlementView
from amis.granting.words import Phrase
from amis.kernel.db import Transaction
from rules.period import EMPTY, Days, Period
from rules.quota import Quota, euros


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of a quota on a day: uses, or euros where `money`, of `of` in each window `per`."""

    left: Decimal
    of: Decimal
    per: str
    money: bool


@dataclass(frozen=True, slots=True)
class Have:
    """A concession that a holder has: since and until which day (inclusive; None is open), paused today or not."""

    code: str
    name: Phrase
    first: date | None
    last: date | None
    paused: bool
    left: Left | None


_COUNTED = """
SELECT used FROM quota_counter
WHERE municipality_id = :home AND person_id = :person AND concession_id = :concession
    AND per = :per AND window_start = :since
"""
# Units that were counted under another first day, before the period was corrected.
_CARRIED = """
SELECT coalesce(sum(use.quota_units), 0) FROM use
WHERE use.municipality_id = :home AND use.person_id = :person AND use.concession_id = :concession
    AND use.quota_per = :per AND use.quota_window <> :since
    AND use.day >= :first AND use.day < coalesce(CAST(:end AS date), CAST('infinity' AS date))
"""


async def what_i_have(tx: Transaction, person_id: UUID) -> list[Have]:
    """The concessions of a person today, by name; those that an order pauses are among."""
    held: dict[UUID, list[EntitlementView]] = {}
    for one in await granting.live_entitlements(tx, person_id, tx.day):
        held.setdefault(one.rule.concession_id, []).append(one)
    found = [await _have(tx, person_id, views) for views in held.values()]
    return sorted(found, key=lambda one: (one.paused, one.name.lv))


async def _have(tx: Transaction, person_id: UUID, views: list[EntitlementView]) -> Have:
    """Two rules may give one concession: together they are one right."""
    days, suspended = EMPTY, EMPTY
    for one in views:
        days, suspended = days | one.periods, suspended | one.suspended
    period, rule = days.period_at(tx.day), views[0].rule
    first, last = (None, None) if period is None else (period.start, period.last)
    left = await _left(tx, person_id, rule.concession_id, days)
    return Have(rule.concession_code, rule.concession, first, last, tx.day in suspended, left)


async def _left(tx: Transaction, person_id: UUID, concession_id: UUID, days: Days) -> Left | None:
    terms = await concessions.terms_at(tx, concession_id, tx.day)
    if terms is None or terms.quota is None:
        return None
    quota = Quota.from_json(terms.quota)
    window = quota.window(tx.day, days)
    asked = {"home": tx.municipality_id, "person": person_id, "concession": concession_id}
    asked |= {"per": quota.kind, "since": window}
    used = await tx.session.scalar(text(_COUNTED), asked) or 0
    if quota.kind == "period" and (period := days.period_at(tx.day)) is not None:
        used += await _carried(tx, asked, period)
    limit = quota.limit(tx.day, days, await _carries_since(tx, terms, quota))
    return _said(quota, max(0, limit - used), limit)


async def _carried(tx: Transaction, asked: dict[str, Any], period: Period) -> int:
    within = {"first": period.start or date.min, "end": period.end}
    return int(await tx.session.scalar(text(_CARRIED), asked | within) or 0)


async def _carries_since(tx: Transaction, terms: ConcessionTerms, quota: Quota) -> date:
    """Since when uses are carried over as they are now."""
    if quota.carry_until is None:
        return date.min
    said = {"per": quota.per.value, "carry_until": quota.carry_until}
    like_it = select(func.min(ConcessionTerms.valid_from)).where(
        ConcessionTerms.concession_id == terms.concession_id,
        ConcessionTerms.valid_from <= terms.valid_from,
        *(func.jsonb_extract_path_text(ConcessionTerms.quota, name) == value for name, value in said.items()),
    )
    return await tx.session.scalar(like_it) or terms.valid_from


def _said(quota: Quota, left: int, limit: int) -> Left:
    if quota.amount is not None:
        return Left(euros(left), euros(limit), quota.per.value, money=True)
    return Left(Decimal(left), Decimal(limit), quota.per.value, money=False)

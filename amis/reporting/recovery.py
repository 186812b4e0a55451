"""Deciding on what was used without a right: it is recovered, or written off for a reason, use by use once."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import func, select

from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.kernel.ids import new_id
from amis.reporting.errors import CaseDecided, WriteOffReasonMissing
from amis.reporting.models import SettledUse, SettlementAdjustment
from amis.reporting.recovery_store import WrongUse, get_case, uses_of
from amis.reporting.settlement import hold_months, open_month

Decision = Literal["recover", "written_off"]
_LONGEST = 500


@dataclass(frozen=True, slots=True)
class Part:
    """What uses at one provider cost one funder in the month in which it is put right; `amount` in euros, exact."""

    month: date
    provider_id: UUID
    provider: str
    funder: str
    uses: int
    amount: Decimal


async def decide(tx: Transaction, case_id: UUID, decision: Decision, reason: str = "") -> list[Part]:
    """Decides on the uses of a case that wait; what a terminal sends later waits anew.

    Raises:
        CaseUnknown, CaseDecided, WriteOffReasonMissing
    """
    if len(reason) > _LONGEST or (decision == "written_off" and not reason.strip()):
        raise WriteOffReasonMissing(pointer="/reason")
    await _lock(tx, case_id)
    case = await get_case(tx, case_id)
    waiting = [use for use in await uses_of(tx, case_id) if not use.settled]
    if not waiting:
        raise CaseDecided
    found = await parts(tx, waiting)
    for part in found:
        tx.session.add(_adjustment(tx, case_id, waiting[0], part, decision, reason.strip()))
    tx.session.add_all(
        SettledUse(municipality_id=tx.municipality_id, use_id=use.id, cause_log_id=case_id) for use in waiting
    )
    await tx.session.flush()
    amount = sum((part.amount for part in found), Decimal(0))
    after: dict[str, Any] = {"decision": decision, "uses": [str(use.id) for use in waiting]}
    after |= {"amount": str(amount), "person": str(case.person_id)}
    await audit.record(tx, "recovery.decide", ("entitlement_log", case_id), after=after, reason=reason)
    return found


async def parts(tx: Transaction, uses: Sequence[WrongUse]) -> list[Part]:
    """The sums by open month, provider and funder."""
    found: dict[tuple[date, str, UUID, str], list[Decimal]] = defaultdict(list)
    for use in uses:
        month = await open_month(tx, use.day)
        for funder, amount in paid_by(use):
            found[month, use.provider, use.provider_id, funder].append(amount)
    return [
        Part(month, provider_id, provider, funder, len(amounts), sum(amounts, Decimal(0)))
        for (month, provider, provider_id, funder), amounts in sorted(found.items())
    ]


def paid_by(use: WrongUse) -> list[tuple[str, Decimal]]:
    """Who paid the discount of a use, and how much of it; the parts add up to it exactly."""
    if use.shares is None:
        return [(use.funder, use.discount)]
    return [(funder, Decimal(amount)) for funder, amount in use.shares]


async def _lock(tx: Transaction, case_id: UUID) -> None:
    """Months stay open, and of two who decide on one case the second waits and finds nothing left."""
    await hold_months(tx)
    await tx.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(str(case_id), 0))))


def _adjustment(
    tx: Transaction, case_id: UUID, use: WrongUse, part: Part, decision: Decision, reason: str
) -> SettlementAdjustment:
    return SettlementAdjustment(
        id=new_id(),
        municipality_id=tx.municipality_id,
        grantor_id=use.grantor_id,
        month=part.month,
        provider_id=part.provider_id,
        concession_id=use.concession_id,
        funder=part.funder,
        amount=part.amount,
        uses=part.uses,
        cause_log_id=case_id,
        state=decision,
        reason=reason,
        decided_by=tx.actor.id,
        decided_at=tx.at,
    )

"""What the naive endpoint writes for an accepted tap."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from amis.issuing.models import Token
from amis.kernel.ids import new_id
from amis.validating.models import Use
from rules.claim import Decision
from tests.bench.naive_body import Tapped
from tests.bench.naive_reads import Counters
from tests.bench.naive_rows import CounterRow, LastTapRow


def write(
    db: AsyncSession,
    caller: Any,
    tapped: Tapped,
    now: datetime,
    day: date,
    token: Token,
    right: Any,
    decision: Decision,
) -> UUID:
    use = Use(
        id=new_id(),
        at=tapped.at,
        recorded_at=now,
        day=day,
        municipality_id=token.municipality_id,
        person_id=token.person_id,
        token_id=token.id,
        concession_id=right.Concession.id,
        revision=right.ConcessionTerms.revision,
        grantor_id=right.Concession.municipality_id,
        funder=right.Concession.funder,
        provider_id=caller.Provider.id,
        place_id=caller.PlaceRow.id,
        terminal_id=caller.Terminal.machine_id,
        pairing=caller.pairing,
        seq=tapped.seq,
        product=tapped.product,
        gross=tapped.gross,
        payable=decision.payable,
        discount=tapped.gross - decision.payable,
        companions=decision.companions,
        verdict=decision.verdict.value,
        reason=decision.reason.name,
        quota_per=None if decision.window is None else right.ConcessionTerms.quota["per"],
        quota_window=decision.window,
        quota_units=0 if decision.window is None else decision.units,
    )
    db.add(use)
    return use.id


def count(
    db: AsyncSession,
    right: Any,
    token: Token,
    decision: Decision,
    counters: Counters,
) -> None:
    if decision.window is None:
        return
    row = counters.get((right.Concession.id.hex, decision.window))
    if row is not None:
        row.used += 1
        return
    quota = right.ConcessionTerms.quota
    db.add(
        CounterRow(
            municipality_id=token.municipality_id,
            person_id=token.person_id,
            concession_id=right.Concession.id,
            window_start=decision.window,
            per=quota["per"],
            used=1,
            lim=quota["n"],
        )
    )


def remember(db: AsyncSession, caller: Any, tapped: Tapped, token: Token, use: UUID, last: LastTapRow | None) -> None:
    where = {"at": tapped.at, "place_id": caller.PlaceRow.id, "terminal_id": caller.Terminal.machine_id}
    if last is None:
        db.add(LastTapRow(token_id=token.id, municipality_id=token.municipality_id, use_id=use, previous=None, **where))
        return
    last.previous, last.use_id = last.use_id, use
    for name, value in where.items():
        setattr(last, name, value)

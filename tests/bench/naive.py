"""The reference: the same tap as one would first write it, FastAPI with the ORM and a commit for each request.

It looks up and writes what the lanes do (terminal, replay key, token, rights, terms, quota, last tap; use and answer),
asks the same decider, and joins where a careful author would.
"""

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Annotated, Any
from uuid import UUID

import uvicorn
from fastapi import Depends, FastAPI, Header, HTTPException, Request
from pydantic import BaseModel
from sqlalchemy import Row, and_, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import Mapped, mapped_column

from amis.concessions.models import Concession, ConcessionTerms
from amis.granting.models import Entitlement
from amis.issuing.models import Token
from amis.kernel import clock
from amis.kernel.db import Base
from amis.kernel.ids import new_id
from amis.kernel.models import Municipality
from amis.staff.models import Machine, MachineToken
from amis.validating.models import Acceptance, PlaceRow, Provider, Terminal, Use
from cards.number import parse_number
from rules.claim import Decision, EntitlementClaim, Holder, LastTap, Memory, Tap, TerminalState, Verdict, token_state
from rules.decision import decide, local
from rules.tariff import Discount, Quota
from rules.terms import Place, Terms

_POOL = 20


class TapKeyRow(Base):
    """An answer by its key."""

    __tablename__ = "tap_key"
    terminal_id: Mapped[UUID] = mapped_column(primary_key=True)
    pairing: Mapped[int] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    body_sha256: Mapped[bytes]
    answer: Mapped[str]
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    use_id: Mapped[UUID | None]


class CounterRow(Base):
    """Units of a quota that were used in one window."""

    __tablename__ = "quota_counter"
    municipality_id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    concession_id: Mapped[UUID] = mapped_column(primary_key=True)
    window_start: Mapped[date] = mapped_column(primary_key=True)
    per: Mapped[str] = mapped_column(primary_key=True)
    used: Mapped[int]
    lim: Mapped[int]


class LastTapRow(Base):
    """The newest use of a token."""

    __tablename__ = "last_tap"
    token_id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    use_id: Mapped[UUID]
    previous: Mapped[UUID | None]
    at: Mapped[datetime]
    place_id: Mapped[UUID]
    terminal_id: Mapped[UUID]


class Tapped(BaseModel):
    """The request."""

    seq: int
    token: str
    at: datetime
    gross: Decimal
    product: str = "single"


class Answered(BaseModel):
    """The answer."""

    seq: int
    verdict: str
    reason: str
    payable: Decimal
    quota_left: int | None
    use: UUID | None


engine = create_async_engine(os.environ.get("BENCH_DATABASE_URL", "postgresql://"), pool_size=_POOL, max_overflow=0)


@asynccontextmanager
async def _lifespan(_: FastAPI) -> AsyncIterator[None]:
    yield
    await engine.dispose()


app = FastAPI(lifespan=_lifespan)


async def session() -> AsyncIterator[AsyncSession]:
    """A session for the length of a request."""
    async with AsyncSession(engine, expire_on_commit=False) as opened:
        yield opened


@app.get("/readyz")
async def readyz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ready"}


@app.post("/v1/validations")
async def validate(
    tapped: Tapped,
    request: Request,
    authorization: Annotated[str, Header()],
    db: Annotated[AsyncSession, Depends(session)],
) -> Answered:
    """Decides one tap and commits it."""
    now, digest = clock.now(), sha256(await request.body()).digest()
    caller = await _caller(db, authorization, now)
    done = await db.get(TapKeyRow, (caller.Terminal.machine_id, caller.pairing, tapped.seq))
    if done is not None:
        if done.body_sha256 != digest:
            raise HTTPException(422)
        return Answered.model_validate_json(done.answer)
    answered = await _decided(db, caller, tapped, now)
    db.add(
        TapKeyRow(
            terminal_id=caller.Terminal.machine_id,
            pairing=caller.pairing,
            seq=tapped.seq,
            body_sha256=digest,
            answer=answered.model_dump_json(),
            at=tapped.at,
            recorded_at=now,
            use_id=answered.use,
        )
    )
    await db.commit()
    return answered


async def _caller(db: AsyncSession, authorization: str, now: datetime) -> Row[Any]:
    bearer = sha256(authorization.removeprefix("Bearer ").encode()).digest()
    wanted = (
        select(MachineToken.pairing, Terminal, Provider, PlaceRow)
        .join(Machine, and_(Machine.id == MachineToken.machine_id, Machine.pairing == MachineToken.pairing))
        .join(Terminal, Terminal.machine_id == Machine.id)
        .join(Provider, Provider.id == Terminal.provider_id)
        .join(PlaceRow, PlaceRow.id == Terminal.place_id)
        .where(MachineToken.hash == bearer, MachineToken.expires_at > now, Machine.state == "active")
    )
    found = (await db.execute(wanted)).one_or_none()
    if found is None:
        raise HTTPException(401)
    return found


async def _decided(db: AsyncSession, caller: Row[Any], tapped: Tapped, now: datetime) -> Answered:
    token = await db.scalar(select(Token).where(Token.number == parse_number(tapped.token)))
    if token is None:
        return Answered(
            seq=tapped.seq, verdict="DENY", reason="UNKNOWN_TOKEN", payable=tapped.gross, quota_left=None, use=None
        )
    day, minute = local(tapped.at)
    rights = await _rights(db, caller, token, day)
    counters = await _counters(db, token.person_id, rights, day)
    last = await db.get(LastTapRow, token.id, with_for_update=True)
    decision = _decide(caller, tapped, (day, minute), token, rights, counters, last)
    use = None
    if decision.verdict is not Verdict.DENY:
        right = next(row for row in rights if row.Concession.id.hex == decision.code)
        use = _write(db, caller, tapped, now, day, token, right, decision)
        _count(db, right, token, decision, counters)
        _remember(db, caller, tapped, token, use, last)
    return Answered(
        seq=tapped.seq,
        verdict=decision.verdict.value,
        reason=decision.reason.name,
        payable=decision.payable,
        quota_left=decision.quota_left,
        use=use,
    )


async def _rights(db: AsyncSession, caller: Row[Any], token: Token, day: date) -> list[Row[Any]]:
    accepted = exists().where(
        Acceptance.provider_id == caller.Provider.id,
        Acceptance.grantor_id == Entitlement.grantor_id,
        or_(Acceptance.concession_id.is_(None), Acceptance.concession_id == Entitlement.concession_id),
    )
    wanted = (
        select(Entitlement, Concession, ConcessionTerms, Municipality.code.label("grantor"))
        .join(Concession, Concession.id == Entitlement.concession_id)
        .join(Municipality, Municipality.id == Concession.municipality_id)
        .join(ConcessionTerms, ConcessionTerms.concession_id == Concession.id)
        .where(
            Entitlement.municipality_id == token.municipality_id,
            Entitlement.person_id == token.person_id,
            Entitlement.from_day <= day,
            or_(Entitlement.until_day.is_(None), Entitlement.until_day > day),
            ConcessionTerms.valid_from <= day,
            or_(ConcessionTerms.valid_to.is_(None), ConcessionTerms.valid_to > day),
            Concession.state == "active",
            accepted,
        )
    )
    return list((await db.execute(wanted)).all())


async def _counters(
    db: AsyncSession, person: UUID, rights: list[Row[Any]], day: date
) -> dict[tuple[str, date], CounterRow]:
    found = {}
    for right in rights:
        if right.ConcessionTerms.quota is None:
            continue
        quota = Quota.from_json(right.ConcessionTerms.quota)
        window = quota.window(day, right.Entitlement.periods)
        key = (right.Entitlement.municipality_id, person, right.Concession.id, window, quota.per.value)
        row = await db.get(CounterRow, key, with_for_update=True)
        if row is not None:
            found[right.Concession.id.hex, window] = row
    return found


def _decide(
    caller: Row[Any],
    tapped: Tapped,
    when: tuple[date, int],
    token: Token,
    rights: list[Row[Any]],
    counters: dict[tuple[str, date], CounterRow],
    last: LastTapRow | None,
) -> Decision:
    stop = caller.PlaceRow
    place = Place(stop.code, caller.Provider.code, stop.mode, stop.zone, None, stop.lat, stop.lon)
    tap = Tap(tapped.at, *when, place, tapped.product, tapped.gross)
    memory = Memory(
        {key: row.used for key, row in counters.items()}, last=() if last is None else (LastTap(last.at, place),)
    )
    terms = {(row.Concession.id.hex, row.ConcessionTerms.revision): _terms(row) for row in rights}
    holder = Holder(token_state(token.state, token.reason), tuple(map(_claim, rights)))
    return decide(tap, holder, terms, memory, TerminalState(online=True))


def _terms(right: Row[Any]) -> Terms:
    return Terms.from_json(right.ConcessionTerms.terms)


def _claim(right: Row[Any]) -> EntitlementClaim:
    terms = right.ConcessionTerms
    return EntitlementClaim(
        right.Concession.id.hex,
        terms.revision,
        right.grantor,
        right.Entitlement.periods,
        Discount.from_json(terms.discount),
        None if terms.quota is None else Quota.from_json(terms.quota),
    )


def _write(
    db: AsyncSession,
    caller: Row[Any],
    tapped: Tapped,
    now: datetime,
    day: date,
    token: Token,
    right: Row[Any],
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
    )
    db.add(use)
    return use.id


def _count(
    db: AsyncSession,
    right: Row[Any],
    token: Token,
    decision: Decision,
    counters: dict[tuple[str, date], CounterRow],
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


def _remember(
    db: AsyncSession, caller: Row[Any], tapped: Tapped, token: Token, use: UUID, last: LastTapRow | None
) -> None:
    where = {"at": tapped.at, "place_id": caller.PlaceRow.id, "terminal_id": caller.Terminal.machine_id}
    if last is None:
        db.add(LastTapRow(token_id=token.id, municipality_id=token.municipality_id, use_id=use, previous=None, **where))
        return
    last.previous, last.use_id = last.use_id, use
    for name, value in where.items():
        setattr(last, name, value)


if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), loop="uvloop", http="httptools", access_log=False, log_level="warning")

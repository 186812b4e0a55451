"""The reference: the same tap as one would first write it, FastAPI with the ORM and a commit for each request.

It looks up and writes what the lanes do (terminal, replay key, token, rights, terms, quota, last tap; use and answer)
and asks the same decider.
"""

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime
from hashlib import sha256
from typing import Annotated, Any

import uvicorn
from fastapi import Depends, FastAPI, Header, HTTPException, Request
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from amis.issuing.models import Token
from amis.kernel import clock
from cards.number import parse_number
from rules.claim import Decision, EntitlementClaim, Holder, LastTap, Memory, Tap, TerminalState, Verdict, token_state
from rules.decision import decide, local
from rules.tariff import Discount, Quota
from rules.terms import Place, Terms
from tests.bench.naive_body import Answered, Tapped
from tests.bench.naive_reads import Counters, caller, counters, rights
from tests.bench.naive_rows import LastTapRow, TapKeyRow
from tests.bench.naive_writes import count, remember, write

_POOL = 20
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
    calling = await caller(db, authorization, now)
    done = await db.get(TapKeyRow, (calling.Terminal.machine_id, calling.pairing, tapped.seq))
    if done is not None:
        if done.body_sha256 != digest:
            raise HTTPException(422)
        return Answered.model_validate_json(done.answer)
    answered = await _decided(db, calling, tapped, now)
    db.add(
        TapKeyRow(
            terminal_id=calling.Terminal.machine_id,
            pairing=calling.pairing,
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


async def _decided(db: AsyncSession, calling: Any, tapped: Tapped, now: datetime) -> Answered:
    token = await db.scalar(select(Token).where(Token.number == parse_number(tapped.token)))
    if token is None:
        return Answered(
            seq=tapped.seq, verdict="DENY", reason="UNKNOWN_TOKEN", payable=tapped.gross, quota_left=None, use=None
        )
    day, minute = local(tapped.at)
    held = await rights(db, calling, token, day)
    used = await counters(db, token.person_id, held, day)
    last = await db.get(LastTapRow, token.id, with_for_update=True)
    decision = _decide(calling, tapped, (day, minute), token, held, used, last)
    use = None
    if decision.verdict is not Verdict.DENY:
        right = next(row for row in held if row.Concession.id.hex == decision.code)
        use = write(db, calling, tapped, now, day, token, right, decision)
        count(db, right, token, decision, used)
        remember(db, calling, tapped, token, use, last)
    return Answered(
        seq=tapped.seq,
        verdict=decision.verdict.value,
        reason=decision.reason.name,
        payable=decision.payable,
        quota_left=decision.quota_left,
        use=use,
    )


def _decide(
    calling: Any,
    tapped: Tapped,
    when: tuple[date, int],
    token: Token,
    held: list[Any],
    used: Counters,
    last: LastTapRow | None,
) -> Decision:
    stop = calling.PlaceRow
    place = Place(stop.code, calling.Provider.code, stop.mode, stop.zone, None, stop.lat, stop.lon)
    tap = Tap(tapped.at, *when, place, tapped.product, tapped.gross)
    memory = Memory(
        {key: row.used for key, row in used.items()}, last=() if last is None else (LastTap(last.at, place),)
    )
    terms = {(row.Concession.id.hex, row.ConcessionTerms.revision): _terms(row) for row in held}
    holder = Holder(token_state(token.state, token.reason), tuple(map(_claim, held)))
    return decide(tap, holder, terms, memory, TerminalState(online=True))


def _terms(right: Any) -> Terms:
    return Terms.from_json(right.ConcessionTerms.terms)


def _claim(right: Any) -> EntitlementClaim:
    terms = right.ConcessionTerms
    return EntitlementClaim(
        right.Concession.id.hex,
        terms.revision,
        right.grantor,
        right.Entitlement.periods,
        Discount.from_json(terms.discount),
        None if terms.quota is None else Quota.from_json(terms.quota),
    )


if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), loop="uvloop", http="httptools", access_log=False, log_level="warning")

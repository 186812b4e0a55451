"""What terminals say of themselves: which bundle they hold, their clock, what waits in their journal."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from amis.kernel import clock
from amis.kernel.body import StrictRoute
from amis.kernel.permission import SELF_CHECKED, permission
from amis.validating.api import bearer_of
from amis.validating.presences import Told

Bearer = Annotated[str, Depends(bearer_of)]
router = APIRouter(route_class=StrictRoute, tags=["terminals"])
Number = Annotated[int, Field(ge=0, le=1 << 53)]
Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


def _text(value: object) -> object:
    # a number would be taken for seconds since 1970
    if not isinstance(value, str):
        raise ValueError("a moment such as 2026-05-31T23:59:00+03:00 is expected")  # pydantic's own way
    return value


class JournalHead(BaseModel):
    """The last record of the terminal's journal: its number and the digest of its line (hexadecimal)."""

    model_config = ConfigDict(strict=True, extra="forbid")
    seq: Number
    hash: Digest


class PresenceIn(BaseModel):
    """What a terminal holds: the number of its bundle and the digest of that state, both null before the first.

    `at` is what its clock says now; `waiting` events are not uploaded yet; `software` names program and version.
    """

    model_config = ConfigDict(strict=True, extra="forbid")
    held: Number | None = None
    hash: Digest | None = None
    at: Annotated[AwareDatetime, Field(strict=False), BeforeValidator(_text)]
    journal: JournalHead | None = None
    waiting: Number
    software: Annotated[str, Field(min_length=1, max_length=100)]


class PresenceOut(BaseModel):
    """The service's clock, and by how many milliseconds the terminal's is ahead of it."""

    now: datetime
    skew_ms: int


@router.post(
    "/terminal/v1/presence",
    response_model=PresenceOut,
    responses={401: {"description": "The bearer token belongs to no active terminal."}},
)
@permission(SELF_CHECKED)
async def presence(request: Request, bearer: Bearer, said: PresenceIn) -> PresenceOut:
    """Notes that the terminal is there and what it holds; this is how a change is acknowledged."""
    now = clock.now()
    told = told_by(bearer, said, now)
    await request.state.presences.tell(told)
    return PresenceOut(now=now, skew_ms=told.skew_ms)


def told_by(bearer: str, said: PresenceIn, now: datetime) -> Told:
    """What is kept of it; no right changes, so it is not audited."""
    journal = said.journal
    return Told(
        bearer,
        said.held,
        said.hash,
        round((said.at - now).total_seconds() * 1000),
        None if journal is None else journal.seq,
        None if journal is None else journal.hash,
        said.waiting,
        said.software,
    )

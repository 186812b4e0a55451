"""Setting units of a quota aside for one terminal before it goes offline, and taking them back from it."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from amis.kernel.db import Transaction
from amis.kernel.errors import AmisError, Invalid
from amis.kernel.ids import new_id
from amis.validating.claims import Row, TermsRevision, limit_of, periods_of
from amis.validating.errors import (
    MoreThanReserved,
    NotForReserves,
    NothingLeft,
    ReserveUnknown,
    SequenceReused,
    TerminalUnknown,
)
from amis.validating.reserve_body import ReserveBody, ReturnBody
from amis.validating.reserve_claims import right_of

LONGEST = timedelta(days=31)
"""Units are set aside for a trip, an event or a camp: somebody looks after them then."""


async def set_aside(tx: Transaction, bearer: str, sha: str, body: ReserveBody) -> bytes:
    """Takes units from the counter for the terminal that `bearer` (SHA-256, hex) names; `sha` as for a tap.

    Raises:
        TerminalUnknown, SequenceReused
        Invalid: `until` is not within the next days.
        NotForReserves: the holder has no such right with a count of uses now.
        NothingLeft
    """
    rows, revision = await right_of(tx, bearer, sha, body.seq, body.token, int(body.concession))
    if rows[0].answered_sha is None:
        # a request that comes again has its answer, whatever has passed meanwhile
        _check(tx, body, revision)
    wanted = {} if revision is None else counter_of(tx, rows, revision)
    wanted |= {"units": body.units, "until": body.until.isoformat(), "id": str(new_id())}
    return await _asked(tx, "set_units_aside", {"bearer": bearer, "sha": sha, "seq": body.seq, **wanted})


async def give_back(tx: Transaction, bearer: str, sha: str, reserve_id: str, body: ReturnBody) -> bytes:
    """Takes the unused units of a reserve back from its terminal.

    Raises:
        TerminalUnknown, SequenceReused, ReserveUnknown, MoreThanReserved
    """
    try:
        reserve = str(UUID(reserve_id))
    except ValueError as error:
        raise ReserveUnknown from error
    asked = {"bearer": bearer, "sha": sha, "seq": body.seq, "reserve": reserve, "used": body.used}
    return await _asked(tx, "return_units", asked)


def counter_of(tx: Transaction, rows: list[Row], revision: TermsRevision) -> dict[str, Any]:
    """The counter of the holder's right today, as the functions that take units from it are told."""
    quota, row = revision.quota, rows[0]
    assert quota is not None
    window = quota.window(tx.day, periods_of(rows))
    return {
        "m": row.municipality_id,
        "person": str(row.person_id),
        "token": str(row.token_id),
        "concession": str(revision.concession_id),
        "per": quota.kind,
        "window": window.isoformat(),
        "lim": limit_of(rows, revision, quota, tx.day, window),
    }


def _check(tx: Transaction, body: ReserveBody, revision: TermsRevision | None) -> None:
    if not timedelta(0) < body.until - tx.at <= LONGEST:
        raise Invalid(f"a moment within the next {LONGEST.days} days is expected", pointer="/until")
    if revision is None:
        raise NotForReserves(pointer="/concession")


async def _asked(tx: Transaction, function: str, asked: dict[str, Any]) -> bytes:
    told = asked | {"now": tx.at.isoformat(), "request": tx.request_id}
    call = text(f"SELECT {function}(CAST(:asked AS json))")
    found = await tx.session.scalar(call, {"asked": json.dumps(told)})
    if found["outcome"] != "done":
        raise _REFUSALS[found["outcome"]]
    return str(found["answer"]).encode()


_REFUSALS: dict[str, type[AmisError]] = {
    "unauthenticated": TerminalUnknown,
    "other_body": SequenceReused,
    "nothing_left": NothingLeft,
    "no_reserve": ReserveUnknown,
    "already": ReserveUnknown,
    "too_many": MoreThanReserved,
}

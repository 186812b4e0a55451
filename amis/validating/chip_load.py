"""Putting units of a quota on the card that lies at a terminal: taken from the counter first, credited by key 3 then.

Whatever interrupts it leaves a row behind. The next contact reads what the card itself says, which nobody in between
can forge, and settles it: so no unit is ever both on a card and in its counter.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta, Struct
from sqlalchemy import text

from amis.kernel.actor import system
from amis.kernel.clock import now
from amis.kernel.db import Transaction, transaction
from amis.kernel.errors import Invalid, Malformed
from amis.kernel.ids import new_id
from amis.validating.body import CHIP_TIER, Card, Seq, Shown, invalid
from amis.validating.chip_line import ChipLine
from amis.validating.chip_tap import key_of
from amis.validating.errors import CardNotOurs, CardNotRead, NotForReserves, NothingLeft, SequenceReused
from amis.validating.reserve_claims import right_of
from amis.validating.reserves import counter_of
from cards.desfire.commands import commits
from cards.desfire.procedure import Procedure, Step
from cards.desk.relay import LineGone, drive
from cards.errors import AuthenticationFailed, CardFault, Counterfeit, ForeignCard, ReaderError
from cards.profile import LogRecord, Units, load, read_units
from cards.profile.layout import HIGHEST_QUOTA, UPDATE
from sync.errors import SyncError
from sync.strict_json import strict_json

_KEPT = timedelta(days=366)
_LOG_HOLDS = 10
_BEGIN = text("SELECT begin_chip_load(CAST(:asked AS json))")
_SETTLE = text("SELECT settle_chip_load(:id, :done, :at, :request)")


class LoadBody(Struct, forbid_unknown_fields=True, frozen=True):
    """Units of the concession with this public code, for the card with this chip number."""

    seq: Seq
    uid: Annotated[str, Meta(pattern=r"^[0-9a-f]{14}$(?!\n)", max_length=14)]
    concession: Annotated[int, Meta(ge=1, le=65535)]
    units: Annotated[int, Meta(ge=1, le=1000)]


@dataclass(frozen=True, slots=True)
class Begun:
    """Units that have left their counter for a card: its counter is to stand at `wanted`."""

    id: UUID
    wanted: int
    event: LogRecord


async def load_chip(line: ChipLine, bearer: str, raw: bytes) -> bytes:
    """Puts units on the card at the other end of `line`, as many as asked for or as are left; the same request again
    finds them there.

    Raises:
        TerminalUnknown, SequenceReused, NotForReserves, NothingLeft
        CardNotOurs: it does not prove that it is ours.
        CardNotRead: hold the same card there and ask again; what may have been done is settled then.
        LineGone
    """
    body, sha = _read(raw), sha256(raw).hexdigest()
    asked = await _counter(body, bearer, sha)
    if isinstance(asked, bytes):
        return asked
    key, found = await _looked(line, body)
    begun = await _begin(body, asked | {"sha": sha, "bearer": bearer}, found)
    return begun if isinstance(begun, bytes) else await _credit(line, body, key, found.value, begun)


def _read(raw: bytes) -> LoadBody:
    try:
        strict_json(raw)
        return msgspec.json.decode(raw, type=LoadBody)
    except msgspec.ValidationError as error:
        raise invalid(str(error)) from error
    except (SyncError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(str(error)) from error


async def _counter(body: LoadBody, bearer: str, sha: str) -> dict[str, Any] | bytes:
    """The counter to take from; the answer where the request was answered before."""
    shown = Shown(card=Card(uid=body.uid, tier=CHIP_TIER))
    async with transaction(system("validating")) as tx:
        rows, revision = await right_of(tx, bearer, sha, body.seq, shown, body.concession)
        if rows[0].answered_sha is not None and rows[0].answer is not None:
            if rows[0].answered_sha.hex() != sha:
                raise SequenceReused(pointer="/seq")
            return rows[0].answer.encode()
        if revision is None:
            raise NotForReserves(pointer="/concession")
        return counter_of(tx, rows, revision)


async def _looked(line: ChipLine, body: LoadBody) -> tuple[bytes, Units]:
    try:
        return await drive(_look(bytes.fromhex(body.uid)), line.exchange(f"look {body.seq}"))
    except (Counterfeit, ForeignCard, AuthenticationFailed) as fault:
        raise CardNotOurs(fault.code) from fault
    except (ReaderError, CardFault) as fault:
        raise CardNotRead(fault.code) from fault


def _look(uid: bytes) -> Procedure[tuple[bytes, Units]]:
    """The card's update key, and what it says of its units."""
    _, key = yield from key_of(uid, UPDATE)
    return key, (yield from read_units(key))


async def _begin(body: LoadBody, asked: dict[str, Any], found: Units) -> Begun | bytes:
    """Settles what an earlier contact left open, and takes the units; the answer, where that had put them there."""
    if not 0 <= found.value <= HIGHEST_QUOTA - body.units:
        raise Invalid("so many do not fit on the card", pointer="/units")
    async with transaction(system("validating")) as tx:
        load_id = new_id()
        told = asked | _said(tx, found) | {"uid": body.uid, "id": str(load_id), "seq": body.seq}
        told |= {"reserve": str(new_id()), "units": body.units, "until": (tx.at + _KEPT).isoformat()}
        outcome = await tx.session.scalar(_BEGIN, {"asked": json.dumps(told)})
        if outcome["outcome"] == "done":
            return str(outcome["answer"]).encode()
        moment = tx.at.replace(microsecond=0)
    if outcome["outcome"] != "open":
        # what was settled stays settled
        raise SequenceReused(pointer="/seq") if outcome["outcome"] == "other_body" else NothingLeft
    stamp = bytes.fromhex(outcome["stamp"])
    return Begun(load_id, outcome["wanted"], LogRecord(moment, stamp, body.concession, 0, 0, body.seq))


def _said(tx: Transaction, found: Units) -> dict[str, Any]:
    """What the card says, as the function is told; events oldest first."""
    events = [f"{event.terminal.hex()} {event.seq}" for event in found.events]
    known = {"events": events, "full": len(events) >= _LOG_HOLDS, "value": found.value}
    return known | {"now": tx.at.isoformat(), "request": tx.request_id}


async def _credit(line: ChipLine, body: LoadBody, key: bytes, had: int, begun: Begun) -> bytes:
    sent: list[Step] = []
    exchange = line.exchange(f"load {body.seq}")

    async def noted(steps: Sequence[Step]) -> Sequence[bytes]:
        sent.extend(steps)
        return await exchange(steps)

    try:
        await drive(load(key, had, begun.wanted, begun.event), noted)
    except (ReaderError, CardFault, LineGone) as fault:
        if not any(map(commits, sent)):
            await _settle(begun, done=False)
        # what was answered afterwards proves nothing: the card itself will say what became of it
        if isinstance(fault, LineGone):
            raise
        raise CardNotRead(fault.code) from fault
    answer = await _settle(begun, done=True)
    assert answer is not None
    return answer.encode()


async def _settle(begun: Begun, *, done: bool) -> str | None:
    async with transaction(system("validating")) as tx:
        asked = {"id": begun.id, "done": done, "at": now(), "request": tx.request_id}
        answer: str | None = await tx.session.scalar(_SETTLE, asked)
    return answer

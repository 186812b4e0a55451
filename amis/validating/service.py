"""Writing: who gives services where, with which terminals, whose concessions they take; and taking back a use."""

import json
from datetime import timedelta
from uuid import UUID

import msgspec
from sqlalchemy import delete, text
from sqlalchemy.exc import IntegrityError

from amis.kernel import audit
from amis.kernel.db import Base, Transaction
from amis.kernel.errors import AmisError
from amis.kernel.ids import new_id
from amis.validating.body import ReverseAnswer, ReverseBody
from amis.validating.errors import (
    AlreadyReversed,
    AlreadyThere,
    NoUseToReverse,
    SequenceReused,
    TerminalUnknown,
    TooLateToReverse,
)
from amis.validating.models import Acceptance, PlaceRow, Provider, Terminal

REVERSED_WITHIN = timedelta(minutes=15)
"""How long after the answer a terminal may take a use back: a mistyped fare, a trip that did not start."""


async def register_provider(tx: Transaction, code: str, name: str, kind: str) -> Provider:
    """Registers a carrier or a venue (`kind` carrier | venue) under a code that is unique in the country.

    Raises:
        AlreadyThere: the code is taken.
    """
    provider = Provider(id=new_id(), code=code, name=name, kind=kind)
    await _add(tx, provider)
    await audit.record(tx, "provider.register", ("provider", provider.id), after={"code": code, "kind": kind})
    return provider


async def register_place(
    tx: Transaction,
    provider_id: UUID,
    code: str,
    name: str,
    mode: str,
    *,
    zone: str | None = None,
    at: tuple[float, float] | None = None,
) -> PlaceRow:
    """Registers a place of a provider: a stop, a vehicle, a canteen; `at` is (lat, lon) in degrees (WGS 84).

    Raises:
        AlreadyThere: the provider has a place of this code.
    """
    lat, lon = at or (None, None)
    place = PlaceRow(id=new_id(), provider_id=provider_id, code=code, name=name, mode=mode, zone=zone, lat=lat, lon=lon)
    await _add(tx, place)
    await audit.record(tx, "place.register", ("place", place.id), after={"code": code, "mode": mode})
    return place


async def register_terminal(tx: Transaction, machine_id: UUID, provider_id: UUID, place_id: UUID) -> Terminal:
    """Says for which provider, and where, a machine of kind terminal validates.

    Raises:
        AlreadyThere: the machine is registered.
    """
    terminal = Terminal(machine_id=machine_id, provider_id=provider_id, place_id=place_id)
    await _add(tx, terminal)
    after = {"provider": str(provider_id), "place": str(place_id)}
    await audit.record(tx, "terminal.register", ("terminal", machine_id), after=after)
    return terminal


async def accept(tx: Transaction, provider_id: UUID, concession_id: UUID | None = None) -> Acceptance:
    """Says that a provider takes a concession of the acting municipality, or all of them.

    Raises:
        AlreadyThere: it does so already.
    """
    row = Acceptance(id=new_id(), provider_id=provider_id, grantor_id=tx.municipality_id, concession_id=concession_id)
    await _add(tx, row)
    await audit.record(tx, "acceptance.begin", ("provider", provider_id), after={"concession": _text(concession_id)})
    return row


async def stop_accepting(tx: Transaction, provider_id: UUID, concession_id: UUID | None = None) -> None:
    """Ends what `accept` said, from the next tap on."""
    gone = Acceptance.concession_id.is_not_distinct_from(concession_id)
    await tx.session.execute(
        delete(Acceptance).where(
            Acceptance.provider_id == provider_id, Acceptance.grantor_id == tx.municipality_id, gone
        )
    )
    await audit.record(tx, "acceptance.end", ("provider", provider_id), before={"concession": _text(concession_id)})


async def reverse(tx: Transaction, bearer: str, sha: str, body: ReverseBody) -> bytes:
    """Takes back a use of the terminal that `bearer` (SHA-256, hex) names; `sha` is the digest of its request.

    The same request again gets the same answer.

    Raises:
        TerminalUnknown, SequenceReused, NoUseToReverse, AlreadyReversed, TooLateToReverse: nothing was changed.
    """
    reversal = new_id()
    answer = msgspec.json.encode(ReverseAnswer(body.seq, body.use_seq, str(reversal))).decode()
    asked = {
        "now": tx.at.isoformat(),
        "bearer": bearer,
        "sha": sha,
        "seq": body.seq,
        "use_seq": body.use_seq,
        "within": f"{REVERSED_WITHIN.total_seconds()} seconds",
        "id": str(reversal),
        "answer": answer,
    }
    found = await tx.session.scalar(text("SELECT tap_reverse(CAST(:asked AS json))"), {"asked": json.dumps(asked)})
    if found["outcome"] != "done":
        raise _REFUSALS[found["outcome"]]
    return str(found["answer"]).encode()


_REFUSALS: dict[str, type[AmisError]] = {
    "unauthenticated": TerminalUnknown,
    "other_body": SequenceReused,
    "no_use": NoUseToReverse,
    "already": AlreadyReversed,
    "late": TooLateToReverse,
}


async def _add(tx: Transaction, row: Base) -> None:
    try:
        async with tx.session.begin_nested():
            tx.session.add(row)
    except IntegrityError as error:
        raise AlreadyThere from error


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)

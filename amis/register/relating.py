"""Writes about relations between persons: the same row tells both what the other is to them."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.kernel.ids import new_id
from amis.register import store
from amis.register.errors import PeriodReversed, PersonErased, RelatedToOneself, RelationKindUnknown
from amis.register.kinship import INVERSE, STORED
from amis.register.models import Relation
from rules.period import Days, Period


@dataclass(frozen=True, slots=True)
class _Pair:
    """A relation as it is stored: `other_id` is the `kind` of `person_id`."""

    person_id: UUID
    kind: str
    other_id: UUID


async def relate(
    tx: Transaction,
    person_id: UUID,
    kind: str,
    other_id: UUID,
    valid_from: date,
    valid_to: date | None,
    source: str,
    reason: str = "",
) -> bool:
    """Records that `other_id` is the person's `kind` on `[valid_from, valid_to)`; False where that is known already.

    Raises:
        RelationKindUnknown, RelatedToOneself, PeriodReversed, PersonUnknown, PersonErased
    """
    if valid_to is not None and valid_to <= valid_from:
        raise PeriodReversed(pointer="/valid_to")
    pair = _stored(person_id, kind, other_id)
    await _locked(tx, pair)
    known = Days.of(*(Period(row.valid_from, row.valid_to) for row in await _believed(tx, pair)))
    if Days.of(Period(valid_from, valid_to)) <= known:
        return False
    await _insert(tx, pair, Period(valid_from, valid_to), source, reason)
    await _audited(tx, "relation.record", pair, {"valid_from": valid_from, "valid_to": valid_to}, reason)
    return True


async def unrelate(
    tx: Transaction, person_id: UUID, kind: str, other_id: UUID, day: date, source: str, reason: str = ""
) -> bool:
    """Ends a relation with `day` as the first day without it; False where it had ended.

    A relation that begins on that day or later is taken back altogether.

    Raises:
        RelationKindUnknown, RelatedToOneself, PersonUnknown, PersonErased
    """
    pair = _stored(person_id, kind, other_id)
    await _locked(tx, pair)
    cut = [row for row in await _believed(tx, pair) if row.valid_to is None or row.valid_to > day]
    for row in cut:
        row.recorded_to = max(tx.at, row.recorded_from)
        if row.valid_from < day:
            await _insert(tx, pair, Period(row.valid_from, day), source, reason)
    if cut:
        await _audited(tx, "relation.end", pair, {"valid_to": day}, reason)
    return bool(cut)


def _stored(person_id: UUID, kind: str, other_id: UUID) -> _Pair:
    if kind not in INVERSE or not {kind, INVERSE[kind]} & STORED:
        raise RelationKindUnknown(kind, pointer="/kind")
    if person_id == other_id:
        raise RelatedToOneself(pointer="/other")
    if INVERSE[kind] == kind:
        return _Pair(min(person_id, other_id), kind, max(person_id, other_id))
    return _Pair(person_id, kind, other_id) if kind in STORED else _Pair(other_id, INVERSE[kind], person_id)


async def _locked(tx: Transaction, pair: _Pair) -> None:
    persons = await store.lock_persons(tx, {pair.person_id, pair.other_id})
    if any(person.erased_at is not None for person in persons):
        raise PersonErased


async def _believed(tx: Transaction, pair: _Pair) -> list[Relation]:
    rows = await tx.session.scalars(
        select(Relation).where(
            Relation.municipality_id == tx.municipality_id,
            Relation.person_id == pair.person_id,
            Relation.kind == pair.kind,
            Relation.other_id == pair.other_id,
            Relation.recorded_to.is_(None),
        )
    )
    return list(rows)


async def _insert(tx: Transaction, pair: _Pair, period: Period, source: str, reason: str) -> None:
    tx.session.add(
        Relation(
            id=new_id(),
            municipality_id=tx.municipality_id,
            person_id=pair.person_id,
            kind=pair.kind,
            other_id=pair.other_id,
            valid_from=period.start,
            valid_to=period.end,
            recorded_from=tx.at,
            source=source,
            reason=reason,
        )
    )
    await tx.session.flush()


async def _audited(tx: Transaction, action: str, pair: _Pair, days: dict[str, date | None], reason: str) -> None:
    after: dict[str, Any] = {key: day.isoformat() if day else None for key, day in days.items()}
    after |= {"kind": pair.kind, "other": str(pair.other_id)}
    await audit.record(tx, action, ("person", pair.person_id), after=after, reason=reason)

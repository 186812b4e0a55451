"""Recording facts: what is stated is added, what it replaces stays with the instant at which it was left behind."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.kernel.ids import new_id
from amis.register import store
from amis.register.change import FactChange, Step, check, step
from amis.register.errors import FactKindUnknown, FactNumberMisplaced, FactValueUnknown, PersonErased
from amis.register.models import Fact, Person


async def record(tx: Transaction, person_id: UUID, change: FactChange) -> bool:
    """Records what a source states or takes back; whether anything changed for the person.

    The same statement again changes nothing. A newer version of the same content is kept as the newest word of the
    source and changes nothing for the person either.

    Raises:
        PersonUnknown, PersonErased, FactMalformed, PeriodReversed, FactKindUnknown,
        FactNumberMisplaced, FactValueUnknown, FactOfAnother, FactStale, FactContradicts
    """
    return await record_of(tx, await store.lock_person(tx, person_id), change)


async def record_of(tx: Transaction, person: Person, change: FactChange) -> bool:
    """As `record`, of a person who is locked already."""
    check(change)
    if change.op == "upsert":
        await _check_words(tx, change)
    if person.erased_at is not None:
        raise PersonErased
    latest = await _latest(tx, change)
    todo = step(latest, person.id, change)
    if todo is Step.NOTHING:
        return False
    before = None if latest is None or latest.closed_version else _shown(latest)
    fact = await _apply(tx, person.id, change, latest, todo)
    await audit.record(
        tx,
        "fact.record" if fact else "fact.withdraw",
        ("person", person.id),
        before=before,
        after=_shown(fact) if fact else {"record": _record_name(change), "version": change.version},
    )
    return todo is not Step.CONFIRM


async def _check_words(tx: Transaction, change: FactChange) -> None:
    kind = (await store.vocabulary(tx)).facts.get(change.kind)
    if kind is None:
        raise FactKindUnknown(change.kind, pointer="/kind")
    if kind.numeric != (change.num is not None):
        raise FactNumberMisplaced(change.kind, pointer="/num")
    if not change.text or (kind.values is not None and change.value not in kind.values):
        raise FactValueUnknown(f"{change.kind}: {change.value}", pointer="/value")


async def _latest(tx: Transaction, change: FactChange) -> Fact | None:
    return await tx.session.scalar(
        select(Fact)
        .where(
            Fact.municipality_id == tx.municipality_id,
            Fact.source == change.source,
            Fact.record_id == change.record_id,
        )
        # what a snapshot no longer named and a later one named again stands twice under one version
        .order_by(Fact.version.desc(), Fact.recorded_from.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )


async def _apply(tx: Transaction, person_id: UUID, change: FactChange, latest: Fact | None, todo: Step) -> Fact | None:
    # a transaction that began earlier may get the lock later: recorded time must not run backwards within a record
    at = tx.at if latest is None else max(tx.at, latest.recorded_to or latest.recorded_from)
    if latest is not None and latest.closed_version is None:
        latest.recorded_to, latest.closed_version = at, change.version
        await tx.session.flush()
    if todo is Step.CLOSE:
        return None
    fact = Fact(
        id=new_id(),
        municipality_id=tx.municipality_id,
        person_id=person_id,
        kind=change.kind,
        value=change.text,
        num=change.num,
        valid_from=change.valid_from,
        valid_to=change.valid_to,
        recorded_from=at,
        source=change.source,
        record_id=change.record_id,
        version=change.version,
        decision=change.decision,
        provenance=change.provenance,
        # nobody reckons anew whose word counts, where nothing has changed
        shadowed=latest is not None and todo is Step.CONFIRM and latest.shadowed,
    )
    tx.session.add(fact)
    await tx.session.flush()
    return fact


def _record_name(change: FactChange) -> str:
    return f"{change.source}/{change.record_id}"


def _shown(fact: Fact) -> dict[str, Any]:
    return {
        "fact": str(fact.id),
        "record": f"{fact.source}/{fact.record_id}",
        "version": fact.version,
        "kind": fact.kind,
        "value": fact.value,
        "num": None if fact.num is None else str(fact.num),
        "valid_from": fact.valid_from.isoformat(),
        "valid_to": fact.valid_to.isoformat() if fact.valid_to else None,
    }

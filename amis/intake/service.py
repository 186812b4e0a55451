"""Taking notices: each event gets its final verdict, and a bad one never stops the good ones."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from prometheus_client import Counter, Histogram

from amis.granting.service import hold_rules
from amis.intake import effect, ledger, store
from amis.intake.arrival import Message, keep, quarantine
from amis.intake.authority import authority_of
from amis.intake.effect import Origin
from amis.intake.floors import read_floor
from amis.intake.heartbeat import heard
from amis.intake.models import Sender
from amis.kernel.db import Transaction
from amis.kernel.errors import AmisError
from amis.kernel.ids import new_id
from amis.register.errors import (
    BirthDateInvalid,
    CodeInvalid,
    CodeTaken,
    DeathDateInvalid,
    FactContradicts,
    FactKindUnknown,
    FactNumberMisplaced,
    FactOfAnother,
    FactStale,
    FactValueUnknown,
    NameInvalid,
    PersonErased,
    PersonUnknown,
)
from sync.mapping import Authority, Mapping, StatedFact, mapping_from_json, minimised_person, translate
from sync.notice import (
    Heartbeat,
    HouseholdChanged,
    Notice,
    PersonCodeChanged,
    PersonDied,
    PersonMerged,
    PersonNotice,
    PersonUnmerged,
    ResidenceChanged,
    StatusFact,
)
from sync.order import verdict
from sync.verdict import EventVerdict, RowCode, RowError, Verdict, rejected

VERDICTS = Counter("amis_notices", "Events taken, by verdict", ["verdict"])
LAG = Histogram(
    "amis_notice_lag_seconds",
    "From the source's own time of an event until it was applied",
    buckets=(0.01, 0.05, 0.1, 0.5, 1, 5, 30, 300, 3600),
)
_REFUSED_AS: dict[type[AmisError], tuple[RowCode, str]] = {
    PersonUnknown: (RowCode.PERSON_CODE_UNKNOWN, "/data/person/code"),
    BirthDateInvalid: (RowCode.SCHEMA_UNSUPPORTED, "/data/person/birth_date"),
    NameInvalid: (RowCode.SCHEMA_UNSUPPORTED, "/data/person"),
    DeathDateInvalid: (RowCode.SCHEMA_UNSUPPORTED, "/data/died_on"),
    PersonErased: (RowCode.PERSON_CODE_UNKNOWN, "/data/person/code"),
    FactKindUnknown: (RowCode.STATUS_UNKNOWN, "/data/status"),
    FactNumberMisplaced: (RowCode.STATUS_UNKNOWN, "/data/status"),
    FactValueUnknown: (RowCode.STATUS_UNKNOWN, "/data/status"),
    CodeInvalid: (RowCode.PERSON_CODE_INVALID, "/data/person/code"),
    CodeTaken: (RowCode.PERSON_CODE_INVALID, "/data/new_code"),
    FactContradicts: (RowCode.VERSION_CONFLICT, "/data/version"),
    FactOfAnother: (RowCode.VERSION_CONFLICT, "/data/record_id"),
    FactStale: (RowCode.VERSION_CONFLICT, "/data/version"),
}


@dataclass(frozen=True, slots=True)
class _Source:
    """The sender's table of meanings, in what it has a say, and its floor, for the length of one message."""

    message: Message
    mapping: Mapping
    authority: Authority
    floor: int | None


async def take(tx: Transaction, message: Message, events: Sequence[Notice | RowError]) -> list[EventVerdict]:
    """Takes the events of one signed message in their order and answers each; everything refused is kept."""
    sender = await store.get_sender(tx, message.sender_id)
    source = await _begun(tx, sender, message)
    # held on to, so that nobody locked is looked up again for each event
    _held = await ledger.lock_persons(tx, events)
    taken = [await _take_one(tx, source, event) for event in events]
    sender.heard_at = tx.at
    refused = {place: arrival_id for place, (arrival_id, line) in enumerate(taken) if line.error}
    if refused:
        await quarantine(tx, message, refused)
    return [line for _, line in taken]


async def take_corrected(tx: Transaction, message: Message, event: Notice) -> tuple[UUID, EventVerdict]:
    """Takes one event that was put right here; its arrival and verdict. What is refused again is kept by nobody."""
    source = await _begun(tx, await store.get_sender(tx, message.sender_id), message)
    _held = await ledger.lock_persons(tx, [event])
    return await _take_one(tx, source, event)


async def _begun(tx: Transaction, sender: Sender, message: Message) -> _Source:
    mapping = mapping_from_json(sender.mapping)
    await hold_rules(tx)
    return _Source(message, mapping, await authority_of(tx, mapping), await read_floor(tx, sender.id))


async def _take_one(tx: Transaction, source: _Source, event: Notice | RowError) -> tuple[UUID, EventVerdict]:
    arrival_id = new_id()
    if isinstance(event, RowError):
        line = rejected(event)
    else:
        origin = Origin(event.source, event.event_id, event.type, source.message.key_id, arrival_id)
        line = await _judge(tx, source, event, origin)
        if line.verdict is Verdict.APPLIED and event.time is not None and origin.key_id is not None:
            LAG.observe(max(0.0, (tx.at - event.time).total_seconds()))
    VERDICTS.labels(line.verdict.value).inc()
    await keep(tx, source.message, arrival_id, event, line)
    return arrival_id, line


async def _judge(tx: Transaction, source: _Source, notice: Notice, origin: Origin) -> EventVerdict:
    """The verdict on a readable event, and its effect if it is the newest word about its record."""
    if notice.source != source.mapping.source:
        return rejected(RowError(RowCode.SOURCE_NOT_AUTHORITATIVE, "/source", notice.event_id))
    if notice.type not in source.mapping.types:
        return rejected(RowError(RowCode.SOURCE_NOT_AUTHORITATIVE, "/type", notice.event_id))
    if isinstance(notice.data, Heartbeat):
        return EventVerdict(notice.event_id, await heard(tx, source.message.sender_id, notice.data))
    meaning = _meaning(source, notice, notice.data)
    if isinstance(meaning, RowError):
        return rejected(meaning)
    line = await _ordered(tx, source, notice)
    return await _apply(tx, source, notice, meaning, origin) if line.verdict is Verdict.APPLIED else line


async def _ordered(tx: Transaction, source: _Source, notice: Notice) -> EventVerdict:
    """What the ledger says of a notice; what is to be applied has yet to take effect."""
    if isinstance(notice.data, Heartbeat):
        return EventVerdict(notice.event_id, Verdict.APPLIED)
    known = await store.ledger_row(tx, notice.source, notice.data.record_id)
    floor = source.floor if isinstance(notice.data, StatusFact) else None
    outcome = verdict(store.entry(known), ledger.entry_for(tx, notice.data), floor)
    conflict = _error(RowCode.VERSION_CONFLICT, "/data/version", notice) if outcome is Verdict.CONFLICT else None
    return EventVerdict(notice.event_id, outcome, conflict)


def _meaning(source: _Source, notice: Notice, data: PersonNotice) -> StatedFact | PersonNotice | RowError:
    """What the notice says here."""
    if isinstance(data, StatusFact):
        return translate(source.mapping, source.authority, notice)
    return replace(data, person=minimised_person(data.person, source.mapping.keep))


async def _apply(
    tx: Transaction, source: _Source, notice: Notice, meaning: StatedFact | PersonNotice, origin: Origin
) -> EventVerdict:
    """The effect and the ledger entry, both or neither."""
    try:
        async with tx.session.begin_nested():
            if not await ledger.claim(tx, notice, origin.arrival_id):
                return await _ordered(tx, source, notice)
            await ledger.name_person(tx, notice, await _effect(tx, meaning, origin))
    except tuple(_REFUSED_AS) as refused:
        code, pointer = _REFUSED_AS[type(refused)]
        kind = Verdict.CONFLICT if code is RowCode.VERSION_CONFLICT else Verdict.REJECTED
        return EventVerdict(notice.event_id, kind, _error(code, pointer, notice))
    return EventVerdict(notice.event_id, Verdict.APPLIED)


async def _effect(tx: Transaction, meaning: StatedFact | PersonNotice, origin: Origin) -> UUID | None:
    match meaning:
        case StatedFact():
            return await effect.of_status(tx, meaning, origin)
        case PersonDied():
            return await effect.of_death(tx, meaning, origin)
        case PersonCodeChanged():
            return await effect.of_code_change(tx, meaning, origin)
        case ResidenceChanged():
            return await effect.of_move(tx, meaning, origin)
        case HouseholdChanged():
            return await effect.of_household(tx, meaning, origin)
        case PersonMerged() | PersonUnmerged():
            return await effect.of_identity(tx, meaning, origin)
    raise TypeError(type(meaning).__name__)


def _error(code: RowCode, pointer: str, notice: Notice) -> RowError:
    return RowError(code, pointer, notice.event_id)

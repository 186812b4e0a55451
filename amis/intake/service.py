"""Taking notices: each event gets its final verdict, and a bad one never stops the good ones."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from prometheus_client import Counter, Histogram

from amis.granting.service import hold_rules
from amis.intake import effect, ledger, store
from amis.intake.arrival import Message, keep, quarantine
from amis.intake.effect import Origin
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
    FactOfAnother,
    FactStale,
    FactValueUnknown,
    NameInvalid,
    PersonErased,
    PersonUnknown,
)
from sync.mapping import Authority, Mapping, StatedFact, mapping_from_json, minimised_person, translate
from sync.notice import Heartbeat, Notice, Op, PersonCodeChanged, PersonDied, PersonNotice, ResidenceChanged, StatusFact
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
    FactValueUnknown: (RowCode.STATUS_UNKNOWN, "/data/status"),
    CodeInvalid: (RowCode.PERSON_CODE_INVALID, "/data/person/code"),
    CodeTaken: (RowCode.PERSON_CODE_INVALID, "/data/new_code"),
    FactContradicts: (RowCode.VERSION_CONFLICT, "/data/version"),
    FactOfAnother: (RowCode.VERSION_CONFLICT, "/data/record_id"),
    FactStale: (RowCode.VERSION_CONFLICT, "/data/version"),
}


@dataclass(frozen=True, slots=True)
class _Source:
    """The sender's table of meanings for the length of one message."""

    message: Message
    mapping: Mapping

    @property
    def authority(self) -> Authority:
        """A sender has a say in whatever its table names; ranks between sources come with a second source of a kind."""
        return Authority({meaning.fact: (self.mapping.source,) for meaning in self.mapping.statuses.values()})


async def take(tx: Transaction, message: Message, events: Sequence[Notice | RowError]) -> list[EventVerdict]:
    """Takes the events of one signed message in their order and answers each; everything refused is kept."""
    sender = await store.get_sender(tx, message.sender_id)
    source = _Source(message, mapping_from_json(sender.mapping))
    await hold_rules(tx)
    # held on to, so that nobody locked is looked up again for each event
    _held = await ledger.lock_persons(tx, events)
    verdicts = [await _take_one(tx, source, event) for event in events]
    sender.heard_at = tx.at
    if any(line.error for line in verdicts):
        await quarantine(tx, message)
    return verdicts


async def _take_one(tx: Transaction, source: _Source, event: Notice | RowError) -> EventVerdict:
    arrival_id = new_id()
    if isinstance(event, RowError):
        line = rejected(event)
    else:
        origin = Origin(event.source, event.event_id, event.type, source.message.key_id, arrival_id)
        line = await _judge(tx, source, event, origin)
        if line.verdict is Verdict.APPLIED and event.time is not None:
            LAG.observe(max(0.0, (tx.at - event.time).total_seconds()))
    VERDICTS.labels(line.verdict.value).inc()
    await keep(tx, source.message, arrival_id, event, line)
    return line


async def _judge(tx: Transaction, source: _Source, notice: Notice, origin: Origin) -> EventVerdict:
    """The verdict on a readable event, and its effect if it is the newest word about its record."""
    if notice.source != source.mapping.source:
        return rejected(RowError(RowCode.SOURCE_NOT_AUTHORITATIVE, "/source", notice.event_id))
    if isinstance(notice.data, Heartbeat):
        return await _ordered(tx, notice)
    meaning = _meaning(source, notice)
    if meaning is None:
        return EventVerdict(notice.event_id, Verdict.UNSUPPORTED)
    if isinstance(meaning, RowError):
        return rejected(meaning)
    line = await _ordered(tx, notice)
    return await _apply(tx, notice, meaning, origin) if line.verdict is Verdict.APPLIED else line


async def _ordered(tx: Transaction, notice: Notice) -> EventVerdict:
    """What the ledger says of a notice; what is to be applied has yet to take effect."""
    if isinstance(notice.data, Heartbeat):
        return EventVerdict(notice.event_id, Verdict.APPLIED)
    known = await store.ledger_row(tx, notice.source, notice.data.record_id)
    outcome = verdict(store.entry(known), ledger.entry_for(tx, notice.data))
    conflict = _error(RowCode.VERSION_CONFLICT, "/data/version", notice) if outcome is Verdict.CONFLICT else None
    return EventVerdict(notice.event_id, outcome, conflict)


def _meaning(source: _Source, notice: Notice) -> StatedFact | PersonNotice | RowError | None:
    """What the notice says here; None for what this version does not act upon.

    That is the withdrawal of a death, of a move or of a change of code, whose effect cannot be undone.
    """
    if isinstance(notice.data, StatusFact):
        return translate(source.mapping, source.authority, notice)
    if isinstance(notice.data, PersonDied | PersonCodeChanged) and notice.data.op is Op.UPSERT:
        return notice.data
    if isinstance(notice.data, ResidenceChanged) and notice.data.op is Op.UPSERT:
        return replace(notice.data, person=minimised_person(notice.data.person, source.mapping.keep))
    return None


async def _apply(tx: Transaction, notice: Notice, meaning: StatedFact | PersonNotice, origin: Origin) -> EventVerdict:
    """The effect and the ledger entry, both or neither."""
    try:
        async with tx.session.begin_nested():
            if not await ledger.claim(tx, notice, origin.arrival_id):
                return await _ordered(tx, notice)
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
    raise TypeError(type(meaning).__name__)


def _error(code: RowCode, pointer: str, notice: Notice) -> RowError:
    return RowError(code, pointer, notice.event_id)

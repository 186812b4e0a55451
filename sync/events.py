"""The event types, as data: their fields and how the fields become a notice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sync.fields import Field, Kind, RowRefused, read_record
from sync.notice import (
    DecisionRef,
    Heartbeat,
    HouseholdChanged,
    NoticeData,
    Op,
    OtherCode,
    PersonCodeChanged,
    PersonDied,
    PersonMerged,
    PersonRef,
    PersonUnmerged,
    ResidenceChanged,
    StatusFact,
)
from sync.verdict import RowCode

_PERSON = (
    Field("code", Kind.PERSONAL_CODE, RowCode.PERSON_CODE_INVALID),
    Field("given_name", Kind.TEXT, required=False, longest=100),
    Field("family_name", Kind.TEXT, required=False, longest=100),
    Field("birth_date", Kind.DATE, required=False),
)
_DECISION = (
    Field("number", Kind.TEXT, longest=100),
    Field("date", Kind.DATE),
    Field("authority", Kind.TEXT),
)
_RECORD = (
    Field("record_id", Kind.TEXT, RowCode.RECORD_ID_MISSING),
    Field("version", Kind.INTEGER, RowCode.VERSION_INVALID, least=1),
    Field("op", Kind.CHOICE, RowCode.OP_UNKNOWN, choices=tuple(Op)),
    Field("person", Kind.RECORD, RowCode.PERSON_CODE_INVALID, fields=_PERSON),
)
_STATUS = (
    *_RECORD,
    Field("status", Kind.TEXT, RowCode.STATUS_UNKNOWN, longest=64),
    Field("valid_from", Kind.DATE, RowCode.VALID_FROM_INVALID),
    Field("valid_to", Kind.DATE, RowCode.VALID_TO_INVALID, nullable=True),
    Field("decision", Kind.RECORD, required=False, fields=_DECISION),
    Field("household", Kind.TEXT, required=False),
)
_CODE_CHANGED = (
    *_RECORD,
    Field("new_code", Kind.PERSONAL_CODE, RowCode.PERSON_CODE_INVALID),
    Field("changed_on", Kind.DATE),
)
_OTHER = Field(
    "merged",
    Kind.RECORD,
    RowCode.PERSON_CODE_INVALID,
    fields=(Field("code", Kind.PERSONAL_CODE, RowCode.PERSON_CODE_INVALID),),
)
_MERGED = (*_RECORD, _OTHER)
_UNMERGED = (*_MERGED, Field("unmerged_on", Kind.DATE))
_DIED = (*_RECORD, Field("died_on", Kind.DATE))
_RESIDENCE = (
    *_RECORD,
    Field("municipality", Kind.TEXT, nullable=True, longest=16),
    Field("since", Kind.DATE, RowCode.VALID_FROM_INVALID),
)
_HOUSEHOLD = (
    *_RECORD,
    Field("household", Kind.TEXT, nullable=True, longest=100),
    Field("since", Kind.DATE, RowCode.VALID_FROM_INVALID),
)
_HEARTBEAT = (Field("sequence", Kind.INTEGER), Field("pending", Kind.INTEGER, required=False))


@dataclass(frozen=True, slots=True)
class EventType:
    name: str
    fields: tuple[Field, ...]
    build: Callable[[dict[str, Any]], NoticeData]

    def read(self, data: Any) -> NoticeData:
        """The notice's data; raises `RowRefused`."""
        return self.build(read_record(self.fields, data, "/data"))


def _status_fact(record: dict[str, Any]) -> StatusFact:
    last_day = record.pop("valid_to")
    if last_day is not None and last_day < record["valid_from"]:
        raise RowRefused(RowCode.VALID_REVERSED, "/data/valid_to")
    decision = record.pop("decision", None)
    return StatusFact(
        **_identified(record),
        valid_until=_day_after(last_day),
        decision=DecisionRef(**decision) if decision else None,
    )


def _of_two(record: dict[str, Any]) -> dict[str, Any]:
    if record["person"]["code"] == record["merged"]["code"]:
        raise RowRefused(RowCode.PERSON_CODE_INVALID, "/data/merged/code")
    return {**_identified(record), "merged": OtherCode(**record["merged"])}


def _identified(record: dict[str, Any]) -> dict[str, Any]:
    return {**record, "op": Op(record["op"]), "person": PersonRef(**record["person"])}


def _day_after(last_day: date | None) -> date | None:
    # 9999-12-31 is how systems without an empty end date write "no end", and has no day after it.
    return None if last_day in (None, date.max) else last_day + timedelta(days=1)


EVENT_TYPES: Mapping[str, EventType] = {
    event_type.name: event_type
    for event_type in (
        EventType("status.fact.v1", _STATUS, _status_fact),
        EventType("person.code_changed.v1", _CODE_CHANGED, lambda record: PersonCodeChanged(**_identified(record))),
        EventType("person.merged.v1", _MERGED, lambda record: PersonMerged(**_of_two(record))),
        EventType("person.unmerged.v1", _UNMERGED, lambda record: PersonUnmerged(**_of_two(record))),
        EventType("person.died.v1", _DIED, lambda record: PersonDied(**_identified(record))),
        EventType("residence.changed.v1", _RESIDENCE, lambda record: ResidenceChanged(**_identified(record))),
        EventType("household.changed.v1", _HOUSEHOLD, lambda record: HouseholdChanged(**_identified(record))),
        EventType("source.heartbeat.v1", _HEARTBEAT, lambda record: Heartbeat(**record)),
    )
}

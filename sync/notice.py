"""What a source says, once it is read: a notice states one thing of one person, in full, never as a difference."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Op(StrEnum):
    """Whether the record stands or is taken back."""

    UPSERT = "upsert"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True, repr=False)
class PersonRef:
    """How the source names a person: eleven digits, and what else it chose to send."""

    code: str
    given_name: str | None = None
    family_name: str | None = None
    birth_date: date | None = None


@dataclass(frozen=True, slots=True)
class DecisionRef:
    """The administrative decision a status rests on."""

    number: str
    date: date
    authority: str


@dataclass(frozen=True, slots=True)
class StatusFact:
    """A status of a person on the half-open days `[valid_from, valid_until)`; None has no end."""

    record_id: str
    version: int
    op: Op
    person: PersonRef
    status: str
    valid_from: date
    valid_until: date | None
    decision: DecisionRef | None = None
    household: str | None = None


@dataclass(frozen=True, slots=True)
class PersonCodeChanged:
    """The person known by `person.code` has another personal code from this day."""

    record_id: str
    version: int
    op: Op
    person: PersonRef
    new_code: str
    changed_on: date

    def __repr__(self) -> str:
        return f"PersonCodeChanged(record_id={self.record_id!r}, version={self.version})"


@dataclass(frozen=True, slots=True)
class PersonDied:
    """The person died on this day."""

    record_id: str
    version: int
    op: Op
    person: PersonRef
    died_on: date


@dataclass(frozen=True, slots=True)
class ResidenceChanged:
    """The person is declared in this municipality (`JLG`, `RIX`, `DGP`, ...) from this day; None is abroad."""

    record_id: str
    version: int
    op: Op
    person: PersonRef
    municipality: str | None
    since: date


@dataclass(frozen=True, slots=True, repr=False)
class OtherCode:
    """The code of a second person, and nothing else of them."""

    code: str


@dataclass(frozen=True, slots=True)
class PersonMerged:
    """The person known by `person.code` and the one known by `merged.code` are one."""

    record_id: str
    version: int
    op: Op
    person: PersonRef
    merged: OtherCode


@dataclass(frozen=True, slots=True)
class PersonUnmerged:
    """They are two after all: whatever stands in the name of each code is that person's own again."""

    record_id: str
    version: int
    op: Op
    person: PersonRef
    merged: OtherCode
    unmerged_on: date


@dataclass(frozen=True, slots=True)
class HouseholdChanged:
    """The person lives in the household of this name from this day, as the source names it; None is in none."""

    record_id: str
    version: int
    op: Op
    person: PersonRef
    household: str | None
    since: date


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The source is alive; `pending` counts the notices it still has to send."""

    sequence: int
    pending: int | None = None


PersonNotice = (
    StatusFact | PersonCodeChanged | PersonMerged | PersonUnmerged | PersonDied | ResidenceChanged | HouseholdChanged
)
NoticeData = PersonNotice | Heartbeat


@dataclass(frozen=True, slots=True)
class Notice:
    """One event as received: the CloudEvents context attributes that matter here, and the data read.

    `time` is when the source says it happened (aware), None if it does not say.
    """

    event_id: str
    source: str
    type: str
    time: datetime | None
    data: NoticeData

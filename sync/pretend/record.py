"""What a pretend source has on file: records with versions of one counter, and how they look on the wire."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sync.caseload import Grant
from sync.notice import Op
from sync.population import Resident

STATUS = "status.fact.v1"
CODE_CHANGED = "person.code_changed.v1"
MERGED = "person.merged.v1"
UNMERGED = "person.unmerged.v1"
DIED = "person.died.v1"
MOVED = "residence.changed.v1"
HOUSEHOLD = "household.changed.v1"
HEARTBEAT = "source.heartbeat.v1"
_AUTHORITY = {
    "JLG": "Jelgavas Sociālo lietu pārvalde",
    "RIX": "Rīgas Sociālais dienests",
    "DGP": "Daugavpils Sociālais dienests",
}


@dataclass(frozen=True, slots=True)
class Record:
    """One record in full, as of its version; `about` are the members of its data beside id, version and op.

    `person` is the place of the person in the source's list, `grant` the status where the record is of one.
    """

    record_id: str
    version: int
    op: Op
    type: str
    person: int
    stated_at: datetime
    about: Mapping[str, Any]
    grant: Grant | None = None

    @property
    def row(self) -> dict[str, Any]:
        """The `data` of its event, and its line in a file."""
        return {"record_id": self.record_id, "version": self.version, "op": self.op.value, **self.about}

    def event(self, source: str) -> dict[str, Any]:
        """Its CloudEvent in the JSON format; the same version has the same id however often it is sent."""
        name = uuid.uuid5(uuid.NAMESPACE_URL, f"{source}#{self.record_id}#{self.version}")
        return event(source, str(name), self.type, self.stated_at, self.row)

    def withdrawn(self, version: int, at: datetime) -> Record:
        """The same, taken back."""
        return replace(self, version=version, op=Op.WITHDRAW, stated_at=at)


def event(source: str, event_id: str, event_type: str, at: datetime, data: Mapping[str, Any]) -> dict[str, Any]:
    """A CloudEvent in the JSON format."""
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": source,
        "type": event_type,
        "time": at.isoformat(),
        "datacontenttype": "application/json",
        "data": dict(data),
    }


def status(number: str, resident: Resident, grant: Grant, decided_on: date) -> dict[str, Any]:
    """The members of a status; days on the wire are inclusive. `number` is that of the decision."""
    until = grant.valid_until
    return {
        "person": person(resident),
        "status": grant.status,
        "valid_from": grant.valid_from.isoformat(),
        "valid_to": None if until is None else (until - timedelta(days=1)).isoformat(),
        "decision": {
            "number": f"{decided_on.year}/{number}",
            "date": decided_on.isoformat(),
            "authority": _AUTHORITY[resident.municipality],
        },
        "household": resident.household,
    }


def residence(resident: Resident, municipality: str | None, since: date) -> dict[str, Any]:
    """The members of a declared residence."""
    return {"person": person(resident), "municipality": municipality, "since": since.isoformat()}


def person(resident: Resident) -> dict[str, str]:
    """How the source names somebody."""
    return {
        "code": resident.code,
        "given_name": resident.given_name,
        "family_name": resident.family_name,
        "birth_date": resident.birth_date.isoformat(),
    }

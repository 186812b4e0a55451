"""From registry records to events of ours, which are then judged, kept and shown like those of any other sender.

What is wrong with a record stays in its event and is refused there, at its place, with the codes of events: an operator
can correct such an event and send it again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sync.spdci.record import Described, Layer, described
from sync.spdci.stated import statuses
from sync.spdci.when import blank, day, moment

CODE_TYPES = ("NID", "UIN", "NationalID", "PERSON_CODE")
"""Identifier types under which a registry usually gives the national personal code."""
AHEAD = timedelta(minutes=5)
_ALIVE = ("0", "2", "no", "false")


@dataclass(frozen=True, slots=True)
class Profile:
    """What is agreed with one registry.

    The statuses that its table names; under which identifier types it gives the personal code, and under which one its
    own number of a person (None: it has none).
    """

    source: str
    statuses: Collection[str]
    code_types: tuple[str, ...] = CODE_TYPES
    number_type: str | None = None


@dataclass(frozen=True, slots=True)
class Telling:
    """One message: its id, when it was sent and received (aware), and a keyed pseudonym of a personal code."""

    message_id: str
    sent_at: datetime
    received_at: datetime
    pseudonym: Callable[[str], str] = field(repr=False)


def events_of(told: Telling, profile: Profile, record: Layer, stated_at: datetime) -> list[dict[str, Any]]:
    """The events of one record without their ids; none where it names no known status and nobody who died.

    A record's version is the moment of its last update in milliseconds since 1970 (UTC), else `stated_at`: the moment
    of the notification or answer that brought it. A moment that is still to come is no version.
    """
    return [event for human in described(record) for event in _of_human(told, profile, human, stated_at)]


def _of_human(told: Telling, profile: Profile, human: Described, stated_at: datetime) -> Iterator[dict[str, Any]]:
    person, number = _person(human, profile), _number(told, profile, human)
    stated = _stated_at(human, stated_at)
    version = _version(stated, told.received_at)
    on = (stated or told.sent_at).date()
    for status in statuses(human, profile.statuses, on):
        record_id = f"{number}/{status.get('status')}" if number else None
        data = {"record_id": record_id, "version": version, **status, "person": person}
        if human.group:
            data.setdefault("household", human.group)
        yield _event(told, profile, "status.fact.v1", data)
    died_on = human.first("death_date")
    if not blank(died_on) and str(human.first("is_deceased")).lower() not in _ALIVE:
        data = {"record_id": f"{number}/death", "version": version, "op": "upsert", "person": _code_only(person)}
        yield _event(told, profile, "person.died.v1", data | {"died_on": _day(died_on)})


def _event(told: Telling, profile: Profile, kind: str, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "source": profile.source,
        "type": kind,
        "time": told.sent_at.isoformat(),
        "datacontenttype": "application/json",
        "data": data,
    }


def _person(human: Described, profile: Profile) -> dict[str, Any]:
    name = human.first("name")
    if isinstance(name, list):
        name = next((one for one in name if isinstance(one, dict)), None)
    given = [_text(name, "given_name") or _text(name, "first_name"), _text(name, "second_name")]
    found = {
        "code": human.identifier(profile.code_types),
        "given_name": " ".join(part for part in given if part),
        "family_name": _text(name, "surname") or _text(name, "family_name"),
        "birth_date": _day(human.first("birth_date")),
    }
    return {member: value for member, value in found.items() if member == "code" or not blank(value)}


def _code_only(person: dict[str, Any]) -> dict[str, Any]:
    return {"code": person["code"]}


def _text(name: Any, member: str) -> str:
    value = name.get(member) if isinstance(name, dict) else None
    return value.strip() if isinstance(value, str) else ""


def _day(value: Any) -> Any:
    """The day in ISO form; what cannot be read stays as it is, to be refused."""
    found = day(value)
    return found.isoformat() if found else value


def _number(told: Telling, profile: Profile, human: Described) -> str:
    """The registry's own number of the person, else a pseudonym of the code: the code itself never names a record."""
    if profile.number_type is not None:
        return human.identifier((profile.number_type,))
    code = "".join(mark for mark in human.identifier(profile.code_types) if mark.isalnum())
    return told.pseudonym(code) if code else "?"


def _stated_at(human: Described, stated_at: datetime) -> datetime | None:
    """The newest update of the person, the member or the group; None where one of them cannot be read."""
    updates = [moment(value) for value in human.each("last_updated", "last_update")]
    known = [update for update in updates if update is not None]
    if len(known) < len(updates):
        return None
    return max(known, default=stated_at)


def _version(stated: datetime | None, received_at: datetime) -> int | None:
    if stated is None or stated > received_at + AHEAD:
        return None
    return (stated - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)

"""What a record says of a human in statuses of the table that is kept for its registry.

Three places can name one: an enrolment in a programme (its id is the status), the agreed attribute `social_status`
(everything an event of ours says), and a coded member such as `is_disabled`, where the table names `is_disabled=1`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, timedelta
from typing import Any

from sync.spdci.record import Described
from sync.spdci.when import blank, day

AGREED = "social_status"
_ENROLMENTS = ("programme_identifier", "programme_enrolment", "enrolment")
_ACTIVE = {"1", "active", "6", "reinstated", "7", "awaiting renewal"}
_ENDED = {"2", "deceased", "3", "graduated", "exited", "4", "suspended", "5", "inactive"}
"""Codes and words of the standard's enrolment status (CD.IBR.02)."""


def statuses(human: Described, known: Collection[str], on: date) -> Iterator[dict[str, Any]]:
    """Members of `status.fact.v1` for each status that is told of; `on` is the day of the statement.

    What a registry tells of programmes and members that the table does not name is passed over, never kept; the agreed
    attribute is meant for us, so an unknown status in it comes out and is refused.
    """
    yield from _agreed(human)
    for enrolment in human.each(*_ENROLMENTS):
        for one in enrolment if isinstance(enrolment, list) else [enrolment]:
            yield from _enrolled(one, known)
    yield from _coded(human, known, on)


def _agreed(human: Described) -> Iterator[dict[str, Any]]:
    for attributes in human.each("additional_attributes"):
        for attribute in attributes if isinstance(attributes, list) else [attributes]:
            stated = _value(attribute)
            for one in stated if isinstance(stated, list) else [stated]:
                if isinstance(one, dict):
                    yield {"op": "upsert"} | one


def _value(attribute: Any) -> Any:
    """The agreed attribute as name and value, or as a member."""
    if not isinstance(attribute, dict):
        return None
    named = attribute.get("attribute_name") == AGREED
    return attribute.get("attribute_value") if named else attribute.get(AGREED)


def _enrolled(enrolment: Any, known: Collection[str]) -> Iterator[dict[str, Any]]:
    programme = enrolment.get("programme") if isinstance(enrolment, dict) else None
    status = programme.get("programme_identifier") if isinstance(programme, dict) else None
    if not isinstance(status, str) or status not in known:
        return
    stands = str(enrolment.get("enrolment_status")).strip().lower()
    since, changed = day(enrolment.get("enrolment_date")), day(enrolment.get("status_change_date"))
    first = since.isoformat() if since else enrolment.get("enrolment_date")
    op, last = "upsert", None
    if stands in _ENDED:
        # Without the day on which it ended, or ended before it began: it is as if it had never been.
        op = "upsert" if since and changed and changed > since else "withdraw"
        last = (changed - timedelta(days=1)).isoformat() if changed and op == "upsert" else None
    elif stands not in _ACTIVE:
        op = stands
    yield {"status": status, "valid_from": first, "valid_to": last, "op": op}


def _coded(human: Described, known: Collection[str], on: date) -> Iterator[dict[str, Any]]:
    for status in sorted(known):
        name, equals, wanted = status.partition("=")
        told = human.first(name) if equals else None
        if blank(told) or isinstance(told, dict | list):
            continue
        since = day(human.first("registration_date")) or on
        op = "upsert" if _coded_text(told) == wanted.lower() else "withdraw"
        yield {"status": status, "valid_from": since.isoformat(), "valid_to": None, "op": op}


def _coded_text(value: Any) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value).strip().lower()

"""What a message says to one request, or of one event: its status, its records, its page, codes of subscriptions.

Every reader takes an object and its JSON pointer and raises `RequestBad` with the pointer of what does not fit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sync.spdci.envelope import count, identifier
from sync.spdci.errors import RequestBad
from sync.spdci.when import blank, moment

_STATUSES = {"rcvd", "pdng", "succ", "rjct"}


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of an answer this is: number from 1, size, and how many records there are in all (None: not said)."""

    number: int
    size: int
    total: int | None

    @property
    def pages(self) -> int:
        """How many parts the whole answer has."""
        return 1 if self.total is None else max(1, -(-self.total // max(1, self.size)))


@dataclass(frozen=True, slots=True, repr=False)
class Part:
    """What is said to one request, or one event: `status` is rcvd, pdng, succ or rjct, `reason` a `rjct.*` code.

    `records` are registry records as they came, `at` the moment of the statement, `codes` those of subscriptions.
    """

    reference_id: str
    status: str
    reason: str
    at: datetime | None
    records: tuple[Mapping[str, Any], ...] = ()
    page: Page | None = None
    codes: tuple[str, ...] = ()


def event(one: Mapping[str, Any], pointer: str) -> Part:
    """One event of a notification."""
    return Part(_reference(one, pointer), "succ", "", _at(one, pointer), _records(one, pointer))


def found(one: Mapping[str, Any], pointer: str) -> Part:
    """One page of an answer to a search."""
    records = () if blank(one.get("data")) else _records(one, pointer)
    return Part(*_said(one, pointer), records, _page(one.get("pagination"), f"{pointer}/pagination"))


def subscribed(one: Mapping[str, Any], pointer: str) -> Part:
    """One answer to a subscription, with its codes."""
    listed = one.get("subscriptions") or []
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise RequestBad(f"{pointer}/subscriptions")
    codes = tuple(_code(each, f"{pointer}/subscriptions") for each in listed)
    return Part(*_said(one, pointer), codes=codes)


def unsubscribed(message: Mapping[str, Any], _pointer: str) -> Part:
    """The whole answer to the end of subscriptions, with the codes that ended."""
    listed = message.get("subscription_status") or []
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise RequestBad("/message/subscription_status")
    ended = tuple(_code(each, "/message/subscription_status") for each in listed if each.get("status") != "subscribe")
    reason = identifier(message.get("status_reason_code"), "/message/status_reason_code", optional=True)
    return Part("", _status(message, "/message"), reason, _at(message, "/message"), codes=ended)


def _said(one: Mapping[str, Any], pointer: str) -> tuple[str, str, str, datetime | None]:
    reason = identifier(one.get("status_reason_code"), f"{pointer}/status_reason_code", optional=True)
    return _reference(one, pointer), _status(one, pointer), reason, _at(one, pointer)


def _reference(one: Mapping[str, Any], pointer: str) -> str:
    return identifier(one.get("reference_id"), f"{pointer}/reference_id", optional=True)


def _status(one: Mapping[str, Any], pointer: str) -> str:
    status = one.get("status")
    if not isinstance(status, str) or status not in _STATUSES:
        raise RequestBad(f"{pointer}/status")
    return status


def _at(one: Mapping[str, Any], pointer: str) -> datetime | None:
    found = moment(one.get("timestamp"))
    if found is None and not blank(one.get("timestamp")):
        raise RequestBad(f"{pointer}/timestamp")
    return found


def _records(one: Mapping[str, Any], pointer: str) -> tuple[Mapping[str, Any], ...]:
    """The records: a list, or one alone as the notifications of the standard have it."""
    data = one.get("data")
    listed = data.get("reg_records") if isinstance(data, dict) else None
    records = [listed] if isinstance(listed, dict) else listed
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise RequestBad(f"{pointer}/data/reg_records")
    return tuple(records)


def _page(value: Any, pointer: str) -> Page | None:
    if blank(value):
        return None
    if not isinstance(value, dict):
        raise RequestBad(pointer)
    number, size = count(value.get("page_number"), pointer), count(value.get("page_size"), pointer)
    return Page(number or 1, size or 1, count(value.get("total_count"), pointer))


def _code(one: Mapping[str, Any], pointer: str) -> str:
    return identifier(one.get("code", one.get("subscription_code")), pointer)

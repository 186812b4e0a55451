"""What a registry sends to a subscriber, read into one shape: what it tells, and what it says to each request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sync.spdci import parts
from sync.spdci.envelope import identifier
from sync.spdci.errors import RequestBad
from sync.spdci.parts import Part
from sync.spdci.when import blank

MOST_RECORDS = 1000
"""Registry records in one message."""


class Action(StrEnum):
    """What a message is about, by the last words of its address."""

    NOTIFY = "notify"
    ON_SEARCH = "on-search"
    ON_SUBSCRIBE = "on-subscribe"
    ON_UNSUBSCRIBE = "on-unsubscribe"
    ON_STATUS = "txn-on-status"


SPELLED: Mapping[Action, frozenset[str]] = {
    Action.NOTIFY: frozenset({"notify"}),
    Action.ON_SEARCH: frozenset({"on-search", "search"}),
    Action.ON_SUBSCRIBE: frozenset({"on-subscribe", "subscribe"}),
    Action.ON_UNSUBSCRIBE: frozenset({"on-unsubscribe", "unsubscribe"}),
    Action.ON_STATUS: frozenset({"txn-on-status", "on-status", "txn-status"}),
}
"""How the header's `action` may name each: the samples give answers the name of the request."""


@dataclass(frozen=True, slots=True, repr=False)
class Answer:
    """A whole message; `action` is what it answers, also inside a report on a transaction."""

    action: Action
    transaction_id: str
    correlation_id: str
    parts: tuple[Part, ...]


def read_answer(action: Action, message: Mapping[str, Any]) -> Answer:
    """Read the message of this action; raises `RequestBad` with a JSON pointer, and nothing else."""
    if action is Action.ON_STATUS:
        return _of_transaction(message)
    name, reader = _READERS[action]
    transaction_id = identifier(message.get("transaction_id"), "/message/transaction_id", optional=True)
    correlation_id = identifier(message.get("correlation_id"), "/message/correlation_id", optional=True)
    listed = [message] if action is Action.ON_UNSUBSCRIBE else message.get(name)
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise RequestBad(f"/message/{name}")
    read = tuple(reader(one, f"/message/{name}/{index}") for index, one in enumerate(listed))
    if sum(len(part.records) for part in read) > MOST_RECORDS:
        raise RequestBad(f"/message/{name}: more than {MOST_RECORDS} records")
    return Answer(action, transaction_id, correlation_id, read)


def _of_transaction(message: Mapping[str, Any]) -> Answer:
    response = message.get("txnstatus_response")
    inner = response.get("txn_status") if isinstance(response, dict) else None
    if not isinstance(inner, dict):
        raise RequestBad("/message/txnstatus_response/txn_status")
    # The standard's list of transaction types has spelling mistakes: the answer itself tells what it is.
    asked = message if blank(inner.get("transaction_id")) else inner
    for action, (name, _) in _READERS.items():
        if name in inner:
            return read_answer(action, inner | {"transaction_id": asked.get("transaction_id")})
    raise RequestBad("/message/txnstatus_response/txn_status")


_READERS: Mapping[Action, tuple[str, Callable[[Mapping[str, Any], str], Part]]] = {
    Action.NOTIFY: ("notify_event", parts.event),
    Action.ON_SEARCH: ("search_response", parts.found),
    Action.ON_SUBSCRIBE: ("subscribe_response", parts.subscribed),
    Action.ON_UNSUBSCRIBE: ("subscription_status", parts.unsubscribed),
}

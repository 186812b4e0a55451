"""What a subscriber asks of a registry: messages of search, subscribe, unsubscribe and the status of a transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sync.spdci.envelope import VERSION

PATHS = {
    "search": "/registry/search",
    "subscribe": "/registry/subscribe",
    "unsubscribe": "/registry/unsubscribe",
    "txn-status": "/registry/txn/status",
}
"""Where a registry takes each action, below its address."""
CHANGED = "last_updated"
"""The member of a record by which changes are asked for."""


def header(action: str, message_id: str, at: datetime, sender_id: str, receiver_id: str, uri: str) -> dict[str, Any]:
    """The header of one request; `uri` is where its answer is to go, empty for the agreed address."""
    return {
        "version": VERSION,
        "message_id": message_id,
        "message_ts": at.isoformat(),
        "action": action,
        "sender_id": sender_id,
        "sender_uri": uri,
        "receiver_id": receiver_id,
        "total_count": 1,
        "is_msg_encrypted": False,
    }


def search(transaction_id: str, at: datetime, since: datetime, until: datetime, size: int, page: int) -> dict[str, Any]:
    """Ask for the records changed on the moments `[since, until)`, oldest first, `size` a page, pages from 1."""
    criteria = {
        "version": VERSION,
        "reg_event_type": "REGISTER",
        "query_type": "predicate",
        "query": changed_between(since, until),
        "sort": [{"attribute_name": CHANGED, "sort_order": "asc"}],
        "pagination": {"page_size": size, "page_number": page},
    }
    return _one("search", transaction_id, at, {"search_criteria": criteria})


def subscribe(transaction_id: str, at: datetime, since: datetime) -> dict[str, Any]:
    """Ask to be told of every change from this moment on."""
    criteria = {
        "version": VERSION,
        "reg_event_type": "REGISTER",
        "filter_type": "predicate",
        "filter": [{"seq_num": 1, "expression1": _compared("ge", since)}],
        "notify_record_type": "Member",
    }
    return _one("subscribe", transaction_id, at, {"subscribe_criteria": criteria})


def unsubscribe(transaction_id: str, at: datetime, codes: Sequence[str]) -> dict[str, Any]:
    """Ask to end these subscriptions."""
    return {"transaction_id": transaction_id, "timestamp": at.isoformat(), "subscription_codes": list(codes)}


def status(transaction_id: str, about: str, asked: str) -> dict[str, Any]:
    """Ask what became of another transaction (`about`) that asked for `asked` (search, subscribe, unsubscribe)."""
    question = {
        "reference_id": transaction_id,
        "txn_type": asked,
        "attribute_type": "transaction_id",
        "attribute_value": about,
    }
    return {"transaction_id": transaction_id, "txnstatus_request": question}


def changed_between(since: datetime, until: datetime) -> list[dict[str, Any]]:
    """The predicate of a search for changes."""
    return [
        {
            "seq_num": 1,
            "expression1": _compared("ge", since),
            "condition": "and",
            "expression2": _compared("lt", until),
        }
    ]


def _compared(operator: str, with_moment: datetime) -> dict[str, str]:
    return {"attribute_name": CHANGED, "operator": operator, "attribute_value": with_moment.isoformat()}


def _one(kind: str, transaction_id: str, at: datetime, criteria: dict[str, Any]) -> dict[str, Any]:
    # One request a message: the transaction's id serves as the id of its only request.
    request = {"reference_id": transaction_id, "timestamp": at.isoformat(), **criteria}
    return {"transaction_id": transaction_id, f"{kind}_request": [request]}

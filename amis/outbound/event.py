"""An entry of the feed as a message: a CloudEvents 1.0 event in structured JSON."""

import json
from collections.abc import Sequence
from typing import Any

from amis.kernel.feed import Entry

CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"


def source_of(public_url: str, municipality_id: int) -> str:
    """Who states it: this installation, for one municipality."""
    return f"{public_url.rstrip('/')}/feed/{municipality_id}"


def event(entry: Entry, source: str, records: Sequence[str] | None = None) -> bytes:
    """The body; `records` are the receiver's own ids of what it knows of the person, where it is a source.

    The same entry always has the same `id`. `sequence` orders events of one source (CloudEvents sequence extension).
    """
    told: dict[str, Any] = {
        "specversion": "1.0",
        "id": str(entry.ref),
        "source": source,
        "type": f"{entry.topic}.v1",
        "time": entry.at.isoformat(),
        "sequence": f"{entry.seq:016d}",
        "datacontenttype": "application/json",
    }
    if entry.subject is not None:
        told["subject"] = str(entry.subject)
    data = entry.data if records is None else entry.data | {"records": list(records)}
    return json.dumps(told | {"data": data}, ensure_ascii=False, separators=(",", ":")).encode()

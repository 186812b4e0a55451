"""The source as a social registry (SPDCI v1.0.0): it notifies of one status at a time, in the agreed attribute."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sync.errors import KeyUnreadable, UnreadableJson
from sync.spdci.envelope import VERSION, write_envelope
from sync.spdci.key import PrivateKey, own_key
from sync.spdci.stated import AGREED
from sync.strict_json import strict_json

NOTIFY = "/registry/notify"


@dataclass(frozen=True, slots=True, repr=False)
class Registry:
    """The ids of both sides on the wire, and the key by which the source signs."""

    registry_id: str
    receiver_id: str
    key: PrivateKey

    def letter(self, row: Mapping[str, Any], message_id: str, at: datetime) -> bytes:
        """The signed notification of one row of `status.fact.v1`."""
        header = {
            "version": VERSION,
            "message_id": message_id,
            "message_ts": at.isoformat(),
            "action": "notify",
            "sender_id": self.registry_id,
            "receiver_id": self.receiver_id,
            "total_count": 1,
            "is_msg_encrypted": False,
        }
        data = {
            "version": VERSION,
            "reg_event_type": "UPDATE",
            "response_entity": "Person",
            "reg_records": _person(row),
        }
        event = {"reference_id": message_id, "timestamp": at.isoformat(), "data": data, "locale": "lav"}
        return write_envelope(self.key, header, {"transaction_id": message_id, "notify_event": [event]}, at)

    def to_json(self) -> dict[str, str]:
        """What `read_registry` reads: it holds the private key."""
        seed = base64.b64encode(self.key.seed).decode()
        return {"registry_id": self.registry_id, "receiver_id": self.receiver_id, "kid": self.key.kid, "seed": seed}


def read_registry(path: Path) -> Registry:
    """Reads `{"registry_id", "receiver_id", "kid", "seed" (32 bytes in base64)}`; raises `KeyUnreadable`."""
    try:
        told = strict_json(path.read_bytes())
        key = own_key(told["kid"], base64.b64decode(told["seed"], validate=True))
        return Registry(told["registry_id"], told["receiver_id"], key)
    except (UnreadableJson, KeyError, TypeError, ValueError, binascii.Error):
        raise KeyUnreadable("this is no file of a registry") from None


def keep_registry(registry: Registry, path: Path) -> None:
    """Writes it for its owner alone."""
    path.touch(mode=0o600)
    path.write_text(json.dumps(registry.to_json()), encoding="utf-8")


def _person(row: Mapping[str, Any]) -> dict[str, Any]:
    who = row["person"]
    stated = {name: value for name, value in row.items() if name != "person"}
    return {
        "@type": "Person",
        "identifier": [{"identifier_type": "NID", "identifier_value": who["code"]}],
        "name": {"given_name": who["given_name"], "surname": who["family_name"]},
        "birth_date": who["birth_date"],
        "additional_attributes": [{"attribute_name": AGREED, "attribute_value": stated}],
    }

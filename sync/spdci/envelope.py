"""What every message is: a signature, a header and the message itself; and the short answer to one.

Members that the standard does not name are let through, since it lets each registry add its own; names may not repeat.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sync.errors import UnreadableJson
from sync.spdci import signature
from sync.spdci.errors import EncryptionInvalid, RequestBad, VersionNotSupported
from sync.spdci.key import PrivateKey
from sync.spdci.when import blank, moment
from sync.strict_json import strict_json

VERSION = "1.0.0"
LONGEST_ID = 99
"""Characters of any id, as the standard bounds transaction and correlation ids."""


@dataclass(frozen=True, slots=True)
class Header:
    """The header's members that matter here; `total_count` counts the requests or answers of the message."""

    message_id: str
    message_ts: datetime
    action: str
    sender_id: str
    receiver_id: str
    total_count: int | None


@dataclass(frozen=True, slots=True, repr=False)
class Envelope:
    """A message as it came: its header read, and header and message whole for the signature."""

    header: Header
    proof: signature.Proof
    signed_header: Mapping[str, Any]
    message: Mapping[str, Any]


def read_envelope(body: bytes) -> Envelope:
    """Read one message.

    Raises `RequestBad`, `VersionNotSupported`, `EncryptionInvalid`, `SignatureMissing` or `SignatureInvalid`, and
    nothing else. The signature is read, not yet checked.
    """
    try:
        whole = strict_json(body)
    except UnreadableJson as error:
        raise RequestBad(str(error)) from None
    header = _object(whole, "header") if isinstance(whole, dict) else None
    if header is None:
        raise RequestBad("/header")
    message = _object(whole, "message")
    if header.get("version", VERSION) != VERSION:
        raise VersionNotSupported
    if header.get("is_msg_encrypted", False) not in (False, "", None) or "ciphertext" in (message or {}):
        raise EncryptionInvalid
    return Envelope(_header(header), signature.read(whole.get("signature")), header, message or {})


def write_envelope(key: PrivateKey, header: Mapping[str, Any], message: Mapping[str, Any], at: datetime) -> bytes:
    """The bytes of a signed message."""
    whole = {"signature": signature.sign(key, header, message, at), "header": header, "message": message}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()


def identifier(value: Any, pointer: str, *, optional: bool = False) -> str:
    """An id of up to 99 printable characters; optional ones may be empty. Raises `RequestBad`."""
    if optional and blank(value):
        return ""
    if not isinstance(value, str) or not value.isprintable() or not 0 < len(value.strip()) <= LONGEST_ID:
        raise RequestBad(pointer)
    return value


def count(value: Any, pointer: str) -> int | None:
    """A whole number, also written as text as the samples do; None for what says nothing. Raises `RequestBad`."""
    if blank(value):
        return None
    text = str(value)
    if isinstance(value, bool | float) or not (text.isascii() and text.isdigit() and len(text) < 10):
        raise RequestBad(pointer)
    return int(text)


def _header(header: Mapping[str, Any]) -> Header:
    sent = moment(header.get("message_ts"))
    if sent is None:
        raise RequestBad("/header/message_ts")
    return Header(
        identifier(header.get("message_id"), "/header/message_id"),
        sent,
        identifier(header.get("action"), "/header/action"),
        identifier(header.get("sender_id"), "/header/sender_id"),
        identifier(header.get("receiver_id"), "/header/receiver_id"),
        count(header.get("total_count"), "/header/total_count"),
    )


def _object(whole: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    value = whole.get(name)
    if value is not None and not isinstance(value, dict):
        raise RequestBad(f"/{name}")
    return value

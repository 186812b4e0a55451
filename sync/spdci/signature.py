"""The `signature` member: who signed header and message, when, until when, with which key.

The standard gives the member's shape and says that it covers "header + message"; the rest is decided here, after the
draft that the shape comes from (draft-cavage-http-signatures-12 section 2.3). The algorithm is Ed25519, as in the
standard's sample. Signed are three lines:

    (created): 1767225600
    (expires): 1767225900
    digest: SHA-256=<base64 of SHA-256 over the canonical JSON (RFC 8785) of {"header": ..., "message": ...}>
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sync.spdci.canonical import canonical
from sync.spdci.errors import SignatureInvalid, SignatureMissing
from sync.spdci.key import ALGORITHM, PrivateKey, PublicKey

TOLERANCE = timedelta(minutes=5)
LONGEST_LIFE = timedelta(hours=24)
LIFE = timedelta(minutes=5)
"""How long our own signatures hold."""
_COVERED = "(created) (expires) digest"
_PARAMETER = re.compile(r'\s*([A-Za-z]{1,16})="([^"\\]{0,2048})"\s*')
_WRITTEN = re.compile(rf"(?:Signature:)?{_PARAMETER.pattern}(?:,{_PARAMETER.pattern}){{6}}")
_NAMES = {"namespace", "kidId", "algorithm", "created", "expires", "headers", "signature"}
_SECONDS = re.compile(r"[0-9]{1,11}", re.ASCII)
_LONGEST = 4096


@dataclass(frozen=True, slots=True)
class Proof:
    """The member as read: times are whole seconds of UTC."""

    sender_id: str
    key_id: str
    algorithm: str
    created: datetime
    expires: datetime
    value: bytes


def sign(key: PrivateKey, header: Mapping[str, Any], message: Mapping[str, Any], at: datetime) -> str:
    """The member for this header and message, signed at this aware time in the name of the header's sender."""
    created = at.astimezone(UTC).replace(microsecond=0)
    proof = Proof(header["sender_id"], key.kid, ALGORITHM, created, created + LIFE, b"")
    return write(proof, key.key.sign(_signed(proof, header, message)))


def verify(key: PublicKey, proof: Proof, header: Mapping[str, Any], message: Mapping[str, Any], at: datetime) -> None:
    """Check a message received at `at`; raises `SignatureInvalid`, never saying which check failed."""
    timely = proof.created <= at + TOLERANCE and at <= proof.expires
    lasting = timedelta(0) < proof.expires - proof.created <= LONGEST_LIFE
    named = proof.algorithm == ALGORITHM and proof.sender_id == header.get("sender_id")
    if not (timely and lasting and named and key.fits(_signed(proof, header, message), proof.value)):
        raise SignatureInvalid


def write(proof: Proof, value: bytes) -> str:
    """The member as the standard spells it."""
    members = {
        "namespace": "dci",
        "kidId": f"{proof.sender_id}|{proof.key_id}|{proof.algorithm}",
        "algorithm": proof.algorithm,
        "created": _seconds(proof.created),
        "expires": _seconds(proof.expires),
        "headers": _COVERED,
        "signature": base64.b64encode(value).decode(),
    }
    return "Signature: " + ", ".join(f'{name}="{text}"' for name, text in members.items())


def read(member: Any) -> Proof:
    """Read the member; raises `SignatureMissing` and `SignatureInvalid`, and nothing else."""
    if member is None or member == "":
        raise SignatureMissing
    if not isinstance(member, str) or len(member) > _LONGEST or not _WRITTEN.fullmatch(member.strip()):
        raise SignatureInvalid
    members = dict(_PARAMETER.findall(member.strip().removeprefix("Signature:")))
    if members.keys() != _NAMES or members["headers"] != _COVERED:
        raise SignatureInvalid
    sender_id, key_id, algorithm = _named(members["kidId"])
    if algorithm != members["algorithm"].lower():
        raise SignatureInvalid
    times = _moment(members["created"]), _moment(members["expires"])
    return Proof(sender_id, key_id, algorithm, *times, _value(members["signature"]))


def _named(kid_id: str) -> tuple[str, str, str]:
    parts = kid_id.split("|")
    if len(parts) != 3 or not all(parts):
        raise SignatureInvalid
    return parts[0], parts[1], parts[2].lower()


def _moment(seconds: str) -> datetime:
    if not _SECONDS.fullmatch(seconds):
        raise SignatureInvalid
    return datetime.fromtimestamp(int(seconds), UTC)


def _value(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise SignatureInvalid from None


def _signed(proof: Proof, header: Mapping[str, Any], message: Mapping[str, Any]) -> bytes:
    content = canonical({"header": dict(header), "message": dict(message)})
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    lines = f"(created): {_seconds(proof.created)}", f"(expires): {_seconds(proof.expires)}"
    return "\n".join((*lines, f"digest: SHA-256={digest}")).encode()


def _seconds(moment: datetime) -> str:
    return str(int(moment.timestamp()))

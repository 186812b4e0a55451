"""How a request says what file it brings: its type, its coding, its name and its digest."""

import base64
import binascii
import re
from collections.abc import Mapping

from amis.intake.batches import Delivery, check_kind
from amis.intake.errors import ContentDigestMissing, IdempotencyKeyMissing, NotRows
from sync.rows import MEDIA_TYPES

_KEY = re.compile(r"[!-~]{1,255}")
# RFC 9530 section 2 over RFC 8941 section 3.2: a dictionary of byte sequences, of which one is by SHA-256.
_SHA256 = re.compile(r"(?:^|,)[ \t]*sha-256=:([A-Za-z0-9+/]{43}=):[ \t]*(?=,|$)")
_CODINGS = {"": False, "identity": False, "gzip": True}
_PARAMETERS = re.compile(r"charset=\"?utf-8\"?|header=present", re.IGNORECASE)


def read_delivery(headers: Mapping[str, str], kind: str, as_of: int | None) -> Delivery:
    """The file that a request of a sender's machine brings.

    Raises:
        NotRows, SnapshotPointMissing, IdempotencyKeyMissing
    """
    check_kind(kind, as_of)
    fmt, gzip = _format(headers.get("content-type", "")), _CODINGS.get(headers.get("content-encoding", "").lower())
    if gzip is None:
        raise NotRows
    return Delivery(kind, fmt, "api", as_of, gzip, _key(headers.get("idempotency-key", "")))


def content_digest(headers: Mapping[str, str]) -> bytes:
    """The SHA-256 that the body has to have.

    Raises:
        ContentDigestMissing
    """
    written = _SHA256.search(headers.get("content-digest", ""))
    if written is None:
        raise ContentDigestMissing
    try:
        return base64.b64decode(written[1], validate=True)
    except binascii.Error:
        raise ContentDigestMissing from None


def _format(content_type: str) -> str:
    media_type, *parameters = (part.strip() for part in content_type.split(";"))
    fmt = MEDIA_TYPES.get(media_type.lower())
    if fmt is None or not all(_PARAMETERS.fullmatch(parameter) for parameter in parameters):
        raise NotRows
    return fmt


def _key(text: str) -> str:
    if not _KEY.fullmatch(text):
        raise IdempotencyKeyMissing
    return text

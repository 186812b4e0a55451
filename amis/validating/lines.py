"""Lines of an upload: taps that a terminal decided alone, one JSON object a line, read strictly and each for itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from amis.kernel.errors import AmisError, Invalid, Malformed
from amis.validating.body import Seq, invalid
from amis.validating.errors import NoLines, TooManyLines
from rules.claim import Proof, Verdict
from rules.reason import Reason
from sync.errors import SyncError
from sync.strict_json import strict_json

MOST_LINES = 1_000
BODY_LIMIT = 1024 * 1024

Digest = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$(?!\n)", max_length=64)]
Euros = Annotated[str, Meta(pattern=r"^[0-9]{1,6}(\.[0-9]{1,4})?$(?!\n)", max_length=11)]
Whole = Annotated[int, Meta(ge=0, le=2**31 - 1)]


Aside = Annotated[
    str, Meta(pattern=r"^(chip|[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})$(?!\n)", max_length=36)
]


class Reference(Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """Whose token it was: the status number (and cti) of a credential, a card's chip number, or a printed number.

    `presented` is the second (Unix) in which a phone made what it showed.
    """

    status: Annotated[int, Meta(ge=0, le=2**32 - 1)] | None = None
    cti: Annotated[str, Meta(pattern=r"^[0-9a-f]{16}$(?!\n)", max_length=16)] | None = None
    presented: Annotated[int, Meta(ge=0, le=2**40)] | None = None
    uid: Annotated[str, Meta(pattern=r"^[0-9a-f]{14}$(?!\n)", max_length=14)] | None = None
    number: Annotated[str, Meta(min_length=1, max_length=64)] | None = None


class Line(Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """One tap with what the terminal decided about it; amounts in euros.

    `sha` is the digest of the request that was, or would have been, sent to `/v1/validations`; `prev` that of the line
    before it in the terminal's journal. `companions` asked to go along, `accompanied` did. `code` and `revision` name
    the concession used, `units` what it took from the quota window that `window` begins, out of
    the `reserve` of that id or the one on the card (chip). `text` is the request.
    """

    seq: Seq
    sha: Digest
    prev: Digest
    at: Annotated[datetime, Meta(tz=True)]
    token: Reference | None
    proof: Proof
    gross: Euros
    verdict: Verdict
    reason: Annotated[str, Meta(max_length=40)]
    payable: Euros
    product: Annotated[str, Meta(pattern=r"^[a-z0-9_-]{1,32}$(?!\n)", max_length=32)] = "single"
    companions: Annotated[int, Meta(ge=0, le=9)] = 0
    accompanied: Annotated[int, Meta(ge=0, le=9)] = 0
    place: Annotated[str, Meta(pattern=r"^[A-Za-z0-9._-]{1,64}$(?!\n)", max_length=64)] | None = None
    code: Annotated[str, Meta(pattern=r"^[0-9a-f]{32}$(?!\n)", max_length=32)] | None = None
    revision: Annotated[int, Meta(ge=1, le=2**31 - 1)] | None = None
    units: Whole | None = None
    window: date | None = None
    check_photo: bool = False
    quota_left: Whole | None = None
    list_seq: Annotated[int, Meta(ge=0, le=2**53)] | None = None
    clock_doubtful: bool = False
    reserve: Aside | None = None
    text: Annotated[str, Meta(max_length=4096)] | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """One line as it came: its digest, which chains the journal, and what it says, or why it cannot be taken.

    `seq` is its number and `prev` the digest of the line before it, as far as they can be read: a line that is refused
    stays a part of the chain.
    """

    line: Line | None
    digest: str
    seq: int | None
    prev: str | None
    fault: AmisError | None = None


# Python 3.11 looks an enum member up through a property: names of this module keep that off the hot path
_DENY, _REASONS = Verdict.DENY, frozenset(Reason.__members__)
_DECODER = msgspec.json.Decoder()


def split(body: bytes) -> list[bytes]:
    """The lines of a body (newline-delimited JSON), the last with or without its newline.

    Raises:
        NoLines, TooManyLines
    """
    lines = body.split(b"\n")
    if not lines[-1]:
        lines.pop()
    if not lines:
        raise NoLines
    if len(lines) > MOST_LINES:
        raise TooManyLines(f"{len(lines)} lines")
    return lines


def read(lines: list[bytes]) -> Iterator[Sent]:
    """Each line for itself: what is wrong with one says nothing of the others."""
    for raw in lines:
        digest = sha256(raw).hexdigest()
        try:
            line = _line(raw)
            yield Sent(line, digest, line.seq, line.prev)
        except AmisError as fault:
            yield Sent(None, digest, *_place(raw), fault)


def _place(raw: bytes) -> tuple[int | None, str | None]:
    try:
        members = _DECODER.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None, None
    said = members if isinstance(members, dict) else {}
    seq, prev = said.get("seq"), said.get("prev")
    return seq if type(seq) is int else None, prev if isinstance(prev, str) else None


def _line(raw: bytes) -> Line:
    try:
        members = _DECODER.decode(raw)
        if b"\\" in raw or b'" ' in raw or raw.count(b'":') != _names(members):
            _look_closer(raw)
        line = msgspec.convert(members, Line)
    except msgspec.ValidationError as error:
        raise invalid(str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(str(error)) from error
    _check(line)
    return line


def _names(members: Any) -> int:
    if not isinstance(members, dict):
        return 0
    token = members.get("token")
    return len(members) + (len(token) if isinstance(token, dict) else 0)


def _look_closer(raw: bytes) -> None:
    # The fast decoder takes the last of repeated names; only a line that may hold one pays for the slow reader.
    try:
        strict_json(raw)
    except SyncError as error:
        raise Malformed(str(error)) from error


def _check(line: Line) -> None:
    if line.reason not in _REASONS:
        raise Invalid("a reason of the list is expected", pointer="/reason")
    if line.verdict is not _DENY and (line.code is None or line.revision is None):
        raise Invalid("what was used is expected", pointer="/code")
    if line.accompanied > line.companions:
        raise Invalid("more companions went along than there were", pointer="/accompanied")
    if Decimal(line.payable) > Decimal(line.gross):
        raise Invalid("nobody pays more than the full price", pointer="/payable")
    token = line.token
    if token is not None and token.status is None and token.uid is None and token.number is None:
        raise Invalid("status, uid or number is expected", pointer="/token")

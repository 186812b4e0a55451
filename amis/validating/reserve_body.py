"""The bodies of the routes that set units aside, read strictly."""

from datetime import datetime
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta, Struct

from amis.kernel.errors import Malformed
from amis.validating.body import Seq, Shown, TokenText, invalid, one_token
from sync.errors import SyncError
from sync.strict_json import strict_json


class ReserveBody(Struct, forbid_unknown_fields=True, frozen=True):
    """Units to set aside: of the holder of `token`, of the concession with this public code, meant until then."""

    seq: Seq
    token: TokenText | Shown
    concession: Annotated[int, Meta(ge=1, le=65535)] | Annotated[str, Meta(pattern=r"^[0-9]{1,5}$(?!\n)")]
    units: Annotated[int, Meta(ge=1, le=1000)]
    until: Annotated[datetime, Meta(tz=True)]


class ReturnBody(Struct, forbid_unknown_fields=True, frozen=True):
    """So many units of the reserve were used, their lines sent or still to come; the others come back."""

    seq: Seq
    used: Annotated[int, Meta(ge=0, le=1000)]


class Reserved(Struct, frozen=True):
    """The units that were set aside: `code` is the concession as lines of an upload name it."""

    reserve: str
    code: str
    window: str
    units: int
    until: str


class Returned(Struct, frozen=True):
    """So many units came back."""

    reserve: str
    returned: int


Body = TypeVar("Body", ReserveBody, ReturnBody)


def read_reserve(raw: bytes) -> ReserveBody:
    """The body of a request for units.

    Raises:
        Malformed, Invalid
    """
    body = _read(raw, ReserveBody)
    one_token(body.token)
    return body


def read_return(raw: bytes) -> ReturnBody:
    """The body of a request that gives units back; raises as `read_reserve`."""
    return _read(raw, ReturnBody)


def _read(raw: bytes, kind: type[Body]) -> Body:
    try:
        strict_json(raw)
        return msgspec.json.decode(raw, type=kind)
    except msgspec.ValidationError as error:
        raise invalid(str(error)) from error
    except (SyncError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(str(error)) from error

"""The bodies of the tap routes, read strictly: wrong types, unknown and repeated keys are told with their place."""

import re
from datetime import datetime
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta, Struct

from amis.kernel.errors import AmisError, Invalid, Malformed
from sync.errors import SyncError
from sync.strict_json import strict_json

LARGEST_SEQ = 2**53 - 1
"""The largest integer that every JSON reader keeps exactly (RFC 8259 section 6)."""

Seq = Annotated[int, Meta(ge=0, le=LARGEST_SEQ, description="Counts up with every request of one pairing.")]
TokenText = Annotated[str, Meta(min_length=1, max_length=700)]


class Number(Struct, forbid_unknown_fields=True, frozen=True):
    """A card or electronic identity by the reference number that it carries."""

    number: TokenText


class Shown(Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """What was shown, exactly one of: the text of a QR code, a card, an electronic identity."""

    qr: TokenText | None = None
    card: Number | None = None
    eid: Number | None = None


class TapBody(Struct, forbid_unknown_fields=True, frozen=True):
    """One tap; `gross` is the full price in euros, `place` a code of the provider's (default: the terminal's own).

    `token` null says that none was shown: only what everybody may use is given.
    """

    seq: Seq
    token: TokenText | Shown | None
    at: Annotated[datetime, Meta(tz=True)]
    gross: Annotated[str, Meta(pattern=r"^[0-9]{1,6}(\.[0-9]{1,4})?$(?!\n)", max_length=11)]
    place: Annotated[str, Meta(pattern=r"^[A-Za-z0-9._-]{1,64}$(?!\n)", max_length=64)] | None = None
    product: Annotated[str, Meta(pattern=r"^[a-z0-9_-]{1,32}$(?!\n)", max_length=32)] = "single"
    companions: Annotated[int, Meta(ge=0, le=9)] = 0


class ReverseBody(Struct, forbid_unknown_fields=True, frozen=True):
    """Takes back the use that `use_seq` was answered with."""

    seq: Seq
    use_seq: Seq


class Text(Struct, frozen=True):
    """The line for the driver's screen in both languages."""

    lv: str
    en: str


class Answer(Struct, frozen=True):
    """The decision; amounts in euros with 4 decimals. `use` is the recorded use, absent for a denial."""

    seq: int
    verdict: str
    reason: str
    payable: str
    discount: str
    companions: int
    check_photo: bool
    quota_left: int | None
    list_seq: int | None
    use: str | None
    text: Text


class ReverseAnswer(Struct, frozen=True):
    """The use was taken back by the row `reversal`."""

    seq: int
    use_seq: int
    reversal: str


Body = TypeVar("Body", TapBody, ReverseBody)
_KEYS = [b'"%s"' % key.encode() for key in (*TapBody.__struct_fields__, *Shown.__struct_fields__, "number", "use_seq")]
_PLACE = re.compile(r" - at `\$(.*)`$")
_FIELD = re.compile(r"field `([^`]*)`")
_STEP = re.compile(r"\.([^.\[]+)|\[(\d+|\.\.\.)\]")
_DECODERS: dict[type[Any], msgspec.json.Decoder[Any]] = {
    kind: msgspec.json.Decoder(kind) for kind in (TapBody, ReverseBody)
}


def read(raw: bytes, kind: type[Body]) -> Body:
    """The body as `kind`.

    Raises:
        Malformed: no strict JSON (RFC 8259, I-JSON RFC 7493).
        Invalid: with the pointer of what does not fit.
    """
    if b"\\" in raw or any(raw.count(key) > 1 for key in _KEYS):
        _look_closer(raw)
    try:
        body: Body = _DECODERS[kind].decode(raw)
    except msgspec.ValidationError as error:
        raise invalid(str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(str(error)) from error
    if isinstance(body, TapBody):
        _one_token(body)
    return body


def _look_closer(raw: bytes) -> None:
    # The fast decoder takes the last of repeated keys; only a body that may hold one pays for the slow reader.
    try:
        strict_json(raw)
    except SyncError as error:
        raise Malformed(str(error)) from error


def _one_token(body: TapBody) -> None:
    token = body.token
    if isinstance(token, Shown) and sum(part is not None for part in (token.qr, token.card, token.eid)) != 1:
        raise Invalid("exactly one of qr, card and eid is expected", pointer="/token")


def invalid(message: str) -> AmisError:
    """The decoder's message with its path as a JSON pointer (RFC 6901)."""
    found = _PLACE.search(message)
    text = message[: found.start()] if found else message
    steps = [name or index for name, index in _STEP.findall(found[1])] if found else []
    return Invalid(text, pointer="".join(f"/{step}" for step in (*steps, *_FIELD.findall(text))))

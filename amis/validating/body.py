"""The bodies of the tap routes, read strictly: wrong types, unknown and repeated keys are told with their place."""

import re
from collections.abc import Collection
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


STATIC_TIER, CHIP_TIER, SERVED_TIER = 0, 1, 3
"""How a card was looked at: the terminal read what everybody can read; it saw that the chip knows its key; the service
itself talks to the chip."""


class Number(Struct, forbid_unknown_fields=True, frozen=True):
    """An electronic identity by the reference number that it carries."""

    number: TokenText


class Card(Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """A card: by the number on its face, or by what was read out of its chip.

    `uid` is the chip's own number (14 hex digits), `credential` what its file 02 holds (base64). `tier` 0: it was read
    without a key, so it may be a copy; 1: the terminal has seen that the chip knows key 1 of that UID; 3, over
    `/terminal/v1/chip` only: the service itself looks.
    """

    number: TokenText | None = None
    uid: Annotated[str, Meta(pattern=r"^[0-9a-f]{14}$(?!\n)", max_length=14)] | None = None
    credential: Annotated[bytes, Meta(min_length=1, max_length=256)] | None = None
    tier: Annotated[int, Meta(ge=0, le=3)] = STATIC_TIER


class Shown(Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """What was shown, exactly one of: the text of a QR code, a card, an electronic identity."""

    qr: TokenText | None = None
    card: Card | None = None
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
_CARD_KEYS = [b'"%s"' % key.encode() for key in Card.__struct_fields__]
_PLACE = re.compile(r" - at `\$(.*)`$")
_FIELD = re.compile(r"field `([^`]*)`")
_STEP = re.compile(r"\.([^.\[]+)|\[(\d+|\.\.\.)\]")
_DECODERS: dict[type[Any], msgspec.json.Decoder[Any]] = {
    kind: msgspec.json.Decoder(kind) for kind in (TapBody, ReverseBody)
}


def read(raw: bytes, kind: type[Body], tiers: Collection[int] = (STATIC_TIER, CHIP_TIER)) -> Body:
    """The body as `kind`; a card is of one of the `tiers`.

    Raises:
        Malformed: no strict JSON (RFC 8259, I-JSON RFC 7493).
        Invalid: with the pointer of what does not fit.
    """
    if b"\\" in raw or _repeated(raw, _KEYS) or (b'"card"' in raw and _repeated(raw, _CARD_KEYS)):
        _look_closer(raw)
    try:
        body: Body = _DECODERS[kind].decode(raw)
    except msgspec.ValidationError as error:
        raise invalid(str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(str(error)) from error
    if isinstance(body, TapBody):
        one_token(body.token, tiers)
    return body


def _repeated(raw: bytes, keys: list[bytes]) -> bool:
    return any(raw.count(key) > 1 for key in keys)


def _look_closer(raw: bytes) -> None:
    # The fast decoder takes the last of repeated keys; only a body that may hold one pays for the slow reader.
    try:
        strict_json(raw)
    except SyncError as error:
        raise Malformed(str(error)) from error


def one_token(token: TokenText | Shown | None, tiers: Collection[int] = (STATIC_TIER, CHIP_TIER)) -> None:
    """Looks whether exactly one token was shown, and a card with all that it needs. Raises Invalid."""
    if isinstance(token, Shown) and sum(part is not None for part in (token.qr, token.card, token.eid)) != 1:
        raise Invalid("exactly one of qr, card and eid is expected", pointer="/token")
    if isinstance(token, Shown) and token.card is not None:
        _whole(token.card, tiers)


def _whole(card: Card, tiers: Collection[int]) -> None:
    if card.tier not in tiers:
        raise Invalid(f"tier {' or '.join(map(str, tiers))} is expected", pointer="/token/card/tier")
    if card.uid is None and (card.credential is not None or card.tier):
        raise Invalid("what was read out of a chip needs its uid", pointer="/token/card/uid")
    if card.number is None and card.credential is None and not card.tier:
        raise Invalid("number or credential is expected", pointer="/token/card")


def invalid(message: str) -> AmisError:
    """The decoder's message with its path as a JSON pointer (RFC 6901)."""
    found = _PLACE.search(message)
    text = message[: found.start()] if found else message
    steps = [name or index for name, index in _STEP.findall(found[1])] if found else []
    return Invalid(text, pointer="".join(f"/{step}" for step in (*steps, *_FIELD.findall(text))))

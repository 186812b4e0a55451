"""The HTTP contract of `POST /v1/validations` from the terminal's side: what is asked and what is answered."""

import json
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from terminals.errors import AnswerUnreadable

VALIDATIONS = "/v1/validations"
JSON = "application/json"


def compact(content: dict[str, Any]) -> bytes:
    """JSON without blanks."""
    return json.dumps(content, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True)
class CardShown:
    """What was read out of a chip: its UID (7 bytes), its credential (file 02), and how far it was trusted.

    `tier` 0: read without a key, so it may be a copy; 1: the chip has proved that it knows its read key; 3: the service
    is to talk to the chip itself.
    """

    uid: bytes
    credential: bytes
    tier: int = 0

    def content(self) -> dict[str, Any]:
        """As the request says it."""
        card = {"uid": self.uid.hex(), "credential": b64encode(self.credential).decode(), "tier": self.tier}
        return {"card": {name: value for name, value in card.items() if value != ""}}


@dataclass(frozen=True, slots=True)
class Tap:
    """One tap: what was shown, when (aware), the full price in euros, companions.

    `token` is the text of a QR code, the number on a card, or what a card's chip held; None: nothing was shown,
    only what everybody may use is asked for.
    """

    token: str | CardShown | None
    at: datetime
    gross: Decimal
    place: str | None = None
    product: str = "single"
    companions: int = 0

    def body(self, seq: int) -> bytes:
        """The request's bytes; a repetition must send exactly these again."""
        content: dict[str, Any] = {
            "seq": seq,
            "token": self.token.content() if isinstance(self.token, CardShown) else self.token,
            "at": self.at.isoformat(),
            "gross": f"{self.gross:f}",
        }
        content |= {"product": self.product, "companions": self.companions}
        if self.place is not None:
            content["place"] = self.place
        return compact(content)


def tap_of(body: bytes) -> Tap:
    """The tap that a request of `Tap.body` is about."""
    said = json.loads(body)
    token = said["token"]
    if isinstance(token, dict):
        card = token["card"]
        token = CardShown(bytes.fromhex(card["uid"]), b64decode(card.get("credential", "")), card["tier"])
    at, gross = datetime.fromisoformat(said["at"]), Decimal(said["gross"])
    return Tap(token, at, gross, said.get("place"), said["product"], said["companions"])


@dataclass(frozen=True, slots=True)
class Answer:
    """The decision. `payable` in euros; `use` names the recorded use, None for a denial; `text` is for the driver.

    `companions` go along free of charge. `online`: the service decided it, not the terminal alone.
    """

    seq: int
    verdict: str
    reason: str
    payable: Decimal
    quota_left: int | None
    check_photo: bool
    use: str | None
    text: dict[str, str]
    companions: int = 0
    online: bool = True

    @property
    def accepted(self) -> bool:
        """Whether the concession is given."""
        return self.verdict != "DENY"


def read_answer(content: bytes) -> Answer:
    """The answer in a 200 response.

    Raises:
        AnswerUnreadable
    """
    try:
        found = json.loads(content)
        return Answer(
            seq=int(found["seq"]),
            verdict=str(found["verdict"]),
            reason=str(found["reason"]),
            payable=Decimal(found["payable"]),
            quota_left=found["quota_left"],
            check_photo=bool(found["check_photo"]),
            use=found["use"],
            text={language: str(found["text"][language]) for language in ("lv", "en")},
            companions=int(found["companions"]),
        )
    except (ValueError, KeyError, TypeError, InvalidOperation) as error:
        raise AnswerUnreadable(type(error).__name__) from error

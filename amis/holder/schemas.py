"""Shapes of the holder's API. Texts come in both languages, days inclusive, amounts as decimal strings."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from amis.granting.words import Phrase
from amis.holder.home import Have, Left
from amis.issuing.models import Token
from amis.issuing.phones import OnPhone
from amis.kernel.models import Municipality
from amis.web.formats import last_day
from rules.wire import amount


class Shape(BaseModel):
    """What every shape here keeps to: no guessing, nothing unknown."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class EnrolIn(Shape):
    """The one-time code, the phone's public key, and a signature of that key over both (ES256, base64url)."""

    code: str = Field(max_length=40)
    jwk: dict[str, Any]
    proof: str = Field(max_length=100)


class Said(Shape):
    """The same words in Latvian and in English."""

    lv: str
    en: str

    @classmethod
    def of(cls, phrase: Phrase) -> "Said":
        """The shape of a phrase."""
        return cls(lv=phrase.lv, en=phrase.en)


class CredentialOut(Shape):
    """What the phone presents inside its own signature: an AM1 text, and until when it is good."""

    text: str
    expires: datetime

    @classmethod
    def of(cls, shown: OnPhone) -> "CredentialOut":
        """The shape of what was signed for a phone."""
        return cls(text=shown.text, expires=shown.expires)


class EndedOut(Shape):
    """When the phone ended, and the token on it."""

    ended: datetime


class LeftOut(Shape):
    """What is left of a quota: uses, or euros where `money`, of `of` in each day, week, month, year or period."""

    left: str
    of: str
    per: str
    money: bool

    @classmethod
    def of_quota(cls, left: Left) -> "LeftOut":
        """The shape of what is left."""
        write = amount if left.money else str
        return cls(left=write(left.left), of=write(left.of), per=left.per, money=left.money)


class HaveOut(Shape):
    """A concession that the holder has; `last` is the last day, null without end."""

    code: str
    name: Said
    first: date | None
    last: date | None
    paused: bool
    left: LeftOut | None

    @classmethod
    def of(cls, have: Have) -> "HaveOut":
        """The shape of a concession."""
        left = None if have.left is None else LeftOut.of_quota(have.left)
        name = Said.of(have.name)
        return cls(code=have.code, name=name, first=have.first, last=have.last, paused=have.paused, left=left)


class HomeOut(Shape):
    """The holder's own page: the token with its state, whose it is to help, since when it is on this phone."""

    state: str
    number: str
    last_day: date
    municipality: Said
    since: datetime
    have: list[HaveOut]

    @classmethod
    def of(cls, token: Token, town: Municipality, since: datetime, have: list[Have]) -> "HomeOut":
        """The shape of the page."""
        return cls(
            state=token.state,
            number=token.number,
            last_day=last_day(token.valid_to),
            municipality=Said(lv=town.name_lv, en=town.name_en),
            since=since,
            have=[HaveOut.of(one) for one in have],
        )

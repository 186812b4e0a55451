"""Shapes of what a holder is told: where the token was used, and why a concession is given or not."""

from datetime import date, datetime
from uuid import UUID

from amis.holder.schemas import Said, Shape
from amis.holder.why import Answer, Sentence
from amis.validating.store import TapSeen
from rules.wire import amount


class RideOut(Shape):
    """One tap: accepted, refused (DENY, with its reason) or taken back (REVERSED); prices in euros."""

    id: UUID
    at: datetime
    verdict: str
    reason: str
    provider: str
    place: str
    concession: Said | None
    gross: str
    payable: str

    @classmethod
    def of(cls, tap: TapSeen) -> "RideOut":
        """The shape of a tap."""
        named = Said(lv=tap.concession_lv, en=tap.concession_en or "") if tap.concession_lv else None
        return cls(
            id=tap.id,
            at=tap.at,
            verdict=tap.verdict,
            reason=tap.reason,
            provider=tap.provider,
            place=tap.place,
            concession=named,
            gross=amount(tap.gross),
            payable=amount(tap.payable),
        )


class RidesOut(Shape):
    """Taps, newest first; `next` asks for those before them, null at the end."""

    rides: list[RideOut]
    next: str | None


class SentenceOut(Shape):
    """One part of a condition; `holds` null = a datum is missing."""

    text: Said
    holds: bool | None
    depth: int

    @classmethod
    def of(cls, sentence: Sentence) -> "SentenceOut":
        """The shape of a part."""
        return cls(text=Said.of(sentence.text), holds=sentence.holds, depth=sentence.depth)


class WantedOut(Shape):
    """What would give the concession; `on` is the day on which it comes by itself."""

    text: Said
    on: date | None


class AnswerOut(Shape):
    """One concession: given today or not, and why."""

    concession: Said
    holds: bool | None
    sentences: list[SentenceOut]
    missing: list[Said]
    wanted: list[WantedOut]

    @classmethod
    def of(cls, answer: Answer) -> "AnswerOut":
        """The shape of an answer."""
        return cls(
            concession=Said.of(answer.concession),
            holds=answer.holds,
            sentences=[SentenceOut.of(one) for one in answer.sentences],
            missing=[Said.of(one) for one in answer.missing],
            wanted=[WantedOut(text=Said.of(text), on=on) for text, on in answer.wanted],
        )

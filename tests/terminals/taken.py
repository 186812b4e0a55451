"""Taps that a terminal has decided, for tests of its journal."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from rules.claim import Counter, Decision, Proof, Verdict
from rules.reason import Reason
from rules.terms import Place
from terminals.journal import Journal
from terminals.line import Decided
from terminals.message import Tap
from terminals.remembered import Use

NOW = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)
PLACE = Place("bus-1", "BUS", lat=56.65, lon=23.71)
MONTH: Counter = ("c" * 32, date(2026, 3, 1))
TEXT = "AM1:6BFOXN*TS0BI$ZDYSHTRMI4QT"


def decided(seq: int, body: bytes, *, at: datetime = NOW, units: int = 0, reserve: str | None = None) -> Decided:
    """An accepted tap, of a quota where it takes units."""
    tap = Tap(TEXT, at, Decimal("0.85"))
    code, window = MONTH if units else (None, None)
    left = 3 if units else None
    decision = Decision(Verdict.ACCEPT, Reason.OK, Decimal(0), 0, left, False, 12, code, window, units)
    token = {"status": 131073, "cti": "0123456789abcdef"}
    return Decided(seq, body, tap, token, Proof.STATIC, decision, revision=1, reserve=reserve)


def use(who: str = "holder", *, at: datetime = NOW, units: int = 0, reserve: str | None = None) -> Use:
    """What such a tap let happen."""
    return Use(who, at, PLACE, None, MONTH if units else None, units, reserve)


def take(journal: Journal, who: str = "holder", *, minutes: int = 0, units: int = 0, reserve: str | None = None) -> int:
    """A tap from its beginning to its line; its number."""
    at = NOW + timedelta(minutes=minutes)
    seq, body = journal.begin(Tap(TEXT, at, Decimal("0.85")).body, at)
    given = use(who, at=at, units=units, reserve=reserve)
    journal.decided(decided(seq, body, at=at, units=units, reserve=reserve), given)
    return seq

"""One line on its way into the ledger: when it counts, and whom to look up for it."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from msgspec import Struct

from amis.validating.item import CLOCK_AHEAD
from amis.validating.ledger import windows
from amis.validating.lines import Line, Reference, Sent
from amis.validating.shown import replay_key
from cards.errors import CredentialRefused
from cards.number import parse_number
from rules.claim import Proof, TerminalState
from rules.decision import local
from terminals.chip_units import CHIP

OLDEST = timedelta(days=400)
"""A tap that was longer ago than this cannot be told from a wrong clock: the day of its upload counts."""
LATE = timedelta(days=31)
"""After so long somebody looks whether the terminal's clock was right."""
# Python 3.11 looks an enum member up through a property: a name of this module keeps that off the hot path
_STATIC = Proof.STATIC
_INDEX_BITS = 17
_INDEX = (1 << _INDEX_BITS) - 1
COPY_SECONDS = TerminalState().copy_seconds


@dataclass(slots=True)
class UploadItem:
    """A line at its place `i` of a batch that came in at `received`.

    `at`, `day` and `minute` are what is recorded: the terminal's clock where it can be believed at all; `clock` says
    that somebody has to look at it.
    """

    i: int
    line: Line
    digest: str
    received: datetime
    at: datetime = field(init=False)
    day: date = field(init=False)
    minute: int = field(init=False)
    clock: bool = field(init=False)
    replay: str | None = field(init=False)

    def __post_init__(self) -> None:
        line, token = self.line, self.line.token
        age = self.received - line.at
        self.at = line.at if -CLOCK_AHEAD <= age <= OLDEST else self.received
        self.clock = line.clock_doubtful or not -CLOCK_AHEAD <= age <= LATE
        self.day, self.minute = local(self.at)
        self.replay = None
        if token is not None and token.status is not None and token.presented is not None:
            self.replay = replay_key(token.status, token.presented)

    @classmethod
    def of(cls, i: int, sent: Sent, received: datetime) -> "UploadItem | None":
        """None for a line that could not be read."""
        return None if sent.line is None else cls(i, sent.line, sent.digest, received)


class AskedLine(Struct, omit_defaults=True):
    """One item of `upload_claims`."""

    i: int
    seq: int
    at: datetime
    day: date
    week: date
    month: date
    year: date
    place: str | None = None
    number: str | None = None
    list: int | None = None
    index: int | None = None
    cti: str | None = None
    replay: str | None = None
    uid: str | None = None
    code: str | None = None
    near: int = 0
    reserve: UUID | None = None
    chip: bool = False


def asked(item: UploadItem) -> AskedLine:
    """What to ask for a line; `near`: a picture may have been shown elsewhere within so many seconds."""
    line, token = item.line, item.line.token or Reference()
    near = COPY_SECONDS if line.proof is _STATIC and line.code is not None else 0
    number = None if token.number is None else _plain(token.number)
    found = AskedLine(item.i, line.seq, item.at, item.day, *windows(item.day), line.place, number, near=near)
    if token.status is not None:
        found.list, found.index = token.status >> _INDEX_BITS, token.status & _INDEX
    found.cti, found.uid, found.replay = token.cti, token.uid, item.replay
    found.code = line.code
    if line.reserve is not None:
        found.chip = line.reserve == CHIP
        found.reserve = None if found.chip else UUID(line.reserve)
    return found


def _plain(text: str) -> str | None:
    try:
        return parse_number(text)
    except CredentialRefused:
        return None

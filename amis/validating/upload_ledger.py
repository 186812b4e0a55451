"""What the two calls of an upload give and are given."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from msgspec import Struct

from amis.validating.claims import Row
from amis.validating.ledger import Denial, Take
from rules.claim import LastTap
from rules.terms import Place


class Beyond(NamedTuple):
    """What a row of `upload_claims` holds beyond that of a tap: the earlier answer, uses beside it, units set aside.

    `uploaded`: the terminal's own record has come before. The others of the first line are of an answer that the
    service gave. `set_aside` are the units left of the reserve that the line names, for the window that begins with
    `set_aside_window`, and `set_aside_in` is its id. `head` is the digest at which the uploaded journal ends.
    """

    uploaded: bool
    taken_back: bool
    answered_use: UUID | None
    answered_concession: UUID | None
    answered_person: UUID | None
    answered_per: str | None
    answered_window: date | None
    answered_units: int | None
    conflicts: list[str] | None
    near_at: list[datetime] | None
    near_place: list[str] | None
    near_lat: list[float | None] | None
    near_lon: list[float | None] | None
    set_aside: int | None
    set_aside_window: date | None
    set_aside_in: UUID | None
    head: bytes | None

    @property
    def near(self) -> tuple[LastTap, ...]:
        """The nearest uses of the token on other terminals, before and after."""
        if self.near_at is None:
            return ()
        parts = zip(self.near_at, self.near_place or (), self.near_lat or (), self.near_lon or (), strict=True)
        return tuple(LastTap(at, Place(code, "", lat=lat, lon=lon)) for at, code, lat, lon in parts)


Claim = tuple[Row, Beyond]
_OWN = len(Row._fields)


def claim_of(columns: tuple[Any, ...]) -> Claim:
    """A row of `upload_claims`."""
    return Row._make(columns[:_OWN]), Beyond._make(columns[_OWN:])


class Recorded(Struct, omit_defaults=True):
    """One line to write: its answer with its use or its denial. `twice`: the service had answered it before; without
    an `answer` that one stands.
    """

    seq: int
    sha: str
    at: datetime
    answer: str | None = None
    twice: bool | None = None
    use: UUID | None = None
    day: date | None = None
    m: int | None = None
    person: UUID | None = None
    token: UUID | None = None
    concession: UUID | None = None
    revision: int | None = None
    grantor: int | None = None
    funder: str | None = None
    provider: UUID | None = None
    place: UUID | None = None
    product: str | None = None
    gross: Decimal | None = None
    payable: Decimal | None = None
    companions: int | None = None
    verdict: str | None = None
    reason: str | None = None
    per: str | None = None
    window: date | None = None
    units: int | None = None
    shares: tuple[tuple[str, str], ...] | None = None
    replay: str | None = None
    denial: UUID | None = None
    request: str | None = None
    shown: Denial | None = None


class Undone(Struct):
    """A use that the service had recorded and the terminal did not let happen."""

    seq: int
    id: UUID


class Drawn(Struct):
    """Units of a reserve that were used."""

    reserve: UUID
    n: int


class Found(Struct, omit_defaults=True):
    """A conflict to write."""

    id: UUID
    provider: UUID
    seq: int
    at: datetime
    kind: str
    detail: dict[str, Any]
    m: int | None = None
    use: UUID | None = None
    token: UUID | None = None


class Batch(Struct, omit_defaults=True):
    """One call of `upload_commit`: the journal grows from its digest `since` (hex) to `head`, where `seq` is the
    newest number that was recorded, 0 for none.
    """

    now: datetime
    terminal: UUID
    pairing: int
    request: str
    taps: list[Recorded]
    takes: list[Take]
    aside: list[Drawn]
    undone: list[Undone]
    conflicts: list[Found]
    since: str
    head: str
    seq: int


class Told(Struct, omit_defaults=True):
    """The answer to one line. `use` is the recorded use; `code`, `pointer` and `detail` say why it was refused."""

    seq: int | None
    outcome: str
    use: UUID | None
    conflicts: tuple[str, ...]
    code: str = ""
    pointer: str = ""
    detail: str = ""

"""What the two calls of a batch are given: each one JSON value, unset keys left out."""

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from uuid import UUID

from msgspec import Struct

from amis.validating.item import Item
from rules.period import EMPTY
from rules.tariff import Per, Quota


class Take(Struct):
    """Units of one quota counter that the items of group `g` take together: all of them or none."""

    g: int
    m: int
    person: UUID
    concession: UUID
    window: date
    per: str
    n: int
    lim: int


class Denial(Struct, omit_defaults=True):
    """What the audit leaf of a denial tells beside the reason; nothing that was shown."""

    provider: UUID
    place: UUID
    pairing: int
    seq: int
    product: str
    gross: str


class TapRow(Struct, omit_defaults=True):
    """One answer to write, with its use or its denial; `shares` where several funders pay."""

    terminal: UUID
    pairing: int
    seq: int
    sha: str
    answer: str
    at: datetime
    g: int | None = None
    m: int | None = None
    token: UUID | None = None
    reason: str | None = None
    use: UUID | None = None
    day: date | None = None
    person: UUID | None = None
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
    per: str | None = None
    window: date | None = None
    units: int | None = None
    shares: tuple[tuple[str, str], ...] | None = None
    previous: UUID | None = None
    replay: str | None = None
    denial: UUID | None = None
    request: str | None = None
    shown: Denial | None = None


class Writing(Struct):
    """One call of `tap_commit`."""

    now: datetime
    takes: list[Take]
    taps: list[TapRow]


class Asked(Struct, omit_defaults=True):
    """One item of `tap_claims`: who asks, under which key, whom to look up, and the names of the quota windows."""

    i: int
    bearer: str
    seq: int
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

    @classmethod
    def of(cls, i: int, item: Item) -> "Asked":
        """What to ask for `item`, the `i`-th of its batch."""
        shown = item.evidence
        return cls(
            i,
            item.bearer,
            item.body.seq,
            item.day,
            *windows(item.day),
            item.body.place,
            shown.number,
            shown.list,
            shown.index,
            shown.cti,
            shown.replay,
            shown.uid,
        )


class Asking(Struct):
    """One call of `tap_claims`."""

    now: datetime
    items: list[Asked]


@lru_cache(maxsize=64)
def windows(day: date) -> tuple[date, date, date]:
    """The first days of the week, the month and the year of a day."""
    week, month, year = (Quota(1, per).window(day, EMPTY) for per in (Per.WEEK, Per.MONTH, Per.YEAR))
    return week, month, year

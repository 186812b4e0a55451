"""Rows of the first hot call, as the frozen inputs of the one decider."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from rules.claim import Counter, EntitlementClaim, Holder, LastTap, Memory, TokenState, token_state
from rules.funding import Funding
from rules.period import EMPTY, Days, union
from rules.tariff import Discount, Quota
from rules.terms import Place, Terms

_NO_WORDS: frozenset[str] = frozenset()


class Row(NamedTuple):
    """One row of `tap_claims`: an item with one right of its holder, or with none. Named as the columns."""

    i: int
    terminal_id: UUID | None
    pairing: int | None
    provider_id: UUID | None
    provider: str | None
    place_id: UUID | None
    place: str
    place_lat: float | None
    place_lon: float | None
    place_mode: str | None
    place_zone: str | None
    answered_sha: bytes | None
    answer: str | None
    token_id: UUID | None
    municipality_id: int | None
    municipality: str | None
    person_id: UUID | None
    token_state: str
    token_reason: str | None
    valid_from: date | None
    valid_to: date | None
    last_use: UUID | None
    last_at: datetime | None
    last_place: str
    last_lat: float | None
    last_lon: float | None
    replayed: bool
    concession_id: UUID | None
    revision: int
    periods: str
    suspended: str | None
    waived: bool | None
    modes: list[str] | None
    universal: bool | None
    per: str | None
    window_start: date | None
    used: int | None
    carried: int = 0
    amnesty: bool | None = None


@dataclass(frozen=True, slots=True)
class TermsRevision:
    """One immutable revision of a concession, read once in a process.

    `since` is the first day of terms that carried unused uses over in the same way.
    """

    concession_id: UUID
    revision: int
    grantor_id: int
    grantor: str
    code: str
    funder: str
    discount: Discount
    quota: Quota | None
    terms: Terms
    funding: Funding
    since: date
    public_code: int

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> "TermsRevision":
        """A row of `tap_terms`."""
        concession, revision, grantor_id, grantor, code, funder, discount, quota, terms, funding, since, public = row
        return cls(
            concession,
            revision,
            grantor_id,
            grantor,
            code,
            funder,
            Discount.from_json(discount),
            None if quota is None else Quota.from_json(quota),
            Terms.from_json(terms),
            Funding.from_json(funding),
            since or date.min,
            public,
        )


@dataclass(slots=True)
class KnownTerms:
    """The revisions met so far: a new revision is a new key, so nothing here ever goes stale."""

    revisions: dict[tuple[str, int], TermsRevision] = field(default_factory=dict)
    terms: dict[tuple[str, int], Terms] = field(default_factory=dict)

    def add(self, revision: TermsRevision) -> None:
        """Keeps one revision."""
        key = revision.concession_id.hex, revision.revision
        self.revisions[key] = revision
        self.terms[key] = revision.terms

    def of(self, row: Row) -> TermsRevision | None:
        """The revision that a row names; None where it names none or its terms are not readable."""
        return None if row.concession_id is None else self.revisions.get((row.concession_id.hex, row.revision))

    def missing(self, rows: Iterable[Row]) -> set[tuple[UUID, int]]:
        """The revisions that these rows name and that are not known yet."""
        return {
            (row.concession_id, row.revision)
            for row in rows
            if row.concession_id is not None and (row.concession_id.hex, row.revision) not in self.revisions
        }


def by_item(rows: Iterable[Row]) -> list[list[Row]]:
    """The rows of each item together, in the order of the items."""
    item = attrgetter("i")
    return [list(group) for _, group in groupby(sorted(rows, key=item), item)]


def place_of(row: Row) -> Place:
    """Where the terminal is."""
    return Place(row.place, row.provider or "", row.place_mode, row.place_zone, None, row.place_lat, row.place_lon)


def holder_of(rows: Sequence[Row], day: date, issuer: str | None, known: KnownTerms) -> Holder:
    """The token's state on `day` and its person's rights; `issuer` is the municipality that signed what was shown."""
    first = rows[0]
    if first.token_id is None or issuer not in (None, first.municipality):
        return stranger(rows, known)
    state = token_state(first.token_state, first.token_reason)
    if state is TokenState.ACTIVE:
        state = _dated(first, day)
    return Holder(state, tuple(_rights(rows, known)), _universal(rows, known))


def stranger(rows: Sequence[Row], known: KnownTerms, state: TokenState = TokenState.UNKNOWN) -> Holder:
    """Somebody of whom nothing is known: the rights are those of everybody."""
    return Holder(state, (), _universal(rows, known))


def _dated(row: Row, day: date) -> TokenState:
    if row.valid_from is not None and day < row.valid_from:
        return TokenState.NOT_ACTIVE
    return TokenState.EXPIRED if row.valid_to is not None and day >= row.valid_to else TokenState.ACTIVE


def _rights(rows: Sequence[Row], known: KnownTerms) -> Iterable[EntitlementClaim]:
    # Two rules may grant one concession: together they are one right.
    mine: dict[tuple[str, int], EntitlementClaim] = {}
    for row in rows:
        if row.universal or (revision := known.of(row)) is None or revision.terms.universal:
            continue
        claim = _claim(row, revision)
        key = claim.code, claim.revision
        mine[key] = _together(mine[key], claim) if key in mine else claim
    return mine.values()


def _claim(row: Row, revision: TermsRevision) -> EntitlementClaim:
    terms = revision.terms
    return EntitlementClaim(
        revision.concession_id.hex,
        revision.revision,
        revision.grantor,
        _days(row.periods),
        revision.discount,
        revision.quota,
        terms.priority,
        _days(row.suspended) if row.suspended else EMPTY,
        frozenset(row.modes) if row.modes and terms.holder_mode else _NO_WORDS,
        frozenset((terms.waiver,)) if row.waived and terms.waiver is not None else _NO_WORDS,
        revision.since,
    )


def _together(one: EntitlementClaim, other: EntitlementClaim) -> EntitlementClaim:
    # an order suspends a concession for a person, whichever rule grants it
    return replace(
        one,
        periods=one.periods | other.periods,
        suspended=one.suspended | other.suspended,
        modes=one.modes | other.modes,
        flags=one.flags | other.flags,
    )


def _universal(rows: Sequence[Row], known: KnownTerms) -> tuple[EntitlementClaim, ...]:
    """What everybody may use; a quota has nobody to count for, so with one it is nobody's."""
    found = ((row, known.of(row)) for row in rows if row.universal)
    return tuple(_claim(row, revision) for row, revision in found if revision is not None and revision.quota is None)


def limit_of(rows: Iterable[Row], revision: TermsRevision, quota: Quota, day: date, window: date) -> int:
    """The units that the counter `window` may reach on `day`, less those that are counted under another name."""
    mine = [row for row in rows if row.concession_id == revision.concession_id and not row.universal]
    periods = periods_of(mine)
    # of two rules that grant it, each may have a window of its own; the counter is that of both periods together
    carried = {row.window_start: row.carried for row in mine}
    return quota.limit(day, periods, revision.since) - carried.get(window, 0)


def periods_of(rows: Sequence[Row]) -> Days:
    """The days of one right, which several rules may grant."""
    return _days(rows[0].periods) if len(rows) == 1 else union(_days(row.periods) for row in rows)


def memory_of(
    rows: Sequence[Row],
    taken: Mapping[Counter, int] = MappingProxyType({}),
    latest: LastTap | None = None,
    seen: str | None = None,
) -> Memory:
    """What is remembered of the holder: by the database, and by the batch that is being decided.

    `taken` are units that earlier items of the batch took, `latest` a tap of this token among them, `seen` the
    presentation that was shown where it had been shown before.
    """
    first = rows[0]
    used = dict(_used(row) for row in rows if row.concession_id is not None and row.window_start is not None)
    last = () if first.last_at is None else (LastTap(first.last_at, _last_place(first)),)
    shown = frozenset() if seen is None else frozenset((seen,))
    return Memory(used, taken, last=last if latest is None else (*last, latest), seen=shown)


def _used(row: Row) -> tuple[Counter, int]:
    assert row.concession_id is not None
    assert row.window_start is not None
    return (row.concession_id.hex, row.window_start), (row.used or 0) + row.carried


def _last_place(row: Row) -> Place:
    return Place(row.last_place, "", lat=row.last_lat, lon=row.last_lon)


@lru_cache(maxsize=65_536)
def _days(text: str) -> Days:
    return Days.parse(text)

"""Lines of one terminal compared with the register, and what is to be written of them.

What a terminal let happen has happened: it is recorded as it says, a difference becomes a conflict beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from amis.kernel.ids import new_id
from amis.validating.claims import KnownTerms, Row, TermsRevision
from amis.validating.differences import Judgement, judge
from amis.validating.errors import SequenceReused
from amis.validating.ledger import Denial
from amis.validating.lines import Sent
from amis.validating.upload_answer import agrees, answered, given_to, said
from amis.validating.upload_item import UploadItem
from amis.validating.upload_ledger import Batch, Claim, Found, Recorded, Told, Undone
from amis.validating.upload_units import Units
from rules.claim import Verdict
from rules.funding import split
from rules.wire import amount

NOTHING_BEFORE = "0" * 64
"""What the first line of a journal names as the line before it."""
# Python 3.11 looks an enum member up through a property: a name of this module keeps that off the hot path
_DENY = Verdict.DENY


@dataclass(slots=True)
class Upload:
    """A batch of lines while it is compared. `own` are the claims of the terminal itself; `faults` say which sampled
    texts do not prove their line, by the line's place.
    """

    known: KnownTerms
    own: Claim
    received: datetime
    request: str
    faults: dict[int, str] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)
    taps: list[Recorded] = field(default_factory=list)
    undone: list[Undone] = field(default_factory=list)
    conflicts: list[Found] = field(default_factory=list)
    units: Units = field(default_factory=Units)
    presented: set[str | None] = field(default_factory=set)
    since: str = NOTHING_BEFORE
    head: str = field(init=False)
    before: str = ""
    last: int = 0

    def __post_init__(self) -> None:
        if self.own[1].head is not None:
            self.since = self.own[1].head.hex()
        self.head = self.since

    def compare(self, sent: Sequence[Sent], items: Sequence[UploadItem | None], claims: dict[int, list[Claim]]) -> None:
        """Goes through the lines in their order; `claims` by the place of the line."""
        for i, (line, item) in enumerate(zip(sent, items, strict=True)):
            if item is None:
                self._refuse(line)
            else:
                self._one(item, claims[i])
            self.before = line.digest
            if line.prev == self.head:
                # what is not recorded is a part of the chain all the same
                self.head = line.digest

    def batch(self) -> Batch | None:
        """What to write; None where all of it is known."""
        if not self.taps and self.head == self.since:
            return None
        row, takes = self.own[0], self.units
        assert row.terminal_id is not None
        assert row.pairing is not None
        return Batch(
            self.received,
            row.terminal_id,
            row.pairing,
            self.request,
            self.taps,
            takes.takes(),
            takes.drawn(),
            self.undone,
            self.conflicts,
            self.since,
            self.head,
            self.last,
        )

    def _refuse(self, sent: Sent) -> None:
        fault = sent.fault
        assert fault is not None
        self.told.append(Told(sent.seq, "refused", None, (), fault.code, fault.pointer, fault.detail or fault.title))

    def _one(self, item: UploadItem, claims: list[Claim]) -> None:
        (row, beyond), line = claims[0], item.line
        if row.answered_sha is None:
            self._new(item, claims)
        elif row.answered_sha.hex() == line.sha and beyond.uploaded:
            self.told.append(Told(line.seq, "known", beyond.answered_use, tuple(beyond.conflicts or ())))
        elif row.answered_sha.hex() != line.sha or (given := given_to(row)) is None:
            fault = SequenceReused()
            self.told.append(Told(line.seq, "refused", None, (), fault.code, "/seq", fault.title))
        elif agrees(line, given, beyond):
            self.taps.append(Recorded(line.seq, line.sha, item.at, twice=True))
            self._chain(item, row, beyond.answered_use, "known")
        else:
            self._answered_twice(item, claims)

    def _new(self, item: UploadItem, claims: list[Claim], kinds: tuple[str, ...] = ()) -> Recorded:
        row, line = claims[0][0], item.line
        tap = Recorded(line.seq, line.sha, item.at, reason=line.reason, m=row.municipality_id, token=row.token_id)
        found: dict[str, Any] = {}
        if line.verdict is _DENY:
            kinds += ("clock",) if item.clock else ()
            self._denied(tap, item, row)
        else:
            mine = [row for row, _ in claims]
            if item.replay is not None and item.replay in self.presented:
                mine[0] = row._replace(replayed=True)
            judgement = judge(item, mine, claims[0][1].near, self.known)
            found = dict(judgement.found)
            kinds += judgement.kinds + self._used(tap, item, claims, judgement, found)
        tap.answer = answered(line, tap.use)
        self.taps.append(tap)
        self._chain(item, row, tap.use, "recorded", kinds, found, tap.m)
        return tap

    def _answered_twice(self, item: UploadItem, claims: list[Claim]) -> None:
        """The terminal's word stands over an answer that it never saw."""
        beyond, line = claims[0][1], item.line
        back = beyond.answered_use is not None and not beyond.taken_back
        if back:
            self.undone.append(Undone(line.seq, new_id()))
            self.units.returned(beyond)
        tap = self._new(item, claims, ("answered_twice",))
        tap.twice = True
        if tap.use is None and back:
            # what people may look at is the use that was taken back
            for found in self.conflicts:
                if found.seq == line.seq:
                    found.use = beyond.answered_use

    def _denied(self, tap: Recorded, item: UploadItem, row: Row) -> None:
        own, line = self.own[0], item.line
        assert own.provider_id is not None
        assert own.pairing is not None
        assert row.place_id is not None
        tap.denial, tap.request = new_id(), self.request
        tap.shown = Denial(own.provider_id, row.place_id, own.pairing, line.seq, line.product, line.gross)

    def _used(
        self, tap: Recorded, item: UploadItem, claims: list[Claim], judgement: Judgement, found: dict[str, Any]
    ) -> tuple[str, ...]:
        """Fills in the use that the terminal recorded; what is wrong with its units."""
        line, row = item.line, claims[0][0]
        revision = self.known.revisions.get((line.code or "", line.revision or 0))
        if revision is None:
            # no such concession: there is nobody to pay for it, so there is nothing to record but that it was said
            return () if "right_gone" in judgement.kinds else ("right_gone",)
        self._priced(tap, item, row, revision)
        if row.token_id is None or revision.terms.universal:
            tap.m, tap.token = revision.grantor_id, None
            return ()
        tap.person, tap.replay = row.person_id, item.replay
        self.presented.add(item.replay)
        missing = self.units.take(tap, item, claims, self.known)
        if missing:
            found["missing"] = missing
        return ("overspent",) if missing else ()

    def _priced(self, tap: Recorded, item: UploadItem, row: Row, revision: TermsRevision) -> None:
        line = item.line
        tap.use, tap.day = new_id(), item.day
        tap.concession, tap.revision = revision.concession_id, revision.revision
        tap.grantor, tap.funder = revision.grantor_id, revision.funder
        tap.provider, tap.place, tap.product = self.own[0].provider_id, row.place_id, line.product
        tap.gross = Decimal(line.gross) * (1 + line.accompanied)
        tap.payable, tap.companions, tap.verdict = Decimal(line.payable), line.accompanied, line.verdict
        if revision.funding:
            paid = split(tap.gross - tap.payable, revision.funding, revision.funder)
            tap.shares = tuple((funder, amount(part)) for funder, part in paid)

    def _chain(
        self,
        item: UploadItem,
        row: Row,
        use: UUID | None,
        outcome: str,
        kinds: tuple[str, ...] = (),
        found: dict[str, Any] | None = None,
        municipality: int | None = None,
    ) -> None:
        """Adds the line to the journal as we hold it, with all that is wrong with it."""
        line, told = item.line, found or {}
        broken = self.faults.get(item.i) or ("" if line.prev in (self.head, self.before) else "prev")
        if broken:
            kinds, told = (*kinds, "journal_broken"), told | {"journal": broken, "expected": self.head}
        detail = {"said": said(line), "found": told | {"received": self.received.isoformat()}} if kinds else {}
        for kind in kinds:
            provider, token = self.own[0].provider_id, row.token_id
            assert provider is not None
            m = municipality if municipality is not None else row.municipality_id
            found_one = Found(new_id(), provider, line.seq, item.at, kind, detail, m, use, token)
            self.conflicts.append(found_one)
        self.head, self.last = item.digest, line.seq
        self.told.append(Told(line.seq, outcome, use, kinds))

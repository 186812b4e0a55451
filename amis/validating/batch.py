"""Deciding the items of one batch in their order, each seeing what those before it took."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from amis.kernel.errors import AmisError, TooManyRequests
from amis.kernel.ids import new_id
from amis.validating.answer import answer
from amis.validating.claims import (
    KnownTerms,
    Row,
    TermsRevision,
    by_item,
    holder_of,
    limit_of,
    memory_of,
    place_of,
    stranger,
)
from amis.validating.errors import PlaceUnknown, SequenceReused, TerminalUnknown
from amis.validating.guesses import Guesses
from amis.validating.item import Item
from amis.validating.ledger import Denial, Take, TapRow
from cards.token import BlockReason, State, may_unblock
from rules.claim import Counter, Decision, LastTap, Memory, Tap, TerminalState, TokenState, Verdict
from rules.decision import decide
from rules.funding import split
from rules.period import Days
from rules.reason import Reason
from rules.wire import amount

_ONLINE = TerminalState(online=True)
_DOUBTFUL = TerminalState(online=True, clock_doubtful=True)
EVERY_DAY = Days(ever=True)
_NOTHING = Memory()
_NEVER_REVIVED = frozenset(reason.value for reason in BlockReason if not may_unblock(reason))


class Known(NamedTuple):
    """What a lane keeps from batch to batch."""

    terms: KnownTerms
    guesses: Guesses


@dataclass(slots=True)
class Batch:
    """A batch while it is decided.

    `settled` needs no writing; `written` is answered once its rows are committed; `again` repeats a key of this batch
    and is asked once more after that. The rest is what earlier items took: quota units, taps, presentations.
    """

    known: Known
    settled: list[tuple[Item, bytes | AmisError]] = field(default_factory=list)
    written: list[tuple[Item, TapRow]] = field(default_factory=list)
    again: list[Item] = field(default_factory=list)
    takes: dict[tuple[UUID, Counter], Take] = field(default_factory=dict)
    taken: dict[UUID, dict[Counter, int]] = field(default_factory=lambda: defaultdict(dict))
    group: dict[UUID, int] = field(default_factory=dict)
    latest: dict[UUID, LastTap] = field(default_factory=dict)
    presented: set[str] = field(default_factory=set)
    keys: set[tuple[UUID, int, int]] = field(default_factory=set)

    def decide(self, items: Sequence[Item], rows: Sequence[Row]) -> None:
        """Decides every item; `rows` are the claims, whose `i` is the index in `items`."""
        for mine in by_item(rows):
            item, row = items[mine[0].i], mine[0]
            if (outcome := self._settled(item, row)) is not None:
                self.settled.append((item, outcome))
            elif (key := _key(item, row)) in self.keys:
                self.again.append(item)
            else:
                self.keys.add(key)
                self._write(item, mine, self._decision(item, mine))

    def _settled(self, item: Item, row: Row) -> bytes | AmisError | None:
        """The answer given before, or why there is none to give; the replay look-up comes before any rule."""
        if row.terminal_id is None:
            return TerminalUnknown()
        if row.answer is not None and row.answered_sha is not None:
            same = row.answered_sha.hex() == item.sha
            return row.answer.encode() if same else SequenceReused(pointer="/seq")
        if row.place_id is None:
            return PlaceUnknown(pointer="/place")
        guessed = item.evidence.number is not None and row.token_id is None
        if guessed and self.known.guesses.over(row.terminal_id, item.received):
            return TooManyRequests("too many unknown numbers")
        return None

    def _decision(self, item: Item, rows: list[Row]) -> Decision:
        shown, row, terms = item.evidence, rows[0], self.known.terms
        terminal = _DOUBTFUL if item.clock_doubtful else _ONLINE
        if shown.refused is not None or row.token_id is None or row.person_id is None:
            state = TokenState.NONE if item.body.token is None else TokenState.UNKNOWN
            decision = decide(_tap(item, row), stranger(rows, terms, state), terms.terms, _NOTHING, terminal)
            if decision.verdict is Verdict.DENY and shown.refused is not None:
                return replace(decision, reason=shown.refused)
            return decision
        memory = memory_of(
            rows,
            self.taken[row.person_id],
            self.latest.get(row.token_id),
            shown.replay if row.replayed or shown.replay in self.presented else None,
        )
        holder = holder_of(rows, item.day, shown.municipality, terms)
        if row.amnesty:
            terminal = replace(terminal, amnesty=EVERY_DAY)
        return decide(_tap(item, row), holder, terms.terms, memory, terminal)

    def _write(self, item: Item, rows: list[Row], decision: Decision) -> None:
        row = rows[0]
        tap = _row(item, row, decision)
        if row.person_id is not None:
            tap.m, tap.token = row.municipality_id, row.token_id
            tap.g = self.group.get(row.person_id)
        if decision.verdict is Verdict.DENY:
            _deny(tap, item, row)
        else:
            self._use(tap, item, rows, decision)
        hand_in = decision.reason is Reason.TOKEN_BLOCKED and _never_again(row)
        photo_id = item.evidence.photo_id and tap.token is not None
        tap.answer = answer(item.body.seq, item.body.gross, decision, tap.use, photo_id=photo_id, hand_in=hand_in)
        self.written.append((item, tap))

    def _use(self, tap: TapRow, item: Item, rows: list[Row], decision: Decision) -> None:
        row, right = rows[0], next(row for row in rows if row.concession_id and row.concession_id.hex == decision.code)
        revision = self.known.terms.of(right)
        assert revision is not None
        tap.use, tap.day = new_id(), item.day
        tap.concession, tap.revision = revision.concession_id, revision.revision
        tap.grantor, tap.funder = revision.grantor_id, revision.funder
        tap.provider, tap.place, tap.product = row.provider_id, row.place_id, item.body.product
        # the concession pays for the companions too, so the ledger holds the full price of all whom it covers
        tap.gross = Decimal(item.body.gross) * (1 + decision.companions)
        tap.payable, tap.companions, tap.verdict = decision.payable, decision.companions, decision.verdict.value
        if revision.funding:
            paid = split(tap.gross - tap.payable, revision.funding, revision.funder)
            tap.shares = tuple((funder, amount(part)) for funder, part in paid)
        if revision.terms.universal:
            # everybody may: who it was is nobody's business, even where a token was shown
            tap.m, tap.token, tap.g = revision.grantor_id, None, None
        else:
            self._remember(tap, item, row)
            self._take(tap, rows, revision, decision, item.day)

    def _remember(self, tap: TapRow, item: Item, row: Row) -> None:
        assert tap.token is not None
        tap.person, tap.previous, tap.replay = row.person_id, row.last_use, item.evidence.replay
        self.latest[tap.token] = LastTap(item.at, place_of(row))
        if tap.replay is not None:
            self.presented.add(tap.replay)

    def _take(self, tap: TapRow, rows: list[Row], revision: TermsRevision, decision: Decision, day: date) -> None:
        """Counts its units for the batch; all that a person does in a batch shares its group, as it shares its luck."""
        quota, window = revision.quota, decision.window
        if quota is None or window is None or decision.code is None:
            return
        assert tap.m is not None
        assert tap.person is not None
        tap.per, tap.window, tap.units = quota.kind, window, decision.units
        tap.g = self.group.setdefault(tap.person, len(self.group))
        counter, limit = (decision.code, window), limit_of(rows, revision, quota, day, window)
        take = self.takes.get((tap.person, counter))
        if take is None:
            take = Take(tap.g, tap.m, tap.person, revision.concession_id, window, quota.kind, 0, limit)
            self.takes[tap.person, counter] = take
        take.n += decision.units
        # a later day of the batch may allow more of what is carried over
        take.lim = max(take.lim, limit)
        mine = self.taken[tap.person]
        mine[counter] = mine.get(counter, 0) + decision.units


def _key(item: Item, row: Row) -> tuple[UUID, int, int]:
    assert row.terminal_id is not None
    assert row.pairing is not None
    return row.terminal_id, row.pairing, item.body.seq


def _never_again(row: Row) -> bool:
    return row.token_state == State.ENDED or row.token_reason in _NEVER_REVIVED


def _tap(item: Item, row: Row) -> Tap:
    body = item.body
    return Tap(
        item.at,
        item.day,
        item.minute,
        place_of(row),
        body.product,
        Decimal(body.gross),
        body.companions,
        item.evidence.proof,
        item.evidence.replay,
    )


def _row(item: Item, row: Row, decision: Decision) -> TapRow:
    terminal, pairing, seq = _key(item, row)
    return TapRow(terminal, pairing, seq, item.sha, "", item.at, reason=decision.reason.name)


def _deny(tap: TapRow, item: Item, row: Row) -> None:
    assert row.provider_id is not None
    assert row.place_id is not None
    tap.denial, tap.request = new_id(), item.request_id
    tap.shown = Denial(row.provider_id, row.place_id, tap.pairing, tap.seq, item.body.product, item.body.gross)

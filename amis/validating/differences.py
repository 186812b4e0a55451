"""What the register says of a tap that a terminal has already decided, and what is wrong with it by that."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from amis.validating.claims import KnownTerms, Row, holder_of, place_of, stranger
from amis.validating.lines import Line
from amis.validating.upload_item import UploadItem
from rules.claim import Decision, Holder, LastTap, Memory, Tap, TerminalState, TokenState, Verdict
from rules.decision import decide
from rules.period import Days
from rules.reason import Reason
from rules.wire import amount

# Python 3.11 looks an enum member up through a property: names of this module keep that off the hot path
_DENY, _QUOTA_USED, _NO_TOKEN, _UNKNOWN = Verdict.DENY, Reason.QUOTA_USED, TokenState.NONE, TokenState.UNKNOWN
_ONLINE = TerminalState(online=True)
_AMNESTY = replace(_ONLINE, amnesty=Days(ever=True))
_KINDS: Mapping[Reason, str] = {
    Reason.TOKEN_BLOCKED: "revoked_at_time",
    Reason.TOKEN_EXPIRED: "revoked_at_time",
    Reason.TOKEN_NOT_ACTIVE: "revoked_at_time",
    Reason.UNKNOWN_TOKEN: "unknown_token",
    Reason.PASSBACK: "pass_back",
    Reason.REPLAY: "replayed",
}
"""Any other refusal means that the right was not there."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The register's decision about the right that the terminal used; `kinds` of conflicts, `found` to tell people."""

    decision: Decision
    kinds: tuple[str, ...]
    found: Mapping[str, Any]


def judge(item: UploadItem, rows: Sequence[Row], near: tuple[LastTap, ...], known: KnownTerms) -> Judgement:
    """Decides the tap by the register as it was at that moment, with that right alone and its quota left aside.

    `rows` are the claims of the line, `near` the uses beside it on other terminals.
    """
    row, line = rows[0], item.line
    holder, terminal = _holder(item, rows, known), _AMNESTY if row.amnesty else _ONLINE
    tap = Tap(
        item.at,
        item.day,
        item.minute,
        place_of(row),
        line.product,
        Decimal(line.gross),
        line.companions,
        line.proof,
        item.replay,
    )
    seen = frozenset((item.replay,)) if row.replayed and item.replay is not None else frozenset()
    decision = decide(tap, holder, known.terms, Memory(last=near, seen=seen), terminal)
    kinds = list(_kinds(item, row, decision, known))
    if near and _elsewhere(tap, holder, decision, known, terminal):
        kinds.append("two_places")
    return Judgement(decision, tuple(kinds), _told(item, row, decision, near) if kinds else {})


def _holder(item: UploadItem, rows: Sequence[Row], known: KnownTerms) -> Holder:
    if rows[0].token_id is None:
        return stranger(rows, known, _NO_TOKEN if item.line.token is None else _UNKNOWN)
    return holder_of(rows, item.day, None, known)


def _other_price(decision: Decision, line: Line, row: Row, known: KnownTerms) -> bool:
    """Whether the right has another price; what is left of an allowance of money is told by its counter."""
    if decision.payable == Decimal(line.payable):
        return False
    revision = known.of(row)
    return revision is None or revision.quota is None or revision.quota.amount is None


def _kinds(item: UploadItem, row: Row, decision: Decision, known: KnownTerms) -> Iterator[str]:
    line = item.line
    if item.clock:
        yield "clock"
    if decision.verdict is _DENY:
        # how many units were left is told by the counter itself
        if decision.reason is not _QUOTA_USED:
            yield _KINDS.get(decision.reason, "right_gone")
    elif decision.companions < line.accompanied or _other_price(decision, line, row, known):
        yield "right_gone"
    elif line.place is not None and line.place != row.place:
        # the provider has no such place, so whether the right holds there cannot be said
        yield "right_gone"


def _elsewhere(tap: Tap, holder: Holder, decision: Decision, known: KnownTerms, terminal: TerminalState) -> bool:
    """Whether it is the uses beside it that ask for a look at the photo."""
    return decision.check_photo and not decide(tap, holder, known.terms, Memory(), terminal).check_photo


def _told(item: UploadItem, row: Row, decision: Decision, near: tuple[LastTap, ...]) -> dict[str, Any]:
    return {
        "verdict": decision.verdict.value,
        "reason": decision.reason.name,
        "payable": amount(decision.payable),
        "companions": decision.companions,
        "token_state": row.token_state,
        "place": row.place,
        "near": [{"at": last.at.isoformat(), "place": last.place.id} for last in near],
    }

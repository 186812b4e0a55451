"""What a terminal decided as an answer of the service, and beside the one that the service gave."""

from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec

from amis.validating.answer import answer
from amis.validating.body import Answer
from amis.validating.claims import Row
from amis.validating.lines import Line
from amis.validating.upload_ledger import Beyond
from rules.claim import Decision, Verdict
from rules.reason import Reason
from rules.wire import amount

_SEQ, _USE = '"seq":0,', "00000000-0000-0000-0000-000000000000"
_ANSWER = msgspec.json.Decoder(Answer)
# Python 3.11 looks an enum member up through a property: a name of this module keeps that off the hot path
_DENY = Verdict.DENY


def given_to(row: Row) -> Answer | None:
    """What the service answered to a tap; None where that number was another kind of request."""
    try:
        return _ANSWER.decode(row.answer or "")
    except msgspec.DecodeError:
        return None


def agrees(line: Line, given: Answer, beyond: Beyond) -> bool:
    """Whether the service answered the tap as the terminal decided it; one that was taken back is settled."""
    if beyond.taken_back:
        return True
    if (given.verdict == _DENY) or line.verdict is _DENY:
        return (given.verdict == _DENY) and line.verdict is _DENY
    same_price = Decimal(given.payable) == Decimal(line.payable) and given.companions == line.accompanied
    return same_price and beyond.answered_concession is not None and beyond.answered_concession.hex == line.code


def answered(line: Line, use: UUID | None) -> str:
    """The terminal's decision as the service would have answered it, should the request still come."""
    told = line.gross, line.verdict, line.reason, line.payable, line.accompanied, line.quota_left
    text = _alike(*told, line.check_photo, line.list_seq, use is not None)
    return text.replace(_SEQ, f'"seq":{line.seq},', 1).replace(_USE, str(use), 1)


@lru_cache(maxsize=4096)
def _alike(
    gross: str,
    verdict: Verdict,
    reason: str,
    payable: str,
    companions: int,
    quota_left: int | None,
    check_photo: bool,
    list_seq: int | None,
    used: bool,
) -> str:
    """The answer of all taps that ended alike, under no number and with no use's own id."""
    paid = Decimal(payable)
    decision = Decision(verdict, Reason[reason], paid, companions, quota_left, check_photo, list_seq)
    return answer(0, gross, decision, UUID(_USE) if used else None)


def said(line: Line) -> dict[str, Any]:
    """What the terminal decided, for whoever settles a conflict; amounts in euros with 4 decimals."""
    return {
        "verdict": line.verdict.value,
        "reason": line.reason,
        "at": line.at.isoformat(),
        "gross": amount(Decimal(line.gross)),
        "payable": amount(Decimal(line.payable)),
        "companions": line.accompanied,
        "product": line.product,
        "place": line.place,
        "proof": line.proof.value,
        "concession": line.code,
        "revision": line.revision,
        "quota_left": line.quota_left,
        "list_seq": line.list_seq,
        "clock_doubtful": line.clock_doubtful,
    }

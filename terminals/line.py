"""One line of `POST /v1/validations/batch`: a tap with what the terminal decided about it, and the answer to a line."""

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from rules.claim import Decision, Proof
from rules.wire import amount
from terminals.errors import AnswerUnreadable
from terminals.message import Tap

BEFORE_FIRST = "0" * 64
"""What the first line of a journal names as the one before it."""
RECORDED, KNOWN, REFUSED = "recorded", "known", "refused"
_OVERSPENT = "overspent"


@dataclass(frozen=True, slots=True)
class Decided:
    """A tap that the terminal decided alone.

    `body` is the request that was, or would have been, sent about it; `token` what of the token may be told (None:
    nothing that names one); `sampled`: the line carries the request, so that what was shown can be verified later.
    """

    seq: int
    body: bytes
    tap: Tap
    token: dict[str, Any] | None
    proof: Proof
    decision: Decision
    revision: int | None = None
    reserve: str | None = None
    clock_doubtful: bool = False
    sampled: bool = False

    def line(self, prev: str) -> bytes:
        """The line (no newline) that follows the line with the digest `prev`."""
        return json.dumps(self._content() | {"prev": prev}, separators=(",", ":"), ensure_ascii=False).encode()

    def _content(self) -> dict[str, Any]:
        tap, decision = self.tap, self.decision
        content: dict[str, Any] = {"seq": self.seq, "sha": digest(self.body), "at": tap.at.isoformat()}
        content |= {"token": self.token, "proof": self.proof.value, "gross": amount(tap.gross)}
        content |= {"product": tap.product, "companions": tap.companions, "verdict": decision.verdict.value}
        content |= {"reason": decision.reason.name, "payable": amount(decision.payable)}
        content |= {"accompanied": decision.companions, "check_photo": decision.check_photo}
        return content | {key: value for key, value in self._known().items() if value is not None}

    def _known(self) -> dict[str, Any]:
        decision = self.decision
        return {
            "place": self.tap.place,
            "code": decision.code,
            "revision": self.revision,
            "units": decision.units if decision.window is not None else None,
            "window": None if decision.window is None else decision.window.isoformat(),
            "quota_left": decision.quota_left,
            "list_seq": decision.list_seq,
            "clock_doubtful": True if self.clock_doubtful else None,
            "reserve": self.reserve,
            "text": self.body.decode() if self.sampled else None,
        }


def digest(content: bytes) -> str:
    """SHA-256 in hex: of a line what the next one names, of a request what its line names."""
    return sha256(content).hexdigest()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the service did with a line: recorded it, knew it, or refused it; and what it found about it, as it came.

    `spent`: the quota had been used up elsewhere.
    """

    seq: int
    outcome: str
    said: bytes
    spent: bool = False


def read_outcomes(content: bytes) -> list[Outcome]:
    """The outcomes in a 200 answer, in its order.

    Raises:
        AnswerUnreadable
    """
    return [_outcome(line) for line in content.split(b"\n") if line.strip()]


def _outcome(line: bytes) -> Outcome:
    try:
        said = json.loads(line)
        spent = _OVERSPENT in said.get("conflicts", ())
        outcome = Outcome(int(said["seq"]), str(said["outcome"]), line, spent)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise AnswerUnreadable(type(error).__name__) from error
    if outcome.outcome not in (RECORDED, KNOWN, REFUSED):
        raise AnswerUnreadable(outcome.outcome[:40])
    return outcome

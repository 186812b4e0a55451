"""One request on its way through a lane."""

from asyncio import Future
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from amis.kernel.errors import AmisError
from amis.validating.body import TapBody
from amis.validating.shown import Evidence
from rules.decision import local

CLOCK_BEHIND, CLOCK_AHEAD = timedelta(minutes=10), timedelta(minutes=2)
"""How far a terminal's clock may be off; beyond that the tap is decided by ours and the clock called doubtful."""


@dataclass(slots=True, eq=False)
class Item:
    """A tap to decide. `sha` is the digest of the body, `bearer` that of the terminal's token (SHA-256, hex).

    `at`, `day` and `minute` are what is decided by: the terminal's clock where it can be believed.
    """

    body: TapBody
    sha: str
    bearer: str
    evidence: Evidence
    received: datetime
    request_id: str
    answered: "Future[bytes]"
    at: datetime = field(init=False)
    day: date = field(init=False)
    minute: int = field(init=False)
    clock_doubtful: bool = field(init=False)

    def __post_init__(self) -> None:
        drift = self.received - self.body.at
        self.clock_doubtful = not -CLOCK_AHEAD <= drift <= CLOCK_BEHIND
        self.at = self.received if self.clock_doubtful else self.body.at
        self.day, self.minute = local(self.at)

    def settle(self, outcome: bytes | AmisError) -> None:
        """Answers the request, unless its client has gone."""
        if self.answered.done():
            return
        if isinstance(outcome, bytes):
            self.answered.set_result(outcome)
        else:
            self.answered.set_exception(outcome)

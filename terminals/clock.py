"""The time at a terminal: its wall clock, put right by what the service says, and doubted where it cannot be right."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx

_FAR = timedelta(seconds=20)


def now() -> datetime:
    """The present moment by the wall clock, aware, in UTC."""
    return datetime.fromtimestamp(time.time(), UTC)


def elapsed() -> float:
    """Seconds that go on evenly, through sleep too, whatever is done to the wall clock."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Clock:
    """The terminal's time.

    Once the service has told its time, that time goes on by the even seconds of the machine, and a wall clock that is
    set wrong no longer matters. Before, the wall clock counts, but it is doubted when it jumps or when it is before a
    moment that has certainly passed.
    """

    def __init__(self, wall: Callable[[], datetime] = now, seconds: Callable[[], float] | None = None) -> None:
        """`seconds` tells jumps of `wall`; a wall of one's own is taken at its word."""
        self.wall = wall
        self._seconds = seconds or (elapsed if wall is now else lambda: wall().timestamp())
        self._known = self._started = wall(), self._seconds()

    def now(self) -> datetime:
        """The present moment, aware, as well as it is known."""
        return self._going_on() if self._told else self.wall()

    def tell(self, service: datetime, took: float) -> None:
        """The service's time in an answer that took so many seconds: it was said half that time ago."""
        self._known = service + timedelta(seconds=took / 2), self._seconds()

    async def hear(self, response: httpx.Response) -> None:
        """Takes the time of any answer (RFC 9110 section 6.6.1) if the wall clock is far from it.

        Without it a clock that is set wrong would keep the terminal from proving its key, whose proofs are dated.
        """
        try:
            said = parsedate_to_datetime(response.headers["date"])
        except (KeyError, ValueError):
            return
        if said.tzinfo is not None and abs(self.now() - said) > _FAR:
            self.tell(said, 0)

    def doubtful(self, at: datetime, floor: datetime | None, slack: timedelta) -> bool:
        """Whether `at`, read from this clock, cannot be trusted; `floor` has certainly passed."""
        if floor is not None and at < floor - slack:
            return True
        return not self._told and abs(self.wall() - self._going_on()) > slack

    @property
    def _told(self) -> bool:
        return self._known is not self._started

    def _going_on(self) -> datetime:
        moment, seconds = self._known
        return moment + timedelta(seconds=self._seconds() - seconds)

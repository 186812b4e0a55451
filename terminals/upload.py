"""Sending what the terminal decided alone: in the order of the chain, until the service has answered for each line."""

import httpx

from terminals.errors import AnswerUnreadable, Refused, Unreachable
from terminals.journal import Journal
from terminals.line import REFUSED, Outcome, read_outcomes
from terminals.link import Link

BATCH = "/v1/validations/batch"
NDJSON = "application/x-ndjson"
MOST_LINES, MOST_BYTES = 1_000, 1 << 20
_TOO_MUCH = (httpx.codes.BAD_REQUEST, httpx.codes.REQUEST_ENTITY_TOO_LARGE, httpx.codes.UNPROCESSABLE_ENTITY)
_PROBLEM = "application/problem+json"


class Upload:
    """The unsent lines of one journal on their way. A repeated line changes nothing, so each is sent until answered."""

    def __init__(self, link: Link, journal: Journal) -> None:
        """Sends by `link` what waits in `journal`."""
        self._link = link
        self._journal = journal
        self._most = MOST_LINES

    async def send(self) -> int:
        """Sends the oldest lines, as many as go into one request; how many the service has answered for.

        Raises:
            Unreachable, Refused, Revoked, AnswerUnreadable: the lines stay, send them again later.
            JournalFull
        """
        batch = _fitting(self._journal.unsent(self._most))
        if not batch:
            return 0
        content = b"".join(line + b"\n" for _, line in batch)
        response = await self._link.ask("POST", BATCH, content, NDJSON)
        if response.status_code == httpx.codes.OK:
            outcomes = _answered(batch, read_outcomes(response.content))
            self._most = min(MOST_LINES, self._most * 2)
        else:
            outcomes = self._refused(batch, response)
        self._journal.sent(outcomes)
        return len(outcomes)

    async def send_all(self) -> int:
        """Sends all lines; how many. Raises as `send`."""
        sent = 0
        while count := await self.send():
            sent += count
        return sent

    def _refused(self, batch: list[tuple[int, bytes]], response: httpx.Response) -> list[Outcome]:
        """A batch that is not taken is sent in smaller ones, until the one line that cannot be taken is alone.

        That line is given up only where the service itself says so (RFC 9457): a proxy may answer for it.
        """
        if response.status_code not in _TOO_MUCH:
            raise Refused(f"{response.status_code} {response.text}")
        if len(batch) > 1:
            self._most = len(batch) // 2
            raise Unreachable(f"{response.status_code}: the next batch is smaller")
        if not response.headers.get("content-type", "").startswith(_PROBLEM):
            raise Refused(f"{response.status_code} {response.text}")
        return [Outcome(batch[0][0], REFUSED, response.content)]


def _fitting(lines: list[tuple[int, bytes]]) -> list[tuple[int, bytes]]:
    size = 0
    for count, (_, line) in enumerate(lines):
        size += len(line) + 1
        if size > MOST_BYTES:
            return lines[: max(1, count)]
    return lines


def _answered(batch: list[tuple[int, bytes]], outcomes: list[Outcome]) -> list[Outcome]:
    asked = [seq for seq, _ in batch]
    if not outcomes or [outcome.seq for outcome in outcomes] != asked[: len(outcomes)]:
        raise AnswerUnreadable("the outcomes are not those of the lines")
    return outcomes

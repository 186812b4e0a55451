"""What a tap that a terminal decided alone costs to take in: a thousand lines a request, each compared and recorded."""

import json
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from hashlib import sha256
from itertools import count, cycle

import httpx

from amis.kernel import clock
from cards.credential import status_number
from tests.bench.closed_loop import CONNECTIONS, closed_loop
from tests.bench.cpu import Meter, Spent
from tests.bench.numbers import median
from tests.bench.people import Holder, Ride, Terminal, install, open_ride, settle
from tests.bench.report import Goal, Section
from tests.bench.scale import Scale
from tests.bench.stage import Server, Stage, service
from tests.bench.taps import Bodies

LINES = 1_000
_OFFLINE, _BETWEEN = timedelta(days=7), timedelta(seconds=2)
ACCEPTED, DENIED, AGAIN = "rides given", "taps denied", "lines that are known"
ONLINE = "beside it: the same rides online, AM0"
COLUMNS = ("side", "rows/s", "app us/row", "PostgreSQL us/row", "CPU us/row", "rows/s per core")
NOTES = (
    f"POST /v1/validations/batch with {LINES} lines, one terminal after the other over one connection, one web "
    "process; the terminals were offline for days and took a tap each 2 s; the generator's CPU is not counted.",
    "A ride: read strictly, token by status number and cti, its state at that moment out of its history, the right and "
    "its terms, the counter, uses beside it on other terminals, rules.decision.decide; then the use (its own audit "
    "leaf), the answer under (terminal, pairing, seq), a quota unit and the last tap, durable before the answer.",
    "A denied tap: the answer and an audit leaf. One line in 100 carries no text here: what verifying one costs is the "
    "credentials section's figure.",
    f"Beside it: one tap a request, {CONNECTIONS} connections in a closed loop, as in the section on validation.",
)


class Lines:
    """An endless journal of one terminal: holders take turns."""

    def __init__(self, terminal: Terminal, holders: Sequence[Holder], ride: Ride) -> None:
        self.terminal = terminal
        self._holders: Iterator[Holder] = cycle(holders)
        self._numbers = count(1)
        self._prev = "0" * 64
        self._at = clock.now() - _OFFLINE
        given = {"verdict": "ACCEPT", "reason": "OK", "payable": "0.0000", "revision": 1, "units": 1, "list_seq": 7}
        self._said = {
            ACCEPTED: given | {"code": ride.concession_id.hex, "check_photo": False},
            DENIED: {"verdict": "DENY", "reason": "NO_ENTITLEMENT", "payable": "0.85"},
        }

    def body(self, what: str) -> bytes:
        """The next request."""
        return b"".join(self._line(self._said[what]) for _ in range(LINES))

    def _line(self, said: dict[str, object]) -> bytes:
        self._at += _BETWEEN
        at = self._at.isoformat()
        seq, who = next(self._numbers), next(self._holders)
        token = {"status": status_number(who.status_list, who.status_index), "cti": who.cti.hex()}
        asked = {"seq": seq, "sha": sha256(b"%d" % seq).hexdigest(), "prev": self._prev, "at": at, "token": token}
        asked |= {"proof": "static", "gross": "0.85", "product": "single", "companions": 0, "accompanied": 0}
        line = json.dumps(asked | said, separators=(",", ":")).encode()
        self._prev = sha256(line).hexdigest()
        return line + b"\n"


async def upload(on: Stage, scale: Scale) -> Section:
    """Interleaved rounds of rides, denials and known lines."""
    ride = await open_ride()
    holders = settle(on, ride, scale.holders)
    journals = [Lines(terminal, holders[i::4], ride) for i, terminal in enumerate(install(on, 4))]
    spent: dict[str, list[Spent]] = {ACCEPTED: [], DENIED: [], AGAIN: [], ONLINE: []}
    online = Bodies(install(on, CONNECTIONS), [one.text for one in holders])
    with service(on) as server:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}", timeout=60) as http:
            await _sent(http, journals[0].terminal, journals[0].body(ACCEPTED), "recorded")
            for _ in range(scale.rounds):
                await _round(on, server, http, journals, scale.seconds, spent)
                spent[ONLINE].append(await closed_loop(on, server, online, scale.seconds))
    us = {name: median([one.us for one in runs]) for name, runs in spent.items()}
    goals = [Goal("rides uploaded, rows/s a core", 1e6 / us[ACCEPTED], 15_000, at_most=False)]
    return Section("Upload of taps decided alone", COLUMNS, [_row(*item) for item in spent.items()], goals, NOTES)


async def _round(
    on: Stage,
    server: Server,
    http: httpx.AsyncClient,
    journals: Sequence[Lines],
    seconds: int,
    spent: dict[str, list[Spent]],
) -> None:
    for what in (ACCEPTED, DENIED):
        bodies = [(one.terminal, one.body(what)) for _ in range(2 * seconds) for one in journals]
        spent[what].append(await _measured(on, server, http, bodies, "recorded"))
        if what == ACCEPTED:
            spent[AGAIN].append(await _measured(on, server, http, bodies, "known"))


async def _measured(
    on: Stage, server: Server, http: httpx.AsyncClient, bodies: Sequence[tuple[Terminal, bytes]], outcome: str
) -> Spent:
    meter, began = Meter(server.pid, on.postmaster), time.perf_counter()
    for terminal, body in bodies:
        await _sent(http, terminal, body, outcome)
    return meter.spent(LINES * len(bodies), time.perf_counter() - began)


async def _sent(http: httpx.AsyncClient, terminal: Terminal, body: bytes, outcome: str) -> None:
    headers = {"authorization": f"Bearer {terminal.bearer}", "content-type": "application/x-ndjson"}
    answer = await http.post("/v1/validations/batch", content=body, headers=headers)
    taken = answer.text.count(f'"outcome":"{outcome}"')
    if taken != LINES or answer.text.count('"conflicts":[]') != LINES:
        raise RuntimeError(f"{answer.status_code}: {taken} lines {outcome}: {answer.text[:500]}")


def _row(name: str, runs: list[Spent]) -> tuple[str, float, float, float, float, float]:
    us = median([one.us for one in runs])
    app, postgres = median([one.app_us for one in runs]), median([one.postgres_us for one in runs])
    return name, median([one.rate for one in runs]), app, postgres, us, 1e6 / us

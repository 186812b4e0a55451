"""What a validated tap costs: against the database alone (limit) and against a naive endpoint (reference)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from tests.bench.closed_loop import CONNECTIONS, closed_loop
from tests.bench.cpu import Spent, resident_megabytes
from tests.bench.credentials import raw_verify_us
from tests.bench.limit import CLIENTS, pgbench
from tests.bench.numbers import median
from tests.bench.people import Ride, Terminal, install, open_ride, settle, texts
from tests.bench.report import Goal, Section
from tests.bench.scale import Scale
from tests.bench.stage import Server, Stage, reference, service
from tests.bench.taps import Bodies

LIMIT, NAIVE, CARD, QR = "limit: pgbench", "reference: FastAPI + ORM", "ours: AM0 number", "ours: QR text"
COLUMNS = ("side", "taps/s", "app us/tap", "PostgreSQL us/tap", "CPU us/tap", "taps/s per core")
NOTES = (
    f"limit: pgbench c={CLIENTS}, tap_claims + tap_commit in one transaction a tap, each client with holders of its "
    "own; its own CPU counts as the app's.",
    f"reference and ours: HTTP, {CONNECTIONS} connections in a closed loop, one web process; the generator's CPU is "
    "not counted, but it takes a core of this machine.",
    "All store durably before the answer (fsync on): the use (which is its own audit leaf), the answer under its "
    "(terminal, pairing, seq), a quota unit and the last tap.",
    "The reference makes six reads, four writes and a commit a tap, through the ORM, over 20 pooled connections.",
    "The reference checks no signature: the QR ratio compares our QR tap with its tap by number.",
)


@dataclass(slots=True)
class _Grounds:
    """The two servers, who taps, and the cost of every run."""

    on: Stage
    ours: Server
    naive: Server
    scale: Scale
    ride: Ride
    terminal: Terminal
    ours_bodies: Bodies
    naive_bodies: Bodies
    numbers: list[str]
    qr: list[str]
    runs: int = 0
    spent: dict[str, list[Spent]] = field(default_factory=dict)
    verify_us: list[float] = field(default_factory=list)

    async def limit(self) -> Spent:
        self.runs += 1
        return pgbench(self.on, self.terminal, self.ride, self.scale.holders, self.scale.seconds, self.runs)

    async def reference(self) -> Spent:
        return await closed_loop(self.on, self.naive, self.naive_bodies, self.scale.seconds)

    async def card(self) -> Spent:
        self.ours_bodies.use(self.numbers)
        return await closed_loop(self.on, self.ours, self.ours_bodies, self.scale.seconds)

    async def by_text(self) -> Spent:
        self.ours_bodies.use(self.qr)
        return await closed_loop(self.on, self.ours, self.ours_bodies, self.scale.seconds)


async def validation(on: Stage, scale: Scale) -> Section:
    """Interleaved rounds of limit, reference and ours, and the ratios of their medians."""
    ride = await open_ride()
    settle(on, ride, scale.holders, computable=True)
    holders = settle(on, ride, scale.holders)
    ours, naive, alone = install(on, CONNECTIONS), install(on, CONNECTIONS), install(on, 1)[0]
    numbers, shown = [one.text for one in holders], texts(holders[: scale.texts])
    with service(on) as server, reference(on) as other:
        bodies = Bodies(ours, numbers), Bodies(naive, numbers)
        grounds = _Grounds(on, server, other, scale, ride, alone, *bodies, numbers, shown)
        for _ in range(scale.rounds):
            await _round(grounds)
        return _section(grounds, resident_megabytes(server.pid))


async def _round(grounds: _Grounds) -> None:
    sides: dict[str, Callable[[], Awaitable[Spent]]] = {
        LIMIT: grounds.limit,
        NAIVE: grounds.reference,
        CARD: grounds.card,
        QR: grounds.by_text,
    }
    for name, run in sides.items():
        grounds.spent.setdefault(name, []).append(await run())
    grounds.verify_us.append(raw_verify_us())


def _section(grounds: _Grounds, megabytes: float) -> Section:
    spent = grounds.spent
    us = {name: median([one.us for one in runs]) for name, runs in spent.items()}
    verify = median(grounds.verify_us)
    goals = (
        Goal("AM0 tap / pgbench, CPU", us[CARD] / us[LIMIT], 0.67),
        Goal("(QR tap - AM0 tap) / raw ES256 verify, CPU", (us[QR] - us[CARD]) / verify, 1.4),
        Goal("reference / AM0 tap, CPU", us[NAIVE] / us[CARD], 25, at_most=False),
        Goal("reference / QR tap, CPU", us[NAIVE] / us[QR], 12, at_most=False),
        Goal("web process, MB resident", megabytes, 100),
    )
    rows = [_row(name, runs) for name, runs in spent.items()]
    return Section("Validation, closed loop", COLUMNS, rows, goals, (*NOTES, f"raw ES256 verify: {verify:.1f} us."))


def _row(name: str, runs: list[Spent]) -> tuple[str, float, float, float, float, float]:
    us = median([one.us for one in runs])
    app, postgres = median([one.app_us for one in runs]), median([one.postgres_us for one in runs])
    return name, median([one.rate for one in runs]), app, postgres, us, 1e6 / us

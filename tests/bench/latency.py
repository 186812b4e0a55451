"""How long a tap takes at a given rate, from the moment at which it was meant to be sent."""

from operator import attrgetter

from tests.bench.open_loop import CONNECTIONS, Latency, open_loop
from tests.bench.people import install, open_ride, settle
from tests.bench.report import Goal, Section
from tests.bench.scale import Scale
from tests.bench.stage import Stage, service
from tests.bench.taps import Bodies

ASKED = 1_500
RATES = (500, 1_000, 2_000, 3_000, 5_000, 8_000)
KEPT_MS = 25.0
"""A rate is kept while the 99th percentile stays below this and no tap fails."""
WARM_UP = 1.0
NOTES = (
    f"Poisson arrivals over {CONNECTIONS} connections, one web process; generator, service and PostgreSQL share this "
    "machine's cores. The generator's clock ticks once a millisecond, which the latencies include.",
    f"Rates rise until the 99th percentile passes {KEPT_MS:.0f} ms or a tap fails.",
)


async def latency(on: Stage, scale: Scale) -> Section:
    """The rate that is asked for, several times, and then the highest one that the machine keeps."""
    holders = settle(on, await open_ride(), scale.holders)
    bodies = Bodies(install(on, CONNECTIONS), [one.text for one in holders])
    with service(on) as server:
        await open_loop(server, bodies, ASKED, WARM_UP)
        runs = [await open_loop(server, bodies, ASKED, scale.seconds) for _ in range(scale.rounds)]
        asked = sorted(runs, key=attrgetter("p99"))[len(runs) // 2]
        rising: list[Latency] = []
        for rate in RATES:
            rising.append(await open_loop(server, bodies, rate, scale.seconds))
            if not _kept(rising[-1]):
                break
    return _section(asked, rising)


def _kept(run: Latency) -> bool:
    return run.p99 <= KEPT_MS and run.faults == 0


def _section(asked: Latency, rising: list[Latency]) -> Section:
    best = max((run.rate for run in (asked, *rising) if _kept(run)), default=0)
    goals = (
        Goal(f"p99 at {ASKED}/s, ms", asked.p99, 10),
        Goal("faults", asked.faults, 0),
        Goal("highest rate kept, taps/s", best, RATES[-1], at_most=False),
    )
    rows = [(f"{run.rate:,}/s", run.taps, run.p50, run.p99, run.faults) for run in (asked, *rising)]
    return Section("Validation, open loop", ("rate", "taps", "p50 ms", "p99 ms", "faults"), rows, goals, NOTES)

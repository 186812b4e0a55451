"""A day in numbers as a table."""

from rich.console import Console
from rich.table import Table

from terminals.simulator.tally import Latency, Tally


def show(done: Tally, console: Console) -> None:
    """Prints what the day came to."""
    table = Table("", "taps", "p50 ms", "p99 ms")
    for place, count, latency in (
        ("online", done.online, done.latency_online),
        ("alone", done.alone, done.latency_alone),
    ):
        table.add_row(place, str(count), *_shown(latency))
    for said, count in done.reasons.items():
        table.add_row(f"  {said}", str(count))
    console.print(table)
    lost = {"left standing": done.left_standing, "unsent": done.unsent, "refused": done.refused}
    console.print(", ".join(f"{name}: {count}" for name, count in lost.items()), markup=False)
    verified = done.terminals - len(done.damaged)
    console.print(f"{verified} of {done.terminals} journals verify ({done.lines} lines)", markup=False)
    for machine, fault in (done.damaged | done.faults).items():
        console.print(f"{machine}: {fault}", markup=False, soft_wrap=True)


def _shown(latency: Latency) -> list[str]:
    return ["" if ms is None else f"{ms:.1f}" for ms in (latency.p50, latency.p99)]

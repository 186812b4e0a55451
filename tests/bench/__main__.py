"""`make bench`: measures and prints, each figure beside its goal; nothing here passes or fails."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import uvloop
from rich.console import Console

from amis.kernel import clock, log
from tests.bench.alone import alone
from tests.bench.audit import audit
from tests.bench.bundle import bundle
from tests.bench.cards import cards
from tests.bench.credentials import credentials
from tests.bench.latency import latency
from tests.bench.person_rules import person_rules
from tests.bench.push import push
from tests.bench.report import Section, machine, show, write_json
from tests.bench.scale import FULL, QUICK, Scale
from tests.bench.stage import Stage, stage
from tests.bench.sync import sync
from tests.bench.sync_events import sync_events
from tests.bench.upload import upload
from tests.bench.validation import validation
from tests.bench.wholesale import rules

ON_A_STAGE: dict[str, Callable[[Stage, Scale], Awaitable[Section]]] = {
    "validation": validation,
    "latency": latency,
    "upload": upload,
    "push": push,
    "sync": sync,
    "sync_events": sync_events,
    "bundle": bundle,
    "audit": audit,
    "rules": rules,
}
WIDTH = 120
"""Columns where no terminal says how many it has."""
ALONE: dict[str, Callable[[Scale], Section]] = {
    "credentials": credentials,
    "alone": alone,
    "cards": cards,
    "person_rules": person_rules,
}


def main() -> None:
    """Runs what the command line asks for."""
    asked = _arguments()
    log.configure("ERROR")
    console, at_start = Console(width=WIDTH if not sys.stdout.isatty() else None), machine()
    for name, value in at_start.items():
        console.print(f"{name}: {value}", highlight=False)
    sections = uvloop.run(_measured(asked.only, QUICK if asked.quick else FULL, console))
    path = asked.json or Path("evidence") / f"bench-{clock.now():%Y%m%d-%H%M%S}.json"
    write_json(path, sections, at_start)
    console.print(f"written to {path}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--only", action="append", choices=[*ON_A_STAGE, *ALONE], help="one measurement; repeatable")
    parser.add_argument("--quick", action="store_true", help="one short round, to see that it works")
    parser.add_argument("--json", type=Path, help="where to write the figures (default: evidence/bench-TIME.json)")
    return parser.parse_args(sys.argv[1:])


async def _measured(only: list[str] | None, scale: Scale, console: Console) -> dict[str, Section]:
    sections: dict[str, Section] = {}
    for name in only or [*ALONE, *ON_A_STAGE]:
        console.print(f"measuring {name} ...", highlight=False)
        sections[name] = await _one(name, scale)
        show(sections[name], console)
    return sections


async def _one(name: str, scale: Scale) -> Section:
    if name in ALONE:
        return await asyncio.to_thread(ALONE[name], scale)
    # each on a stage of its own, so that none meets what another left behind
    async with stage() as on:
        return await ON_A_STAGE[name](on, scale)


if __name__ == "__main__":
    main()

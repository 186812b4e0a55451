"""What the commands of a paired machine share, and those that need nothing else: pair, and looking at a batch."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, NoReturn, TypeVar

import httpx
import typer
from rich.console import Console

from sync import pairing
from sync.batches import BatchClient, BatchState
from sync.door import Door
from sync.errors import SyncError
from sync.patience import Patience

Result = TypeVar("Result")
Home = Annotated[Path, typer.Option("--home", help="Folder with this machine's key and pairing.")]
Source = Annotated[str, typer.Option(help="For which source, where the machine speaks for several.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
HOME = Path("var/machine")
console = Console()
problems = Console(stderr=True)


def pair(url: str, code: str, home: Home = HOME, as_json: AsJson = False) -> None:
    """Pair with the service at URL by a one-time CODE; then somebody compares and approves the fingerprint."""

    async def work(http: httpx.AsyncClient) -> str:
        return await pairing.pair(url, code, home, http)

    fingerprint = run(work)
    told = f"fingerprint {fingerprint}; it works once it is approved: amis machine approve"
    say({"fingerprint": fingerprint}, told, as_json)


def show_batch(batch_id: str, home: Path, as_json: bool) -> NoReturn:
    """Prints where a batch is; ends the command."""

    async def work(http: httpx.AsyncClient) -> BatchState:
        return await client(home, "", 3, http).state(batch_id)

    show_state(run(work), as_json)
    raise typer.Exit(0)


def client(home: Path, source: str, attempts: int, http: httpx.AsyncClient) -> BatchClient:
    """The receiver that this machine is paired with. Raises `MachineNotPaired`."""
    return BatchClient(Door(pairing.Machine(home, http), http, Patience(attempts)), source)


def show_state(state: BatchState, as_json: bool) -> None:
    """Prints where a batch is."""
    total = "" if state.total is None else f" of {state.total}"
    counts = ", ".join(f"{count} {name}" for name, count in sorted(state.counts.items()) if count)
    fault = f"; {state.error[0]} {state.error[1]}" if state.error else ""
    told = f"batch {state.id}: {state.state}, {state.settled}{total} rows settled: {counts or 'none'}{fault}"
    say(asdict(state), told, as_json)


def say(value: object, told: str, as_json: bool) -> None:
    """Prints a value as JSON, or what is told of it."""
    if as_json:
        typer.echo(json.dumps(value, ensure_ascii=False))
    else:
        console.print(told, markup=False, highlight=False, soft_wrap=True)


def run(work: Callable[[httpx.AsyncClient], Awaitable[Result]]) -> Result:
    """Does the work with a client; what goes wrong is printed and ends the command with 2."""

    async def opened() -> Result:
        async with httpx.AsyncClient(timeout=30) as http:
            return await work(http)

    try:
        return asyncio.run(opened())
    except SyncError as error:
        problems.print(f"{error.code}: {str(error) or error.__doc__}", markup=False)
        raise typer.Exit(2) from None

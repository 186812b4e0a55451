"""`amis terminal simulate`: a day of a city on a demo or a test installation."""

import asyncio
import json
import random
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated

import httpx
import typer
from rich.console import Console

from cards.errors import CardsError
from terminals.errors import TerminalError
from terminals.keeping import sole_user
from terminals.simulator.city import Rider, people
from terminals.simulator.day import Plan, play
from terminals.simulator.enlist import (
    CARRIER,
    Entry,
    Roll,
    approval,
    lines_of,
    pair_all,
    read_entries,
    write_fingerprints,
)
from terminals.simulator.errors import FileUnreadable
from terminals.simulator.files import room_for
from terminals.simulator.network import Partition
from terminals.simulator.report import show
from terminals.simulator.stand import Stand, stand_of
from terminals.simulator.tally import Tally, tally

console = Console()


def simulate(
    url: Annotated[str, typer.Option(help="The service's address.")],
    codes: Annotated[list[Path], typer.Option(help="A file of `amis machine fleet`; may be given again.")],
    tokens: Annotated[Path, typer.Option(help="QR texts or token numbers, one a line.")],
    fleet: Annotated[int, typer.Option(min=1, help="How many terminals.")],
    rate: Annotated[float, typer.Option(min=0.001, help="Taps a second in the mean of the day (open loop).")] = 2,
    closed: Annotated[
        bool, typer.Option("--closed", help="Instead: each taps once the one before has an answer.")
    ] = False,
    seconds: Annotated[float, typer.Option(min=0.1, help="How long the day takes.")] = 60,
    partition: Annotated[list[str] | None, typer.Option(help="M:FROM-TO: M terminals without a network.")] = None,
    seed: Annotated[int, typer.Option(help="The same one gives the same day.")] = 1,
    home: Annotated[Path, typer.Option(help="Folder of the fleet; a second run goes on with it.")] = Path("var/fleet"),
    patience: Annotated[float, typer.Option(help="Seconds to wait for the approval of the fingerprints.")] = 300,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Play a day of a city: people tap at a fleet whose networks come and go. For demo and test installations only.

    Ends with 1 when somebody got no answer, or the service does not know of every tap in the end.
    """
    try:
        plan = Plan(seconds, None if closed else rate, [Partition.parse(text) for text in partition or ()], seed)
        roll, shown = Roll(url.rstrip("/"), codes, home, read_entries(codes, fleet)), lines_of(tokens)
        if not shown:
            raise FileUnreadable(f"{tokens}: no token")
        room_for(fleet)
        with sole_user(home):
            done = asyncio.run(_day(roll, shown, patience, plan, quiet=as_json))
    except (TerminalError, CardsError, httpx.TransportError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    if as_json:
        typer.echo(json.dumps(done.content()))
    else:
        show(done, console)
    raise typer.Exit(not done.good)


async def _day(roll: Roll, shown: list[str], patience: float, plan: Plan, *, quiet: bool) -> Tally:
    way = httpx.AsyncHTTPTransport(limits=httpx.Limits(max_connections=None, max_keepalive_connections=None))
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(httpx.AsyncClient(transport=way, timeout=60))
        if await pair_all(roll, http):
            write_fingerprints(roll)
            for file in () if quiet else roll.files:
                console.print(f"Now run: amis machine approve-fleet {file}", markup=False, soft_wrap=True)
        stands = [await _stand(stack, entry, roll.home, way) for entry in roll.entries]
        await approval([stand.terminal.link for stand in stands], patience)
        await play(stands, _riders(roll.entries, shown, plan.seed), plan)
        return tally(stands)


async def _stand(stack: AsyncExitStack, entry: Entry, home: Path, way: httpx.AsyncBaseTransport) -> Stand:
    stand, client = stand_of(entry, home, way)
    await stack.enter_async_context(client)
    stack.callback(stand.terminal.journal.close)
    return stand


def _riders(entries: list[Entry], shown: list[str], seed: int) -> list[Rider]:
    vehicles = [number for number, entry in enumerate(entries) if entry.kind == CARRIER]
    venues = [number for number, entry in enumerate(entries) if entry.kind != CARRIER]
    return people(shown, vehicles, venues, random.Random(seed))  # noqa: S311  # no secret

"""`amis sopa-sim`: a pretend social system on every path, with a scoreboard and a sink for webhooks."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from sync.errors import SyncError
from sync.key_file import read_keys
from sync.pretend.desk import EVENT_WAYS, FILE_WAYS, LETTERS
from sync.pretend.letters import Registry, keep_registry, read_registry
from sync.pretend.scoreboard import Scoreboard
from sync.pretend.session import Connection, Plan, Session, opened, shown, sunk
from sync.pretend.sink import PATH
from sync.spdci.key import draw_key

app = typer.Typer(no_args_is_help=True, help="A pretend social system: it sends on every path and checks the answers.")
_console = Console()
_problems = Console(stderr=True)
WAYS = (*EVENT_WAYS, *FILE_WAYS, LETTERS)


@dataclass(frozen=True, slots=True)
class _Course:
    """What is done after the first load: so many turns, everything once, or turns with this pause for ever."""

    turns: int
    tour: bool
    pause: float | None


@dataclass(frozen=True, slots=True)
class _Doors:
    """The ports of the scoreboard and the sink, 0 for none, and the keys of the webhooks."""

    board: int
    sink: int
    keys: tuple[str, ...]


@app.callback()
def sopa_sim() -> None:
    """A pretend social system: it sends on every path and checks the answers."""


@app.command()
def simulate(
    url: Annotated[str, typer.Option(help="Address of POST /sync/v1/events.")],
    secret_file: Annotated[Path, typer.Option(exists=True, help="File with whsec_ or whsk_ keys, one a line.")],
    source: Annotated[str, typer.Option(help="CloudEvents source the receiver knows this system by.")] = "sopa",
    persons: Annotated[int, typer.Option(min=1)] = 200,
    rate: Annotated[float, typer.Option(min=0.001, help="Turns a second after the first load.")] = 0.2,
    seed: Annotated[int, typer.Option()] = 1,
    via: Annotated[list[str] | None, typer.Option(help=f"Ways of sending: {', '.join(WAYS)}; all by default.")] = None,
    mischief: Annotated[float, typer.Option(min=0, max=1, help="Share of the turns in which trouble is made.")] = 0.0,
    machine: Annotated[Path | None, typer.Option(help="Folder of `amis sync pair`: files and the feed too.")] = None,
    registry: Annotated[Path | None, typer.Option(exists=True, help="File of `registry`: letters (SPDCI) too.")] = None,
    once: Annotated[bool, typer.Option("--once", help="Stop after the first load.")] = False,
    turns: Annotated[int, typer.Option(min=0, help="Stop after so many turns.")] = 0,
    tour: Annotated[bool, typer.Option("--tour", help="Do everything once, every mischief too, and stop.")] = False,
    board: Annotated[int, typer.Option(help="Port of the scoreboard page on this machine; 0 for none.")] = 0,
    sink: Annotated[int, typer.Option(help="Port of the sink for webhooks on this machine; 0 for none.")] = 0,
    sink_keys: Annotated[
        Path | None, typer.Option(help="File with the keys (whsec_, whpk_) of those webhooks.")
    ] = None,
    state: Annotated[Path, typer.Option(help="Folder that remembers what was sent.")] = Path("var/sopa"),
    as_json: Annotated[bool, typer.Option("--json", help="Print the scoreboard as JSON at the end.")] = False,
) -> None:
    """Load a made-up town, then change it until interrupted; a restart carries on.

    Ends with 1 when something came back that must not, or the receiver's ledger has drifted.
    """
    wanted = via or []
    if unknown := set(wanted) - set(WAYS):
        raise typer.BadParameter(f"there is no way {', '.join(sorted(unknown))}", param_hint="--via")
    connection = _connection(url, secret_file, machine, registry)
    plan = Plan(source, seed, persons, mischief, connection.ways(wanted), tuple(connection.keys))
    doors = _Doors(board, sink, tuple(sink_keys.read_text().split()) if sink_keys else ())
    course = _Course(turns, tour, None if once or turns or tour else 1 / rate)
    try:
        ended = asyncio.run(_played(plan, connection, state, doors, course))
    except KeyboardInterrupt:
        _console.print("stopped")
        return
    except SyncError as error:
        _problems.print(f"{error.code}: {str(error) or error.__doc__}", markup=False)
        raise typer.Exit(2) from None
    _tell(ended, as_json)
    raise typer.Exit(0 if ended.is_well else 1)


@app.command("registry")
def make_registry(
    file: Annotated[Path, typer.Argument(help="Where it is written to; it holds a private key.")],
    registry_id: Annotated[str, typer.Option(help="Its id on the wire.")] = "sopa.izspele",
    receiver_id: Annotated[str, typer.Option(help="The receiver's id on the wire.")] = "amis",
) -> None:
    """Make the source a social registry (SPDCI): writes its file and prints its public key for the receiver."""
    made = Registry(registry_id, receiver_id, draw_key(registry_id))
    keep_registry(made, file)
    typer.echo(made.key.public_jwk())


def _connection(url: str, secret_file: Path, machine: Path | None, registry: Path | None) -> Connection:
    try:
        keys = read_keys(secret_file.read_text())
        told = read_registry(registry) if registry else None
    except SyncError as error:
        raise typer.BadParameter(f"{error.code}: {error}") from None
    # the first of each version is the newest
    return Connection(url, {key.version: key for key in reversed(keys)}, machine, told)


async def _played(plan: Plan, connection: Connection, state: Path, doors: _Doors, course: _Course) -> Scoreboard:
    async with AsyncExitStack() as stack:
        board = Scoreboard.new(plan.source)
        if doors.board:
            _console.print(f"scoreboard {await stack.enter_async_context(shown(board, doors.board))}", markup=False)
        if doors.sink:
            address = await stack.enter_async_context(sunk(board, doors.keys, doors.sink))
            _console.print(f"webhooks to {address}{PATH}", markup=False)
        session = await stack.enter_async_context(opened(plan, connection, state, board))
        await _course_of(session, course)
    return board


async def _course_of(session: Session, course: _Course) -> None:
    if course.pause is not None:
        await session.live(course.pause)
    elif course.turns or course.tour:
        await session.play(course.turns, tour=course.tour)
    else:
        await session.run.compare()


def _tell(board: Scoreboard, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(board.to_json(), ensure_ascii=False))
        return
    for name, way in sorted(board.ways.items()):
        verdicts = ", ".join(f"{count} {verdict}" for verdict, count in sorted(way.verdicts.items()))
        _console.print(f"{name}: {way.exchanges} sent, {verdicts or 'no verdicts'}", markup=False)
    drift = "not compared" if board.drift is None else f"{len(board.drift)} buckets differ"
    _console.print(f"{board.records} records, {board.standing} statuses hold, {drift}", markup=False)
    for line in board.differences:
        _problems.print(f"{line['via']} {line['mischief']}: {line['what']}", markup=False)

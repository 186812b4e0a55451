"""Commands of the sending side: push a file of events, see what is pending, play a social system."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Coroutine, Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console
from rich.table import Table

from sync import signature
from sync.client import Pusher
from sync.clock import now
from sync.diary import Diary, resume
from sync.errors import SyncError
from sync.outbox import Outbox
from sync.schema import FOLDER, write_schemas
from sync.simulator import Simulator
from sync.strict_json import strict_json
from sync.verdict import EventVerdict

app = typer.Typer(no_args_is_help=True, help="Send a social system's notices, or play one.")
_console = Console()
_problems = Console(stderr=True)

Url = Annotated[str, typer.Option(help="Address of POST /sync/v1/events.")]
SecretFile = Annotated[Path, typer.Option(exists=True, help="File with whsec_ or whsk_ keys, one a line.")]
OutboxFile = Annotated[Path, typer.Option("--outbox", help="File that holds events until they are answered.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def push(
    file: Annotated[Path, typer.Argument(exists=True, help="CloudEvents: a JSON array, or one event a line.")],
    url: Url,
    secret_file: SecretFile,
    outbox: OutboxFile = Path("outbox.sqlite3"),
    attempts: Annotated[int, typer.Option(help="Tries of one batch before giving up.")] = 8,
    as_json: AsJson = False,
) -> None:
    """Send the events of a file, and any that an earlier run left pending."""
    events, keys = _read_events(file), _read_keys(secret_file)
    _finish(_push(url, keys, outbox, attempts, events), as_json)


@app.command()
def status(outbox: OutboxFile = Path("outbox.sqlite3"), as_json: AsJson = False) -> None:
    """Show how many events are pending and what became of the others."""
    box = Outbox(outbox)
    counts, refused = box.counts(), box.refused()
    box.close()
    if as_json:
        typer.echo(json.dumps({"counts": counts, "refused": refused}))
        return
    _print_counts(counts)
    for seq, verdict, code, pointer in refused:
        _console.print(f"{seq}: {verdict} {code or ''} {pointer or ''}", markup=False)


@app.command()
def simulate(
    url: Url,
    secret_file: SecretFile,
    source: Annotated[str, typer.Option(help="CloudEvents source the receiver knows this system by.")] = "sopa",
    persons: Annotated[int, typer.Option(min=1)] = 200,
    rate: Annotated[float, typer.Option(min=0.001, help="Changes a second after the first load.")] = 0.2,
    seed: Annotated[int, typer.Option()] = 1,
    once: Annotated[bool, typer.Option("--once", help="Stop after the first load.")] = False,
    state: Annotated[Path, typer.Option(help="Folder that remembers what was sent.")] = Path("var/sopa"),
) -> None:
    """Play a social system: load a made-up town, then change it slowly until interrupted; a restart carries on."""
    state.mkdir(parents=True, exist_ok=True)
    diary = Diary(state / f"diary-{seed}-{persons}.txt")
    simulator, events = resume(diary, source, seed, persons, now())
    keys = _read_keys(secret_file)
    try:
        if once:
            _finish(_push(url, keys, state / "outbox.sqlite3", None, events), False)
        else:
            _finish(_live(url, keys, state / "outbox.sqlite3", (simulator, diary, events), 1 / rate), False)
    except KeyboardInterrupt:
        _console.print("stopped")


@app.command()
def schemas(folder: Annotated[Path, typer.Argument()] = FOLDER) -> None:
    """Write the JSON Schemas of the event types."""
    write_schemas(folder)


def read_events_file(content: bytes) -> list[dict[str, Any]]:
    """A JSON array of events, or one event a line; raises `UnreadableJson`."""
    if content.lstrip().startswith(b"["):
        events: list[dict[str, Any]] = strict_json(content)
        return events
    return [strict_json(line) for line in content.splitlines() if line.strip()]


def read_keys(text: str) -> list[signature.SigningKey]:
    """The signing keys of a secret file; the first of them is the newest."""
    return [signature.signing_key(line) for line in text.splitlines() if line.strip()]


def _read_events(file: Path) -> list[dict[str, Any]]:
    try:
        return read_events_file(file.read_bytes())
    except SyncError as error:
        raise typer.BadParameter(f"{error.code}: {error}") from None


def _read_keys(file: Path) -> list[signature.SigningKey]:
    try:
        return read_keys(file.read_text())
    except SyncError as error:
        raise typer.BadParameter(f"{error.code}: {error}") from None


def _finish(sending: Coroutine[Any, Any, tuple[EventVerdict, ...]], as_json: bool) -> None:
    try:
        verdicts = asyncio.run(sending)
    except SyncError as error:
        _problems.print(f"{error.code}: {str(error) or error.__doc__}", markup=False)
        raise typer.Exit(1) from None
    if as_json:
        typer.echo(json.dumps([line.to_json() for line in verdicts]))
    else:
        _print_counts(Counter(line.verdict.value for line in verdicts))


async def _push(
    url: str,
    keys: Sequence[signature.SigningKey],
    outbox: Path,
    attempts: int | None,
    events: list[dict[str, Any]],
) -> tuple[EventVerdict, ...]:
    async with httpx.AsyncClient(timeout=30) as http:
        with closing(Outbox(outbox)) as box:
            return await Pusher(url, keys, box, http, attempts=attempts).push(events)


async def _live(
    url: str,
    keys: Sequence[signature.SigningKey],
    outbox: Path,
    playing: tuple[Simulator, Diary, list[dict[str, Any]]],
    pause: float,
) -> tuple[EventVerdict, ...]:
    simulator, diary, events = playing
    async with httpx.AsyncClient(timeout=30) as http:
        with closing(Outbox(outbox)) as box:
            pusher = Pusher(url, keys, box, http)
            while True:
                _report(await pusher.push(events))
                await asyncio.sleep(pause)
                at = now()
                diary.note(at)
                events = simulator.step(at)


def _report(verdicts: Iterable[EventVerdict]) -> None:
    counts = Counter(line.verdict.value for line in verdicts)
    _console.print(", ".join(f"{count} {verdict}" for verdict, count in counts.items()) or "nothing to send")


def _print_counts(counts: dict[str, int]) -> None:
    table = Table("verdict", "events")
    for verdict, count in sorted(counts.items()):
        table.add_row(verdict, str(count))
    _console.print(table)

"""`amis sync`: the sending side at the command line: push events, import files, see what became of them."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console
from rich.table import Table

from sync import signature
from sync.client import Pusher
from sync.digest_cli import digest
from sync.errors import SyncError
from sync.file_cli import import_file, replay_rows
from sync.key_file import read_keys
from sync.machine_cli import HOME, AsJson, Home, Source, pair, show_batch
from sync.outbox import Outbox
from sync.patience import Patience
from sync.schema import FOLDER, write_schemas
from sync.sopa_cli import simulate
from sync.strict_json import strict_json
from sync.verdict import EventVerdict

app = typer.Typer(no_args_is_help=True, help="Send a social system's notices and files, or play one.")
_console = Console()
_problems = Console(stderr=True)

Url = Annotated[str, typer.Option(help="Address of POST /sync/v1/events.")]
SecretFile = Annotated[Path, typer.Option(exists=True, help="File with whsec_ or whsk_ keys, one a line.")]
OutboxFile = Annotated[Path, typer.Option("--outbox", help="File that holds events until they are answered.")]
Attempts = Annotated[int, typer.Option(min=1, help="Tries of one message before giving up.")]

app.command("pair")(pair)
app.command("import")(import_file)
app.command("digest")(digest)
app.command("simulate")(simulate)


@app.command()
def push(
    file: Annotated[Path, typer.Argument(exists=True, help="CloudEvents: a JSON array, or one event a line.")],
    url: Url,
    secret_file: SecretFile,
    outbox: OutboxFile = Path("outbox.sqlite3"),
    attempts: Attempts = 8,
    as_json: AsJson = False,
) -> None:
    """Send the events of a file, and any that an earlier run left pending."""
    _send(url, _read_keys(secret_file), outbox, attempts, _read_events(file), as_json)


@app.command()
def replay(
    file: Annotated[
        Path | None,
        typer.Argument(exists=True, help="Rows that `import` wrote as refused, put right; else the outbox."),
    ] = None,
    url: Annotated[str, typer.Option(help="Address of POST /sync/v1/events, for the outbox.")] = "",
    secret_file: Annotated[Path | None, typer.Option(exists=True, help="Keys, for the outbox.")] = None,
    outbox: OutboxFile = Path("outbox.sqlite3"),
    home: Home = HOME,
    source: Source = "",
    attempts: Attempts = 8,
    as_json: AsJson = False,
) -> None:
    """Send again what was refused: rows of a file that were put right, or the events of the outbox."""
    if file is not None:
        replay_rows(file, home, source, attempts, as_json)
    if not url or secret_file is None:
        raise typer.BadParameter("a FILE is expected, or --url and --secret-file for the outbox")
    with closing(Outbox(outbox)) as box:
        box.reopen()
    _send(url, _read_keys(secret_file), outbox, attempts, [], as_json)


@app.command()
def status(
    batch: Annotated[str, typer.Argument(help="Id of a batch; without one, the outbox is told of.")] = "",
    outbox: OutboxFile = Path("outbox.sqlite3"),
    home: Home = HOME,
    as_json: AsJson = False,
) -> None:
    """Show where a batch is; or how many events are pending and what became of the others."""
    if batch:
        show_batch(batch, home, as_json)
    with closing(Outbox(outbox)) as box:
        counts, refused = box.counts(), box.refused()
    if as_json:
        typer.echo(json.dumps({"counts": counts, "refused": refused}))
        return
    _print_counts(counts)
    for seq, verdict, code, pointer in refused:
        _console.print(f"{seq}: {verdict} {code or ''} {pointer or ''}", markup=False)


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


def _read_events(file: Path) -> list[dict[str, Any]]:
    try:
        return read_events_file(file.read_bytes())
    except SyncError as error:
        raise typer.BadParameter(f"{error.code}: {error}") from None


def _read_keys(file: Path) -> Sequence[signature.SigningKey]:
    try:
        return read_keys(file.read_text())
    except SyncError as error:
        raise typer.BadParameter(f"{error.code}: {error}") from None


def _send(
    url: str,
    keys: Sequence[signature.SigningKey],
    outbox: Path,
    attempts: int,
    events: list[dict[str, Any]],
    as_json: bool,
) -> None:
    try:
        verdicts = asyncio.run(_push(url, keys, outbox, attempts, events))
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
    attempts: int,
    events: list[dict[str, Any]],
) -> tuple[EventVerdict, ...]:
    async with httpx.AsyncClient(timeout=30) as http:
        with closing(Outbox(outbox)) as box:
            return await Pusher(url, keys, box, http, Patience(attempts)).push(events)


def _print_counts(counts: dict[str, int]) -> None:
    table = Table("verdict", "events")
    for verdict, count in sorted(counts.items()):
        table.add_row(verdict, str(count))
    _console.print(table)

"""`amis sync import`: a file to the receiver, watched until each row has its verdict, refused rows brought back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import httpx
import typer
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from sync.batch_file import BatchFile
from sync.batches import BatchClient, BatchState, RowOutcome
from sync.machine_cli import HOME, AsJson, Home, Source, client, problems, run, show_state
from sync.refused_rows import write_refused
from sync.verdict import Verdict

_SUFFIXES = {".ndjson": "ndjson", ".jsonl": "ndjson", ".refused": "ndjson", ".csv": "csv"}
_REFUSED = (Verdict.REJECTED, Verdict.CONFLICT)


class FileKind(StrEnum):
    DELTA = "delta"
    SNAPSHOT = "snapshot"


class FileFormat(StrEnum):
    NDJSON = "ndjson"
    CSV = "csv"


def import_file(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="NDJSON or CSV, perhaps .gz.")],
    kind: Annotated[FileKind, typer.Option(help="Changes, or everything that holds.")],
    as_of: Annotated[
        int | None, typer.Option(min=0, help="Of a snapshot: the newest version when it was taken.")
    ] = None,
    fmt: Annotated[FileFormat | None, typer.Option("--format", help="By the name of the file if not given.")] = None,
    source: Source = "",
    key: Annotated[str, typer.Option(help="Idempotency key; the file's digest if not given.")] = "",
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Stay until every row has its verdict.")] = True,
    rejected: Annotated[
        Path | None, typer.Option(help="Where refused rows are written; FILE.refused if not given.")
    ] = None,
    attempts: Annotated[int, typer.Option(min=1, help="Tries of one request before giving up.")] = 8,
    home: Home = HOME,
    as_json: AsJson = False,
) -> None:
    """Send a file of statuses; ends with 1 where rows were refused or the file waits for a person."""
    batch = described(file, kind, as_of, fmt)

    async def work(http: httpx.AsyncClient) -> tuple[BatchState, list[RowOutcome]]:
        receiver = client(home, source, attempts, http)
        with _progress(as_json) as progress:
            state = await _sent(receiver, batch, key, wait, progress)
        return state, [row async for row in _refused(receiver, state)]

    state, refused = run(work)
    _end_of(batch, state, refused, rejected or file.with_name(f"{file.name}.refused"), as_json)


def replay_rows(file: Path, home: Path, source: str, attempts: int, as_json: bool) -> NoReturn:
    """Sends rows that were put right as a file of changes; ends the command."""
    ndjson = FileFormat.NDJSON
    import_file(file, FileKind.DELTA, fmt=ndjson, source=source, attempts=attempts, home=home, as_json=as_json)
    raise typer.Exit(0)


def described(file: Path, kind: FileKind, as_of: int | None = None, fmt: FileFormat | None = None) -> BatchFile:
    """A file by its name and what is said of it. Raises `typer.BadParameter`."""
    if (kind is FileKind.SNAPSHOT) is (as_of is None):
        raise typer.BadParameter("a snapshot has --as-of, and nothing else has", param_hint="--as-of")
    gzipped = file.suffix == ".gz"
    found = fmt or _SUFFIXES.get(Path(file.stem).suffix if gzipped else file.suffix)
    if found is None:
        raise typer.BadParameter("the name of the file does not tell", param_hint="--format")
    return BatchFile(file, kind.value, str(found), as_of, gzipped)


async def _sent(receiver: BatchClient, batch: BatchFile, key: str, wait: bool, progress: Progress) -> BatchState:
    sending = progress.add_task("sending", total=batch.size)
    batch_id = await receiver.send(batch, key, lambda size: progress.advance(sending, size))
    progress.update(sending, completed=batch.size)
    if not wait:
        return await receiver.state(batch_id)
    settling = progress.add_task("rows", total=None)
    return await receiver.watch(batch_id, lambda state: _advance(progress, settling, state))


def _advance(progress: Progress, task: TaskID, state: BatchState) -> None:
    progress.update(task, total=state.total, completed=state.settled)


async def _refused(receiver: BatchClient, state: BatchState) -> AsyncIterator[RowOutcome]:
    for verdict in _REFUSED:
        if state.counts.get(verdict.value):
            async for row in receiver.rows(state.id, verdict.value):
                yield row


def _end_of(batch: BatchFile, state: BatchState, refused: list[RowOutcome], path: Path, as_json: bool) -> None:
    show_state(state, as_json)
    if refused:
        codes = write_refused(batch, refused, path)
        problems.print(f"{len(refused)} refused rows are in {path}, why in {codes}", markup=False, soft_wrap=True)
        if batch.kind == FileKind.SNAPSHOT:
            problems.print("as changes they need versions above that of the snapshot", markup=False)
    bad = refused or (state.ended and state.state != "done")
    raise typer.Exit(1 if bad else 0)


def _progress(quiet: bool) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"))
    return Progress(*columns, TimeRemainingColumn(), console=problems, transient=True, disable=quiet)

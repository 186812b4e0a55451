"""`amis sync digest`: whether the receiver holds what the sender does."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import httpx
import typer

from sync.digest import Digest, bucket_of, differing
from sync.errors import SyncError
from sync.file_cli import FileKind, described
from sync.machine_cli import HOME, AsJson, Home, Source, client, run, say
from sync.notice import Op
from sync.order import LedgerEntry, settled
from sync.refused_rows import rows_of
from sync.rows import read_row
from sync.verdict import RowError


def digest(
    source: Source = "",
    compare: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="NDJSON or CSV with every record, withdrawn ones too."),
    ] = None,
    home: Home = HOME,
    as_json: AsJson = False,
) -> None:
    """Ask for the digest of what the receiver holds; compared with a file, ends with 1 where they differ."""

    async def work(http: httpx.AsyncClient) -> Digest:
        return await client(home, source, 3, http).digest()

    theirs = run(work)
    if compare is None:
        say(theirs.to_json(), f"{theirs.count} records of {theirs.source}", as_json)
        return
    ours, names = _digest_of_file(compare, theirs)
    apart = differing(ours, theirs)
    lines = [f"bucket {bucket}: here {', '.join(names[bucket][:5]) or 'nothing'}" for bucket in apart]
    told = "\n".join([f"{ours.count} records here, {theirs.count} there, {len(apart)} buckets differ", *lines[:20]])
    say({"here": ours.count, "there": theirs.count, "differing": apart}, told, as_json)
    raise typer.Exit(1 if apart else 0)


def _digest_of_file(file: Path, theirs: Digest) -> tuple[Digest, dict[int, list[str]]]:
    found, names = Digest(theirs.source, theirs.as_of), {bucket: list[str]() for bucket in range(256)}
    try:
        for row in rows_of(described(file, FileKind.DELTA)):
            stated = read_row(row)
            if isinstance(stated, RowError):
                raise typer.BadParameter(f"row {row.number}: {stated.code} at {stated.pointer}")
            if settled(LedgerEntry(stated.version, Op(stated.op), b""), theirs.as_of):
                found.add(stated.record_id, stated.version, stated.op)
                names[bucket_of(stated.record_id)].append(stated.record_id)
    except SyncError as error:
        raise typer.BadParameter(f"{error.code}: {error}") from None
    return found, names

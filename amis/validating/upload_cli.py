"""`amis uploads`: lines that somebody brings from a dead or revoked terminal."""

import json
from collections import Counter
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from amis.kernel import audit
from amis.kernel.db import transaction
from amis.staff.command import NOBODY, run
from amis.validating.lines import MOST_LINES
from amis.validating.upload_store import Journal
from amis.validating.uploading import Uploads

uploads = typer.Typer(help="Taps that terminals decided alone.", no_args_is_help=True)


@uploads.callback()
def _group() -> None:
    """A group even while it has one command."""


@uploads.command("import")
def import_lines(
    machine: Annotated[UUID, typer.Argument(metavar="MACHINE", help="The terminal's id.")],
    pairing: Annotated[int, typer.Argument(metavar="PAIRING", help="Which of its pairings, from 1.", min=1)],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Lines as the terminal exported them.", dir_okay=False)],
    reason: Annotated[str, typer.Option(help="Why, for the audit trail.")] = "",
) -> None:
    """Record the lines of a terminal that cannot send them itself; the same lines again change nothing.

    Prints each line that was refused or has conflicts, and how many there were of each outcome.
    """
    try:
        lines = [line for line in file.read_bytes().split(b"\n") if line.strip()]
    except OSError as error:
        typer.echo(f"{file}: {error.strerror}", err=True)
        raise typer.Exit(1) from error
    told = run(lambda: _imported(Journal(machine, pairing), lines, reason))
    for line in told:
        if line["outcome"] == "refused" or line["conflicts"]:
            typer.echo(json.dumps(line))
    counted = Counter(str(line["outcome"]) for line in told)
    typer.echo(" ".join(f"{outcome}: {counted[outcome]}" for outcome in ("recorded", "known", "refused")))
    if counted["refused"]:
        raise typer.Exit(1)


async def _imported(journal: Journal, lines: list[bytes], reason: str) -> list[dict[str, Any]]:
    taking, told = Uploads(), bytearray()
    for start in range(0, len(lines), MOST_LINES):
        told += await taking.take_in(journal, lines[start : start + MOST_LINES])
    outcomes = [json.loads(line) for line in told.splitlines()]
    counted = dict(Counter(line["outcome"] for line in outcomes))
    async with transaction(NOBODY) as tx:
        after = {"pairing": journal.pairing, **counted}
        await audit.record(tx, "upload.import", ("terminal", journal.terminal), after=after, reason=reason)
    return outcomes

"""`amis sources`: whose word counts where several systems state one kind of fact, and how their files come."""

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from amis.intake import new_source_cli, store
from amis.intake.authority import rank_sources
from amis.intake.pulls import set_pull, stop_pull
from amis.intake.senders import give_machine
from amis.kernel.db import transaction
from amis.register.store import ranks
from amis.staff.command import run, tenant

app = typer.Typer(help="Sources: add them, rank them, name the machine that sends.", no_args_is_help=True)
app.add_typer(new_source_cli.app)
Town = Annotated[str, typer.Option("--municipality", help="The code of the municipality, e.g. JLG.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_SOURCES = typer.Argument(
    metavar="[SOURCE]...", help="The sources, most trusted first; `clerk` is what is entered by hand; none = all alike."
)
_MACHINE = typer.Argument(metavar="[MACHINE]", help="The id of a machine of kind sender; none: nobody's.")


@app.command("ranks")
def list_ranks(municipality: Town, as_json: AsJson = False) -> None:
    """List the ranked kinds of fact with their sources, most trusted first."""

    async def work() -> Mapping[str, tuple[str, ...]]:
        async with transaction(await tenant(municipality)) as tx:
            return await ranks(tx)

    found = run(work)
    if as_json:
        typer.echo(json.dumps(found, indent=2))
        return
    for kind, sources in found.items():
        typer.echo(f"{kind}: {', '.join(sources)}")


@app.command()
def rank(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="The kind of fact, e.g. disability.")],
    municipality: Town,
    sources: Annotated[list[str] | None, _SOURCES] = None,
) -> None:
    """Let the best-ranked source that says something of a person and a kind speak alone; rights follow at once."""

    async def work() -> int:
        async with transaction(await tenant(municipality)) as tx:
            return await rank_sources(tx, kind, sources or [])

    typer.echo(f"{run(work)} rights changed")


@app.command()
def machine(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="The source, e.g. sopa/jelgava.")],
    municipality: Town,
    machine_id: Annotated[
        UUID | None, typer.Argument(metavar="[MACHINE]", help="Of kind sender; none: nobody.")
    ] = None,
) -> None:
    """Let this machine send files for a source and read what became of them."""

    async def work() -> None:
        async with transaction(await tenant(municipality)) as tx:
            sender = await store.sender_of(tx, source)
            await give_machine(tx, sender.id, machine_id)

    run(work)


@app.command()
def pull(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="The source, e.g. sopa/jelgava.")],
    municipality: Town,
    url: Annotated[str, typer.Option(help="Where it is asked; empty: no more.")],
    every: Annotated[int, typer.Option(min=1, max=44_639, help="Minutes between two questions.")] = 60,
    bearer_file: Annotated[Path | None, typer.Option(exists=True, help="What it knows us by, in a file.")] = None,
) -> None:
    """Ask a source regularly for what changed since it was asked last."""
    bearer = bearer_file.read_text().strip() if bearer_file else ""

    async def work() -> None:
        async with transaction(await tenant(municipality)) as tx:
            sender = await store.sender_of(tx, source)
            if url:
                await set_pull(tx, sender.id, url, timedelta(minutes=every), bearer)
            else:
                await stop_pull(tx, sender.id)

    run(work)

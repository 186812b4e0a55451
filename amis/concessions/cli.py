"""`amis concessions`: the classifier for other systems."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from amis.concessions import gtfs, netex
from amis.concessions.exporting import gather
from amis.kernel import clock
from amis.kernel.db import transaction
from amis.staff.command import run, tenant

app = typer.Typer(help="Concessions: export them.", no_args_is_help=True)
Town = Annotated[str, typer.Option("--municipality", help="The code of the grantor, e.g. JLG; LV for the state.")]


class Format(StrEnum):
    """What is written."""

    NETEX = "netex"
    GTFS = "gtfs"


@app.callback()
def concessions() -> None:
    """Concessions: export them."""


@app.command()
def export(
    municipality: Town,
    form: Annotated[Format, typer.Option("--format", help="netex = XML, gtfs = rider_categories.txt.")] = Format.NETEX,
    pages: Annotated[str, typer.Option("--pages", help="Public pages for GTFS: the code completes the address.")] = "",
    to: Annotated[Path | None, typer.Option("--to", help="A file to write; without it, to standard output.")] = None,
) -> None:
    """Write what a grantor gives today, as NeTEx or as rider categories of GTFS."""

    async def work() -> bytes:
        async with transaction(await tenant(municipality)) as tx:
            sheet = await gather(tx, clock.today())
        return netex.export(sheet, clock.now()) if form is Format.NETEX else gtfs.export(sheet, pages)

    content = run(work)
    if to is None:
        typer.echo(content, nl=False)
    else:
        to.write_bytes(content)

"""`amis seed`: real concessions and their rules."""

import asyncio

import typer

from amis.cli.fault import told
from amis.demo.seed import seed_lv
from amis.kernel.process import database_url, opened
from amis.kernel.settings import settings

app = typer.Typer(help="Load real concessions and their rules.", no_args_is_help=True)


@app.callback()
def seed() -> None:
    """Load real concessions and their rules."""


@app.command()
def lv() -> None:
    """Concessions of the Latvian state and four municipalities with their rules; running it again changes nothing."""
    with told():
        asyncio.run(_lv())


async def _lv() -> None:
    async with opened(settings()):
        for line in await seed_lv(database_url(settings(), "amis_owner")):
            typer.echo(line)

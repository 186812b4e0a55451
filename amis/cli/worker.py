"""`amis worker`: the background process."""

import asyncio

import typer

from amis.kernel.settings import settings
from amis.worker import run

app = typer.Typer(help="Work in the background: audit tree, outbox, periodic jobs.")


@app.callback(invoke_without_command=True)
def worker() -> None:
    """Work until Ctrl-C."""
    asyncio.run(run(settings()))

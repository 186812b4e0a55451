"""`amis demo`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from amis.demo.card_desk import CardNotMade
from amis.demo.life import tickets
from amis.demo.machine import StartFailed, free_port, stop_on_signals
from amis.demo.show import show
from amis.demo.walk import WalkFailed
from amis.kernel.postgres import PostgresUnavailable
from amis.kernel.settings import Settings
from amis.staff.command import run
from cards.errors import CardsError
from cards.keys.atomic import replace_file
from terminals.errors import TerminalError

app = typer.Typer(help="Show the whole system at work on this machine.")


@app.callback(invoke_without_command=True)
def demo(
    context: typer.Context,
    persons: Annotated[int, typer.Option(min=1, help="People of the pretend social system.")] = 200,
    once: Annotated[bool, typer.Option("--once", help="Play the walk and stop.")] = False,
) -> None:
    """Start everything, play the main walk, print addresses and logins, serve until Ctrl-C."""
    if context.invoked_subcommand is not None:
        return
    stop_on_signals()
    chosen = Settings()
    port = free_port(chosen.port)
    console = Console()
    try:
        show(Settings(port=port, public_url=f"http://localhost:{port}"), console, persons, once)
    except (PostgresUnavailable, StartFailed, WalkFailed, CardNotMade, CardsError, TerminalError) as error:
        console.print(f"[bold red]{type(error).__name__}[/bold red] {escape(str(error))}")
        raise typer.Exit(1) from error


@app.command("tickets")
def write_tickets(
    file: Annotated[Path, typer.Argument(help="Where they are written to; they are credentials.")],
    count: Annotated[int, typer.Option(min=1, help="How many at most.")] = 50,
) -> None:
    """Write what people of the running demo show, a QR text a line, for `amis terminal simulate`."""
    found = run(lambda: tickets(count))
    replace_file(file, "".join(f"{shown}\n" for shown in found).encode())
    typer.echo(f"{len(found)} tickets")

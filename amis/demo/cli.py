"""`amis demo`."""

from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from amis.demo.card_desk import CardNotMade
from amis.demo.machine import StartFailed, free_port, stop_on_signals
from amis.demo.show import show
from amis.demo.walk import WalkFailed
from amis.kernel.postgres import PostgresUnavailable
from amis.kernel.settings import Settings
from cards.errors import CardsError
from terminals.errors import TerminalError

app = typer.Typer(help="Show the whole system at work on this machine.")


@app.callback(invoke_without_command=True)
def demo(
    persons: Annotated[int, typer.Option(min=1, help="People of the pretend social system.")] = 200,
    once: Annotated[bool, typer.Option("--once", help="Play the walk and stop.")] = False,
) -> None:
    """Start everything, play the main walk, print addresses and logins, serve until Ctrl-C."""
    stop_on_signals()
    chosen = Settings()
    port = free_port(chosen.port)
    console = Console()
    try:
        show(Settings(port=port, public_url=f"http://localhost:{port}"), console, persons, once)
    except (PostgresUnavailable, StartFailed, WalkFailed, CardNotMade, CardsError, TerminalError) as error:
        console.print(f"[bold red]{type(error).__name__}[/bold red] {escape(str(error))}")
        raise typer.Exit(1) from error

"""`amis terminal`: a validator at the command line."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, TypeVar

import httpx
import typer
from rich.console import Console

from terminals import clock
from terminals.client import Client
from terminals.errors import TerminalError
from terminals.journal import Journal
from terminals.message import Answer, Tap
from terminals.pair import pair as pair_terminal
from terminals.pair import paired

app = typer.Typer(help="A validator: pair, tap.", no_args_is_help=True)
console = Console()

Home = Annotated[Path, typer.Option(help="Folder of this terminal's key and journal.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_HOME = Path("var/terminal")
Result = TypeVar("Result")


@app.command()
def pair(url: str, code: str, home: Home = _HOME) -> None:
    """Pair with the service at URL by a one-time CODE; then somebody compares and approves the fingerprint."""

    async def work(http: httpx.AsyncClient) -> str:
        return (await pair_terminal(url.rstrip("/"), code, home, http)).fingerprint

    console.print(f"fingerprint {_run(work)}; it works once it is approved: amis machine approve", markup=False)


@app.command()
def tap(
    token: Annotated[str, typer.Argument(help="The text of a QR code, or the number on a card or letter.")],
    gross: Annotated[str, typer.Option(help="The full price in euros.")] = "0.85",
    companions: Annotated[int, typer.Option(min=0, max=9)] = 0,
    home: Home = _HOME,
    as_json: AsJson = False,
) -> None:
    """Ask about one tap; ends with 1 when the concession is refused."""
    price = _price(gross)

    async def work(http: httpx.AsyncClient) -> Answer:
        return await _client(home, http).validate(Tap(token, clock.now(), price, companions=companions))

    answer = _run(work)
    if as_json:
        typer.echo(json.dumps(asdict(answer), default=str))
    else:
        console.print(f"{answer.text['en']}  (to pay {answer.payable}, {answer.reason})", markup=False)
    raise typer.Exit(0 if answer.accepted else 1)


@app.command()
def resend(home: Home = _HOME, as_json: AsJson = False) -> None:
    """Send again what was left without an answer."""

    async def work(http: httpx.AsyncClient) -> list[Answer]:
        return await _client(home, http).resend()

    answers = _run(work)
    if as_json:
        typer.echo(json.dumps([asdict(answer) for answer in answers], default=str))
    else:
        console.print(f"{len(answers)} sent", markup=False)


def _client(home: Path, http: httpx.AsyncClient) -> Client:
    pairing, key = paired(home)
    return Client(pairing, key, Journal(home / "journal.sqlite3"), http)


def _price(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise typer.BadParameter(f"{text} is no amount in euros", param_hint="--gross") from None


def _run(work: Callable[[httpx.AsyncClient], Awaitable[Result]]) -> Result:
    async def opened() -> Result:
        async with httpx.AsyncClient(timeout=10) as http:
            return await work(http)

    try:
        return asyncio.run(opened())
    except (TerminalError, httpx.TransportError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None

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

from cards.errors import CardsError
from cards.keys import KeyStore
from cards.pair import pair as pair_machine
from cards.pair import paired
from terminals import clock
from terminals.card import read_card
from terminals.client import Client
from terminals.errors import TerminalError
from terminals.journal import Journal
from terminals.message import Answer, Tap
from terminals.read_keys import in_file, in_token

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
        return (await pair_machine(url.rstrip("/"), code, home, http)).fingerprint

    console.print(f"fingerprint {_run(work)}; it works once it is approved: amis machine approve", markup=False)


@app.command()
def tap(
    token: Annotated[str, typer.Argument(help="The text of a QR code, or the number on a card or letter.")] = "",
    reader: Annotated[str, typer.Option(help="Read the card on this reader instead.")] = "",
    keys: Annotated[Path | None, typer.Option(help="Read keys that the service lent.")] = None,
    sam: Annotated[Path | None, typer.Option(help="PKCS#11 module of a token that holds the read keys.")] = None,
    sam_label: Annotated[str, typer.Option(help="Label of that token.")] = "amis",
    secret: Annotated[str, typer.Option(envvar="TERMINAL_SECRET", help="Opens the read keys or the token.")] = "",
    gross: Annotated[str, typer.Option(help="The full price in euros.")] = "0.85",
    companions: Annotated[int, typer.Option(min=0, max=9)] = 0,
    home: Home = _HOME,
    as_json: AsJson = False,
) -> None:
    """Ask about one tap; ends with 1 when the concession is refused."""
    if bool(token) is bool(reader):
        raise typer.BadParameter("a token or a --reader is expected")
    price = _price(gross)

    async def work(http: httpx.AsyncClient) -> Answer:
        client = _client(home, http)
        shown = token if token else read_card(reader, _masters(keys, sam, sam_label, secret, home))
        return await client.validate(Tap(shown, clock.now(), price, companions=companions))

    answer = _run(work)
    if as_json:
        typer.echo(json.dumps(asdict(answer), default=str))
    else:
        console.print(f"{answer.text['en']}  (to pay {answer.payable}, {answer.reason})", markup=False)
    raise typer.Exit(0 if answer.accepted else 1)


def _masters(keys: Path | None, sam: Path | None, label: str, secret: str, home: Path) -> KeyStore | None:
    if sam is not None:
        return in_token(sam, label, secret, home)
    return None if keys is None else in_file(keys, secret)


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
    except (TerminalError, CardsError, httpx.TransportError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None

"""`amis terminal`: a validator at the command line."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, TypeVar

import httpx
import typer
from rich.console import Console

from cards import pcsc
from cards.errors import CardsError
from cards.pair import pair as pair_machine
from cards.pair import paired
from terminals import clock
from terminals.card import read_card
from terminals.chip_card import look
from terminals.chip_link import ChipLink
from terminals.chip_loading import ChipLoading, Loaded
from terminals.client import Client
from terminals.conformance.cli import conformance
from terminals.errors import TerminalError
from terminals.home_cli import AsJson, export, journal_app, reserve, status
from terminals.journal import journal_in
from terminals.keeping import sole_user
from terminals.link import Link
from terminals.message import Answer, CardShown, Tap
from terminals.run_cli import HOME, Gross, Home, Passphrase, ReadKeys, Sam, SamLabel, Secret, price, read_keys, run
from terminals.simulator.cli import simulate

app = typer.Typer(help="A validator: pair, run, tap.", no_args_is_help=True)
console = Console()
for command in (run, status, export, reserve, conformance, simulate):
    app.command()(command)
app.add_typer(journal_app, name="journal")

Result = TypeVar("Result")


@app.command()
def pair(url: str, code: str, home: Home = HOME) -> None:
    """Pair with the service at URL by a one-time CODE; then somebody compares and approves the fingerprint."""

    async def work(http: httpx.AsyncClient) -> str:
        return (await pair_machine(url.rstrip("/"), code, home, http)).fingerprint

    console.print(f"fingerprint {_run(work, home)}; it works once it is approved: amis machine approve", markup=False)


@app.command()
def tap(
    token: Annotated[str, typer.Argument(help="The text of a QR code, or the number on a card or letter.")] = "",
    reader: Annotated[str, typer.Option(help="Read the card on this reader instead.")] = "",
    keys: ReadKeys = None,
    sam: Sam = None,
    sam_label: SamLabel = "amis",
    secret: Secret = "",
    online_keys: Annotated[
        bool, typer.Option("--online-keys", help="Let the service itself talk to the card.")
    ] = False,
    gross: Gross = "0.85",
    companions: Annotated[int, typer.Option(min=0, max=9)] = 0,
    home: Home = HOME,
    passphrase: Passphrase = "",
    as_json: AsJson = False,
) -> None:
    """Ask about one tap; ends with 1 when the concession is refused."""
    if bool(token) is bool(reader):
        raise typer.BadParameter("a token or a --reader is expected")
    if online_keys and not reader:
        raise typer.BadParameter("--online-keys needs a --reader")
    full = price(gross)

    async def work(http: httpx.AsyncClient) -> Answer:
        client = _client(home, passphrase, http)
        if online_keys:
            return await _served(client, reader, lambda card: Tap(card, clock.now(), full, companions=companions))
        token_shown = token or read_card(reader, read_keys(keys, sam, sam_label, secret, home))
        return await client.validate(Tap(token_shown, clock.now(), full, companions=companions))

    answer = _run(work, home)
    if as_json:
        typer.echo(json.dumps(asdict(answer), default=str))
    else:
        console.print(f"{answer.text['en']}  (to pay {answer.payable}, {answer.reason})", markup=False)
    raise typer.Exit(0 if answer.accepted else 1)


@app.command()
def load(
    concession: Annotated[int, typer.Argument(help="The public code of the concession.")],
    reader: Annotated[str, typer.Option(help="The reader on which the card lies.")],
    units: Annotated[int, typer.Option(min=1, max=1000, help="So many uses.")] = 1,
    home: Home = HOME,
    passphrase: Passphrase = "",
) -> None:
    """Have units of the holder's quota put on a card, for use where there is no connection."""

    async def work(http: httpx.AsyncClient) -> Loaded:
        pairing, key = paired(home)
        chips = ChipLink(Link(pairing, key, http))
        try:
            with pcsc.connect(reader) as card:
                uid = look(card.transmit).shown.uid
                return await ChipLoading(chips, journal_in(home, passphrase)).put(uid, card.transmit, concession, units)
        finally:
            await chips.close()

    loaded = _run(work, home)
    console.print(f"{loaded.units} units put on the card, which has {loaded.on_chip}", markup=False)


@app.command()
def resend(home: Home = HOME, passphrase: Passphrase = "", as_json: AsJson = False) -> None:
    """Send again what was left without an answer."""

    async def work(http: httpx.AsyncClient) -> list[Answer]:
        return await _client(home, passphrase, http).resend()

    answers = _run(work, home)
    if as_json:
        typer.echo(json.dumps([asdict(answer) for answer in answers], default=str))
    else:
        console.print(f"{len(answers)} sent", markup=False)


async def _served(client: Client, reader: str, tap_of: Callable[[CardShown], Tap]) -> Answer:
    with pcsc.connect(reader) as card:
        return await client.on_chip(tap_of(look(card.transmit, serve=True).shown), card.transmit)


def _client(home: Path, passphrase: str, http: httpx.AsyncClient) -> Client:
    pairing, key = paired(home)
    return Client(pairing, key, journal_in(home, passphrase), http)


def _run(work: Callable[[httpx.AsyncClient], Awaitable[Result]], home: Path) -> Result:
    async def opened() -> Result:
        async with httpx.AsyncClient(timeout=10) as http:
            return await work(http)

    try:
        with sole_user(home):
            return asyncio.run(opened())
    except (TerminalError, CardsError, httpx.TransportError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None

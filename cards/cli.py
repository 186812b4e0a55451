"""`amis cards`: a card on this desk's reader."""

import json
from dataclasses import asdict
from enum import StrEnum
from typing import Annotated

import httpx
import typer
from rich.progress import BarColumn, Progress, TextColumn

from cards import pcsc
from cards.bearer import Bearer
from cards.desfire.procedure import run
from cards.desk import client as desk_client
from cards.desk.cli import HOME, AsJson, Home, console, finish, list_readers
from cards.desk.client import DeskClient
from cards.errors import ReaderGone
from cards.pair import paired
from cards.profile.reading import PublicCard, read_public

app = typer.Typer(help="Cards: readers, read, personalise, verify, block.", no_args_is_help=True)

Number = Annotated[str, typer.Argument(help="The number on the face of the card.")]
Reader = Annotated[str, typer.Option(help="Which reader; the first one if none is named.")]


class Reason(StrEnum):
    """Why a card is blocked."""

    LOST = "lost"
    STOLEN = "stolen"
    HOLDER_REQUEST = "holder_request"


@app.command()
def readers(as_json: AsJson = False) -> None:
    """The card readers of this computer."""
    list_readers(as_json)


@app.command()
def read(reader: Reader = "", as_json: AsJson = False) -> None:
    """Read what every terminal may read from the card on this computer's reader; needs no service and no key."""

    async def work(_: httpx.AsyncClient) -> PublicCard:
        names = [reader] if reader else pcsc.readers()
        if not names:
            raise ReaderGone
        with pcsc.connect(names[0]) as card:
            return run(read_public(), card.transmit)

    card = finish(work)
    content = {"uid": card.uid.hex()} | {name: str(value) for name, value in asdict(card.header).items()}
    _show(content | {"credential": card.credential.hex()}, as_json)


@app.command()
def personalise(number: Number, home: Home = HOME, as_json: AsJson = False) -> None:
    """Make the card of an approved request: the service writes it through this desk, `amis desk run`."""
    _work_on("personalise", number, home, as_json)


@app.command()
def verify(number: Number, home: Home = HOME, as_json: AsJson = False) -> None:
    """Check that the card is genuine and belongs to this number."""
    _work_on("verify", number, home, as_json)


@app.command()
def block(
    number: Number,
    reason: Annotated[Reason, typer.Option(help="Why.")] = Reason.LOST,
    home: Home = HOME,
    as_json: AsJson = False,
) -> None:
    """Block a card by its number; the very next tap is refused."""

    async def work(http: httpx.AsyncClient) -> dict[str, str]:
        return await _client(home, http).block(number, reason)

    _show(finish(work), as_json)


def _work_on(kind: str, number: str, home: Home, as_json: bool) -> None:
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TextColumn("{task.completed}/{task.total}"))
    with Progress(*columns, console=console, transient=True, disable=as_json) as bar:
        task = bar.add_task("", total=None)

        def follow(now: desk_client.Progress) -> None:
            bar.update(task, description=now.message, completed=now.sent, total=max(now.total, now.sent))

        async def work(http: httpx.AsyncClient) -> desk_client.Progress:
            return await _client(home, http).work_on(kind, number, follow)

        ended = finish(work)
    if as_json:
        typer.echo(json.dumps(asdict(ended)))
    else:
        console.print(ended.message, markup=False)
    raise typer.Exit(0 if ended.state == "done" else 1)


def _client(home: Home, http: httpx.AsyncClient) -> DeskClient:
    pairing, key = paired(home)
    return DeskClient(pairing.url, Bearer(pairing, key, http), http)


def _show(content: dict[str, str], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(content))
    else:
        for name, value in content.items():
            console.print(f"{name}: {value}", markup=False, highlight=False)

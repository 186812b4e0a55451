"""`amis desk`: the program of an issuing desk, which lends its card reader and printer to the service."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar

import httpx
import typer
from rich.console import Console

from cards import pcsc
from cards.bearer import Bearer
from cards.desk.agent import Agent
from cards.desk.virtual import VirtualReader
from cards.errors import CardsError
from cards.pair import pair as pair_machine
from cards.pair import paired

app = typer.Typer(help="An issuing desk: pair, run, readers.", no_args_is_help=True)
console = Console()

Home = Annotated[Path, typer.Option(help="Folder of this desk's key.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
HOME = Path("var/desk")
Result = TypeVar("Result")


@app.command()
def pair(url: str, code: str, home: Home = HOME) -> None:
    """Pair with the service at URL by a one-time CODE; then somebody compares and approves the fingerprint."""

    async def work(http: httpx.AsyncClient) -> str:
        return (await pair_machine(url.rstrip("/"), code, home, http)).fingerprint

    console.print(f"fingerprint {finish(work)}; it works once it is approved on the page of the desks", markup=False)


@app.command()
def run(
    home: Home = HOME,
    printer: Annotated[str, typer.Option(help="Queue of CUPS (lpstat -e) for card faces and letters.")] = "",
    virtual: Annotated[
        Path | None, typer.Option(help="A card of `amis simcard new` instead of a reader, for trials.")
    ] = None,
) -> None:
    """Lend this computer's card reader and printer to the service until Ctrl-C; ends with 2 when it is not let in."""

    async def work(http: httpx.AsyncClient) -> None:
        pairing, key = paired(home)
        reader = VirtualReader(virtual) if virtual else None
        await Agent(pairing.url, Bearer(pairing, key, http), printer=printer, say=_say, virtual=reader).run()

    try:
        finish(work)
    except KeyboardInterrupt:
        raise typer.Exit(0) from None


@app.command()
def readers(as_json: AsJson = False) -> None:
    """The card readers of this computer."""
    list_readers(as_json)


def list_readers(as_json: bool) -> None:
    """Prints the names of the connected readers; ends with 1 when there is none."""

    async def work(_: httpx.AsyncClient) -> list[str]:
        return pcsc.readers()

    found = finish(work)
    if as_json:
        typer.echo(json.dumps(found))
    else:
        console.print("\n".join(found) or "no card reader is connected", markup=False)
    raise typer.Exit(0 if found else 1)


def finish(work: Callable[[httpx.AsyncClient], Awaitable[Result]]) -> Result:
    """Runs it to its end; what goes wrong is said and ends the program with 2."""

    async def opened() -> Result:
        async with httpx.AsyncClient(timeout=10) as http:
            return await work(http)

    try:
        return asyncio.run(opened())
    except (CardsError, httpx.TransportError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None


def _say(text: str) -> None:
    console.print(text, markup=False, highlight=False)

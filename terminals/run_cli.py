"""`amis terminal run`: the terminal's program."""

import asyncio
import json
import re
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer

from cards.errors import CardsError
from cards.keys import KeyStore
from terminals import taps
from terminals.agent import Terminal
from terminals.clock import Clock
from terminals.errors import Revoked, TerminalError
from terminals.keeping import sole_user
from terminals.message import Tap
from terminals.read_keys import in_file, in_token
from terminals.running import keys_kept
from terminals.running import run as run_terminal

Home = Annotated[Path, typer.Option(help="Folder of this terminal's key and journal.")]
Passphrase = Annotated[str, typer.Option(envvar="TERMINAL_PASSPHRASE", help="Opens this terminal's store.")]
ReadKeys = Annotated[Path | None, typer.Option(help="Read keys that the service lent.")]
Sam = Annotated[Path | None, typer.Option(help="PKCS#11 module of a token that holds the read keys.")]
SamLabel = Annotated[str, typer.Option(help="Label of that token.")]
Secret = Annotated[str, typer.Option(envvar="TERMINAL_SECRET", help="Opens the read keys or the token.")]
OnlineKeys = Annotated[
    bool, typer.Option("--online-keys", help="Let the service talk to cards whose keys are not here.")
]
Gross = Annotated[str, typer.Option(help="The full price in euros.")]
HOME = Path("var/terminal")


def run(
    reader: Annotated[str, typer.Option(help="Take cards laid on this reader.")] = "",
    stdin: Annotated[bool, typer.Option("--stdin", help="Take a token text a line, as a scanner types it.")] = False,
    till: Annotated[bool, typer.Option("--till", help="Take a tap as JSON a line, its price included.")] = False,
    keys: ReadKeys = None,
    sam: Sam = None,
    sam_label: SamLabel = "amis",
    secret: Secret = "",
    online_keys: OnlineKeys = False,
    gross: Gross = "0.85",
    product: Annotated[str, typer.Option(help="What is sold.")] = "single",
    place: Annotated[str, typer.Option(help="A place of the provider's, if not this terminal's own.")] = "",
    home: Home = HOME,
    passphrase: Passphrase = "",
) -> None:
    """Validate until SIGTERM: one line of JSON on stdout for each tap, what happens besides on stderr.

    Without --stdin, --till and --reader it keeps its bundle up to date and sends what waits. Ends with 3 when it was
    revoked.
    """
    if stdin and till:
        raise typer.BadParameter("what a scanner types cannot come with prices", param_hint="--stdin and --till")
    offer = taps.Offer(price(gross), product, place or None)
    lines = taps.Lines.TEXTS if stdin else taps.Lines.TAPS if till else None
    try:
        with sole_user(home):
            masters = read_keys(keys, sam, sam_label, secret, home) if reader else None
            asyncio.run(
                _work(home, passphrase, offer, lines=lines, reader=reader, masters=masters, online_keys=online_keys)
            )
    except Revoked as revoked:
        typer.echo(str(revoked), err=True)
        raise typer.Exit(3) from None
    except (TerminalError, CardsError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None


def read_keys(keys: Path | None, sam: Path | None, label: str, secret: str, home: Path) -> KeyStore | None:
    """The read keys that the options name. Raises as `terminals.read_keys`."""
    if sam is not None:
        return in_token(sam, label, secret, home)
    return None if keys is None else in_file(keys, secret)


def price(text: str) -> Decimal:
    """The amount of --gross."""
    if not re.fullmatch(taps.GROSS, text):
        raise typer.BadParameter(f"{text} is no amount in euros", param_hint="--gross")
    return Decimal(text)


async def _work(
    home: Path,
    passphrase: str,
    offer: taps.Offer,
    *,
    lines: taps.Lines | None,
    reader: str,
    masters: KeyStore | None,
    online_keys: bool,
) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    clock = Clock()
    async with httpx.AsyncClient(timeout=10, event_hooks={"response": [clock.hear]}) as http:
        terminal = Terminal(home, http, passphrase=passphrase, clock=clock, say=_say)
        sources: list[AsyncIterator[Tap | taps.Laid | taps.Fault]] = []
        if lines is not None:
            sources.append(taps.typed(sys.stdin.fileno(), offer, clock.now, lines))
        if reader:
            sources.append(
                taps.laid_down(reader, lambda: masters or terminal.chip_keys.held, offer, clock.now, serve=online_keys)
            )
        works = [_serve(terminal, source) for source in sources]
        await run_terminal(terminal, stop, *works, *([keys_kept(terminal)] if reader and masters is None else []))


async def _serve(terminal: Terminal, source: AsyncIterator[Tap | taps.Laid | taps.Fault]) -> None:
    async for tap in source:
        if isinstance(tap, Tap):
            _show(asdict(await terminal.validate(tap)))
        elif isinstance(tap, taps.Laid):
            _show(asdict(await terminal.validate(tap.tap, tap.card)))
        else:
            _show({"error": tap.code, "text": str(tap)})


def _show(content: dict[str, Any]) -> None:
    typer.echo(json.dumps(content, default=str, ensure_ascii=False))


def _say(text: str) -> None:
    typer.echo(text, err=True)

"""`amis terminal status`, `journal verify`, `export`, `reserve`: what lies in a terminal's folder."""

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, TypeVar

import httpx
import typer
from rich.console import Console

from cards.errors import CardsError
from cards.keys.atomic import replace_file
from cards.pair import paired
from terminals.agent import BUNDLE, Terminal, root_of
from terminals.bundle.saved import load
from terminals.clock import now
from terminals.errors import JournalDamaged, TerminalError
from terminals.journal import Journal, journal_in
from terminals.keeping import SealedFolder, seals_in, sole_user
from terminals.remembered import Reserve
from terminals.reserving import Reserving
from terminals.run_cli import HOME, Home, Passphrase

console = Console()
journal_app = typer.Typer(help="The journal of this terminal.", no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Result = TypeVar("Result")
_ALL = 1 << 40


def status(home: Home = HOME, passphrase: Passphrase = "", as_json: AsJson = False) -> None:
    """What this terminal holds, and what the service does not know yet."""
    found = _told(lambda: _status(home, passphrase))
    if as_json:
        typer.echo(json.dumps(found))
    else:
        for name, value in found.items():
            console.print(f"{name}: {value}", markup=False, soft_wrap=True)


def export(
    file: Annotated[Path, typer.Argument(help="Where the lines are written to.")],
    home: Home = HOME,
    passphrase: Passphrase = "",
) -> None:
    """Write the lines that were not sent, of a terminal that was wiped or is dead, for `amis uploads import`."""

    def work() -> int:
        lines = journal_in(home, passphrase).unsent(_ALL)
        replace_file(file, b"".join(line + b"\n" for _, line in lines))
        return len(lines)

    console.print(f"{_told(work)} lines", markup=False)


@journal_app.command()
def verify(home: Home = HOME, passphrase: Passphrase = "", as_json: AsJson = False) -> None:
    """Look at every line: was one altered, taken out or moved? Ends with 1 when one was."""
    journal = _told(lambda: journal_in(home, passphrase))
    try:
        head = journal.verify()
    except JournalDamaged as damaged:
        typer.echo(str(damaged), err=True)
        raise typer.Exit(1) from None
    if as_json:
        typer.echo(json.dumps({"lines": head.pos, "hash": head.hash}))
    else:
        console.print(f"{head.pos} lines, the newest is {head.hash}", markup=False)


def reserve(
    token: Annotated[str, typer.Argument(help="The text of a QR code.")],
    concession: Annotated[int, typer.Argument(help="The public code of the concession.")],
    units: Annotated[int, typer.Option(min=1, help="So many uses.")] = 1,
    hours: Annotated[float, typer.Option(help="So long they are kept for this terminal.")] = 12,
    home: Home = HOME,
    passphrase: Passphrase = "",
) -> None:
    """Set units of a holder's quota aside for this terminal, for use where there is no connection."""

    async def work() -> Reserve:
        async with httpx.AsyncClient(timeout=10) as http:
            terminal = Terminal(home, http, passphrase=passphrase)
            reserving = Reserving(terminal.link, terminal.journal, lambda: terminal.holding)
            return await reserving.ask(token, concession, units, now() + timedelta(hours=hours), now())

    def alone() -> Reserve:
        with sole_user(home):
            return asyncio.run(work())

    given = _told(alone)
    console.print(f"{given.units} units until {given.until.isoformat()}", markup=False)


def _status(home: Path, passphrase: str) -> dict[str, Any]:
    pairing, _ = paired(home)
    journal, seals = journal_in(home, passphrase), seals_in(home, passphrase)
    holding = load(SealedFolder(home / BUNDLE, seals.store), root_of(pairing), pairing.machine_id)
    who = {"service": pairing.url, "machine": pairing.machine_id, "pairing": pairing.pairing}
    held = {"provider": holding.provider, "held": holding.seq, "stale": holding.stale(now())}
    newest = None if holding.seq is None else holding.floor.isoformat()
    return who | held | {"newest": newest} | _journal(journal)


def _journal(journal: Journal) -> dict[str, Any]:
    head = journal.head()
    return {
        "lines": head.pos,
        "hash": head.hash,
        "waiting": journal.waiting(),
        "refused": [{"seq": seq, "answer": said.decode(errors="replace")} for seq, said in journal.refusals()],
        "set_aside": [{"reserve": it.id, "left": left, "until": str(it.until)} for it, left, _ in journal.reserves()],
    }


def _told(work: Callable[[], Result]) -> Result:
    """Its result; what goes wrong is said and ends the program with 2."""
    try:
        return work()
    except (TerminalError, CardsError, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None

"""`amis terminal conformance`: tries every clause of the contract on a backend."""

import asyncio
import json
import time
from typing import Annotated

import httpx
import typer
from rich.console import Console
from rich.table import Table

from terminals.conformance.backend import Backend, Samples
from terminals.conformance.clause import Outcome, Verdict
from terminals.conformance.kit import try_all

console = Console()
_LOOK = 1.0
"""Seconds between two looks whether the terminal is approved."""
_WORDS = {Verdict.KEPT: "[green]kept[/green]", Verdict.BROKEN: "[red]BROKEN[/red]", Verdict.NOT_TRIED: "not tried"}


def conformance(
    url: Annotated[str, typer.Argument(help="The backend's address.")],
    code: Annotated[str, typer.Option(help="A pairing code that it gave.")],
    good: Annotated[str, typer.Option(help="A token with a right: QR text or number.")] = "",
    blocked: Annotated[str, typer.Option(help="A blocked token.")] = "",
    patience: Annotated[float, typer.Option(help="Seconds to wait for the approval of the fingerprint.")] = 300,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Try a backend: is it one that our terminals can work with? Ends with 1 when a clause is broken."""
    samples = Samples(good or None, blocked or None)
    try:
        outcomes = asyncio.run(_all(url.rstrip("/"), code, samples, patience, quiet=as_json))
    except httpx.TransportError as error:
        typer.echo(f"The backend does not answer. {error}", err=True)
        raise typer.Exit(2) from None
    _show(outcomes, as_json=as_json)
    raise typer.Exit(any(outcome.verdict is Verdict.BROKEN for outcome in outcomes))


async def _all(url: str, code: str, samples: Samples, patience: float, *, quiet: bool) -> list[Outcome]:
    async with httpx.AsyncClient(timeout=60) as http:
        backend = Backend(url, http, code, samples)
        return await try_all(backend, lambda: _approved(backend, patience, quiet=quiet))


async def _approved(backend: Backend, patience: float, *, quiet: bool) -> bool:
    """Waits until a person has approved the kit's fingerprint."""
    assert backend.pairing is not None
    if not quiet:
        console.print(f"Approve the fingerprint {backend.pairing.fingerprint} at the backend ...", markup=False)
    until = time.monotonic() + patience
    while time.monotonic() < until:
        answer = await backend.ask_token(backend.statement())
        if answer.status_code == httpx.codes.OK:
            return True
        await asyncio.sleep(_LOOK)
    return False


def _show(outcomes: list[Outcome], *, as_json: bool) -> None:
    if as_json:
        rows = [
            {"clause": one.clause.number, "verdict": one.verdict.value, "says": one.clause.sentence, "seen": one.seen}
            for one in outcomes
        ]
        typer.echo(json.dumps(rows))
        return
    table = Table("clause", "", "the backend ...", "seen")
    for one in outcomes:
        table.add_row(one.clause.number, _WORDS[one.verdict], one.clause.sentence, one.seen)
    console.print(table)

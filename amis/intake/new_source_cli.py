"""`amis sources define|key|list`: sources are added, get their keys, and are told apart."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from amis.intake import overview, sources, store
from amis.intake.new_source import add_source
from amis.intake.overview import SenderHealth
from amis.intake.senders import add_key
from amis.kernel.db import transaction
from amis.staff.command import run, tenant
from sync.errors import KeyUnreadable, SyncError
from sync.mapping import Mapping, mapping_from_json
from sync.sopa import sopa_mapping
from sync.strict_json import strict_json

app = typer.Typer()
Town = Annotated[str, typer.Option("--municipality", help="The code of the municipality, e.g. JLG.")]
Which = Annotated[str, typer.Argument(metavar="SOURCE", help="The source, e.g. sopa/jelgava.")]
_KEY = typer.Argument(metavar="[KEY]", help="Its public key (whpk_...); none: a shared one is made, shown this once.")
_SHARED = "A shared key does not belong on a command line: leave it out and one is made, or type it on the page."


@app.command()
def define(
    source: Which,
    label: Annotated[str, typer.Option(help="What pages call it.")],
    municipality: Town,
    mapping: Annotated[Path | None, typer.Option(exists=True, help="Its table of statuses, as JSON.")] = None,
    sopa: Annotated[bool, typer.Option("--sopa", help="Begin with the table of SOPA.")] = False,
) -> None:
    """Let a source send notices; without a table every status is refused until it is given a meaning."""
    table = _table(source, mapping, sopa)

    async def work() -> str:
        async with transaction(await tenant(municipality)) as tx:
            return str((await add_source(tx, label.strip(), table)).id)

    typer.echo(run(work))


@app.command()
def key(source: Which, municipality: Town, public: Annotated[str | None, _KEY] = None) -> None:
    """Accept signatures by one more key of a source."""
    if public and public.startswith("whsec_"):
        raise typer.BadParameter(_SHARED)
    fresh = None if public else sources.shared_key()

    async def work() -> None:
        async with transaction(await tenant(municipality)) as tx:
            sender = await store.sender_of(tx, source)
            await add_key(tx, sender.id, public or fresh or "")

    try:
        run(work)
    except KeyUnreadable:
        raise typer.BadParameter("This is no key: a public one begins with whpk_.") from None
    if fresh:
        typer.echo(fresh)


@app.command("list")
def list_sources(
    municipality: Town, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False
) -> None:
    """List the sources: whether they may send, and how they are."""

    async def work() -> list[SenderHealth]:
        async with transaction(await tenant(municipality)) as tx:
            return await overview.sender_health(tx)

    found = [_told(one) for one in run(work)]
    if as_json:
        typer.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return
    for one in found:
        typer.echo(f"{one['source']}\t{one['state']}\t{one['health']}\t{one['heard_at'] or '-'}\t{one['label']}")


def _told(one: SenderHealth) -> dict[str, Any]:
    heard = one.heard_at.isoformat() if one.heard_at else None
    named = {"id": str(one.id), "source": one.source, "label": one.label}
    return named | {"state": one.state, "health": one.health.value, "heard_at": heard, "pending": one.pending}


def _table(source: str, file: Path | None, sopa: bool) -> Mapping:
    if file is None:
        return sopa_mapping(source) if sopa else Mapping(source, {})
    if sopa:
        raise typer.BadParameter("Take --mapping or --sopa, not both.")
    try:
        table = mapping_from_json(strict_json(file.read_bytes()))
    except SyncError as error:
        raise typer.BadParameter(str(error) or error.code) from None
    if table.source != source:
        raise typer.BadParameter(f"The table is of another source: {table.source}")
    return table

"""`amis audit`: is the trail as it was written?"""

import asyncio
import json

import typer
from psycopg import AsyncConnection
from rich.console import Console
from rich.table import Table

from amis.cli.fault import told
from amis.kernel import checkpoint
from amis.kernel.keys import AUDIT, keystore, open_keys
from amis.kernel.process import database_url, witness_file
from amis.kernel.proof import Proof
from amis.kernel.proof import prove as prove_entry
from amis.kernel.settings import settings
from amis.kernel.verify import Verified
from amis.kernel.verify import verify as verify_trail
from amis.worker import SOURCES

app = typer.Typer(help="Verify the audit trail and prove single entries.", no_args_is_help=True)


@app.command()
def verify(as_json: bool = typer.Option(False, "--json", help="Print JSON.")) -> None:
    """Recompute the whole tree and compare it with what is stored and witnessed; ends with 1 on findings."""
    with told():
        result = asyncio.run(_verify())
    if as_json:
        typer.echo(json.dumps({"leaves": result.leaves, "checkpoints": result.checkpoints, "findings": _rows(result)}))
    else:
        _show(result)
    raise typer.Exit(1 if result.findings else 0)


@app.command()
def prove(entry: str = typer.Argument(help="The id of an audit row or of a use.")) -> None:
    """Show, as JSON, that one entry stands in the tree under the newest signed checkpoint."""
    with told():
        proof = asyncio.run(_prove(entry))
    if proof is None:
        raise typer.BadParameter("no leaf has this id (the newest rows get theirs within a second)")
    shown = {"leaf": proof.leaf.hex(), "position": proof.position, "size": proof.size, "root": proof.root.hex()}
    typer.echo(json.dumps(shown | {"path": [node.hex() for node in proof.path], "note": proof.note}, indent=2))


async def _verify() -> Verified:
    open_keys(settings())
    async with await AsyncConnection.connect(database_url(settings(), "amis_worker"), autocommit=True) as connection:
        publics = [checkpoint.raw(key) for key in keystore().publics(AUDIT)]
        return await verify_trail(connection, publics, SOURCES, witness_file(settings()))


async def _prove(entry: str) -> Proof | None:
    async with await AsyncConnection.connect(database_url(settings(), "amis_worker"), autocommit=True) as connection:
        return await prove_entry(connection, entry)


def _rows(result: Verified) -> list[dict[str, str]]:
    return [{"kind": found.kind, "place": found.place, "detail": found.detail} for found in result.findings]


def _show(result: Verified) -> None:
    console = Console()
    console.print(f"{result.leaves} leaves, {result.checkpoints} checkpoints, {len(result.findings)} findings")
    if result.findings:
        table = Table("kind", "place", "detail")
        for found in result.findings:
            table.add_row(found.kind, found.place, found.detail)
        console.print(table)

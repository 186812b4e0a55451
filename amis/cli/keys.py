"""`amis keys`: what is in the key store, and turning keys over. Every change is a leaf of the audit trail."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from amis.cli.fault import told
from amis.issuing.card_keys import cards_with
from amis.kernel import audit
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.keys import keystore, open_keys
from amis.kernel.settings import settings
from amis.staff.command import NOBODY, run, tenants
from cards.errors import WrongKeyUse
from cards.keys import EncryptedFileKeyStore, KeyState, KeyStore, Passphrase, keyset, rotate_keyset
from cards.keys.chip import MASTERS, check_values, retire_keyset
from cards.keys.ring import SIGNING, Algorithm, algorithm_of
from cards.profile.layout import READ, USE

app = typer.Typer(help="Keys: list, prepare, rotate, retire, compare, lend.", no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Name = Annotated[str, typer.Argument(help="The key's name, as `amis keys list` shows it.")]
Set = Annotated[int | None, typer.Option("--keyset", help="Another key set than the present one.")]


@app.command("list")
def list_keys(as_json: AsJson = False) -> None:
    """List every version that works: its state and, of signing keys, the id by which it is named on the wire."""
    with told():
        store = open_keys(settings())
        rows = [_row(store, name, *version) for name in store.names() for version in store.states(name).items()]
    _shown(rows, as_json)


@app.command()
def check_value(keyset_version: Set = None, as_json: AsJson = False) -> None:
    """Show the check values of the card masters, to be compared aloud when they are loaded into another module."""
    with told():
        store = open_keys(settings())
        version = keyset_version or keyset(store)
        values = check_values(store, version).items()
    _shown([{"name": name, "keyset": version, "check": value} for name, value in values], as_json)


@app.command()
def prepare(name: Name) -> None:
    """Make the next version of a signing key known to verifiers, a week before it signs."""
    typer.echo(_changed("key.prepare", name, lambda: keystore().prepare(_turning(name))))


@app.command()
def rotate(name: Name) -> None:
    """Let the next version of a key do the work; the old one goes on verifying and opening what it made."""
    typer.echo(_changed("key.rotate", name, lambda: keystore().rotate(_turning(name))))


@app.command()
def retire(name: Name, version: int) -> None:
    """End an old version for good: what only it verifies or opens is lost."""
    _changed("key.retire", f"{_turning(name)} {version}", lambda: keystore().retire(name, version))


@app.command()
def rotate_cards() -> None:
    """Turn over the masters of all card keys; cards take the new key set when they next lie on a desk's reader."""
    typer.echo(_changed("key.rotate", "card", lambda: rotate_keyset(keystore())))


@app.command()
def retire_cards(version: Annotated[int, typer.Argument(help="The key set.")]) -> None:
    """End an old key set for good: refused while a card that has not ended carries it."""

    async def work() -> None:
        carrying = {code: await _carrying(actor, version) for code, actor in (await tenants()).items()}
        if any(carrying.values()):
            raise WrongKeyUse(", ".join(f"{count} cards of {code}" for code, count in carrying.items() if count))
        await _recorded("key.retire", f"card {version}", lambda: retire_keyset(keystore(), version))

    with told():
        run(work)


async def _carrying(actor: Actor, version: int) -> int:
    async with transaction(actor) as tx:
        return await cards_with(tx, version)


@app.command()
def lend(
    file: Annotated[Path, typer.Argument(help="The file to make.")],
    secret: Annotated[str, typer.Option(envvar="TERMINAL_SECRET", help="Passphrase that will open it.")],
    debit: Annotated[bool, typer.Option(help="Also the key by which a terminal debits.")] = False,
) -> None:
    """Write the masters by which a terminal reads cards into a file of its own; a token gives none away."""
    names = [MASTERS[READ], MASTERS[USE]] if debit else [MASTERS[READ]]
    _changed("key.lend", " ".join(names), lambda: _lent(names, file, secret))


def _lent(names: list[str], file: Path, secret: str) -> None:
    store = keystore()
    if not isinstance(store, EncryptedFileKeyStore):
        raise WrongKeyUse("a token gives nothing away: load the master into the terminal's own in a ceremony")
    store.lend(names, file, Passphrase(secret))


def _changed(action: str, subject: str, change: Callable[[], int | None]) -> int | None:
    with told():
        return run(lambda: _recorded(action, subject, change))


async def _recorded(action: str, subject: str, change: Callable[[], int | None]) -> int | None:
    async with transaction(NOBODY) as tx:
        await audit.record(tx, action, ("key", subject))
        return change()


def _turning(name: str) -> str:
    if name in MASTERS.values():
        raise WrongKeyUse("the masters of cards turn over together: rotate-cards, retire-cards")
    if algorithm_of(name) is Algorithm.HMAC_SHA256:
        raise WrongKeyUse(f"what {name} made is looked for under its present version only")
    return name


def _row(store: KeyStore, name: str, version: int, state: KeyState) -> dict[str, Any]:
    algorithm = algorithm_of(name)
    kid = store.public(name, version).kid.hex() if algorithm in SIGNING else None
    return {"name": name, "version": version, "state": state.value, "algorithm": algorithm.value, "kid": kid}


def _shown(rows: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(rows))
        return
    table = Table(*rows[0])
    for row in rows:
        table.add_row(*(str(value) if value is not None else "" for value in row.values()))
    Console().print(table)

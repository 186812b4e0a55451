"""`amis account`: accounts of staff."""

import json
import secrets
from io import StringIO
from typing import Annotated, Any

import typer
from qrcode.main import QRCode
from rich.console import Console
from rich.table import Table

from amis.kernel.actor import Actor, system
from amis.kernel.db import transaction
from amis.staff import service, store, totp
from amis.staff.command import NOBODY, run, tenant, tenants
from amis.staff.errors import UnknownAccount

accounts = typer.Typer(help="Accounts of staff.", no_args_is_help=True)
Email = Annotated[str, typer.Argument(help="The e-mail address of the account.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@accounts.command()
def create(
    email: Email,
    name: Annotated[str, typer.Option(help="The person's name.")],
    municipality: Annotated[str, typer.Option(help="The code of the municipality, such as JLG.")],
    role: Annotated[list[str], typer.Option(help="A role; may be given several times.")],
    ask: Annotated[bool, typer.Option("--ask", help="Ask for a password instead of making one.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make an account; shows its password and the key of the second step once."""
    password = typer.prompt("Password", hide_input=True, confirmation_prompt=True) if ask else secrets.token_urlsafe(15)

    async def work() -> str:
        async with transaction(await tenant(municipality)) as tx:
            return (await service.create_account(tx, email, name, password, role))[1]

    secret = run(work)
    made = {"email": store.normal_email(email), "password": password, "totp": totp.uri(secret, email)}
    typer.echo(json.dumps(made) if as_json else _shown(made))


@accounts.command("list")
def list_accounts(as_json: AsJson = False) -> None:
    """List the accounts of all municipalities."""
    rows = run(_rows)
    if as_json:
        typer.echo(json.dumps(rows))
        return
    table = Table("municipality", "e-mail", "name", "roles", "state")
    for row in rows:
        table.add_row(row["municipality"], row["email"], row["name"], ", ".join(row["roles"]), row["state"])
    Console().print(table)


@accounts.command()
def disable(email: Email, reason: Annotated[str, typer.Option(help="Why, for the audit trail.")] = "") -> None:
    """Shut an account and end its sessions."""

    async def work() -> None:
        async with transaction(await _tenant_of(email)) as tx:
            await service.disable_account(tx, email, reason)

    run(work)


@accounts.command()
def code(email: Email) -> None:
    """Print the code of the second step that holds now."""

    async def work() -> str:
        async with transaction(await _tenant_of(email)) as tx:
            account = await store.account_of(tx, email)
            return totp.code_at(totp.unsealed(account.totp_sealed, account.id), tx.at)

    typer.echo(run(work))


async def _tenant_of(email: str) -> Actor:
    async with transaction(NOBODY) as tx:
        found = await store.find_account(tx, email)
    if found is None:
        raise UnknownAccount
    return system(NOBODY.id, found.municipality_id)


async def _rows() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for municipality, actor in (await tenants()).items():
        async with transaction(actor) as tx:
            for account, roles in await store.list_accounts(tx):
                shown = {"email": account.email, "name": account.name, "roles": roles, "state": account.state}
                rows.append({"municipality": municipality, **shown})
    return rows


def _shown(made: dict[str, str]) -> str:
    picture = StringIO()
    code = QRCode(border=2)
    code.add_data(made["totp"])
    code.print_ascii(out=picture, invert=True)
    return f"{picture.getvalue()}\n{made['totp']}\n\n{made['email']}\npassword: {made['password']}"

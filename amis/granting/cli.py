"""`amis rules`: what is granted by which rule, and why."""

import json
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table

from amis.granting import store
from amis.granting.explanation import Explained
from amis.granting.words import said
from amis.kernel import audit
from amis.kernel.db import Transaction, transaction
from amis.kernel.errors import PurposeMissing
from amis.register import store as register
from amis.staff.command import run, tenant
from rules.condition import parse

app = typer.Typer(help="Rules: list them, explain what they give a person.", no_args_is_help=True)
Town = Annotated[str, typer.Option("--municipality", help="The code of the municipality, e.g. JLG.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_VERDICTS = {True: "yes", False: "no", None: "undetermined"}


@app.command("list")
def list_rules(municipality: Town, as_json: AsJson = False) -> None:
    """List the rules that grant to persons of a municipality."""

    async def work() -> list[dict[str, Any]]:
        async with transaction(await tenant(municipality)) as tx:
            return await _rules(tx)

    _print(run(work), as_json, ("code", "concession", "version", "valid_from", "valid_to", "condition"))


async def _rules(tx: Transaction) -> list[dict[str, Any]]:
    vocabulary, groups = await register.vocabulary(tx), await store.groups(tx)
    return [
        {
            "id": str(rule.id),
            "code": rule.names.code,
            "concession": rule.names.concession_code,
            "version": version.version,
            "valid_from": version.valid_from.isoformat(),
            "valid_to": version.valid_to.isoformat() if version.valid_to else None,
            "sha256": version.sha256,
            "condition": said(parse(version.condition, vocabulary), groups).en,
        }
        for rule in await store.list_rules(tx)
        for version in rule.versions
    ]


@app.command()
def explain(
    person: Annotated[UUID, typer.Argument(metavar="PERSON_ID", help="The person's id.")],
    day: Annotated[datetime, typer.Argument(metavar="DAY", formats=["%Y-%m-%d"], help="The local day, yyyy-mm-dd.")],
    municipality: Town,
    purpose: Annotated[str, typer.Option(help="Why the person's data are opened; kept in the audit trail.")],
    as_json: AsJson = False,
) -> None:
    """Say of every rule whether it holds for a person on a day, and why."""

    async def work() -> list[dict[str, Any]]:
        if not purpose.strip():
            raise PurposeMissing
        async with transaction(await tenant(municipality)) as tx:
            found = await store.explain(tx, person, day.date())
            await audit.record(tx, "person.read", ("person", person), reason=purpose)
            return [_explained(one) for one in found]

    _print(run(work), as_json, ("code", "holds", "periods", "because", "missing", "nearest"))


def _explained(one: Explained) -> dict[str, Any]:
    return {
        "code": one.rule.code,
        "holds": _VERDICTS[one.holds],
        "periods": str(one.periods),
        "because": [f"{each.text.en} ({each.source} {each.record_id})" for each in one.because],
        "missing": [phrase.en for phrase in one.missing],
        "nearest": [step.text.en + (f" ({step.on})" if step.on else "") for step in one.nearest or ()],
        "changed": f"{one.changed.cause}: {one.changed.ref}" if one.changed else None,
    }


def _print(rows: list[dict[str, Any]], as_json: bool, columns: tuple[str, ...]) -> None:
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    table = Table(*columns)
    for row in rows:
        table.add_row(*(_cell(row[column]) for column in columns))
    Console().print(table)


def _cell(value: object) -> str:
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return "" if value is None else str(value)

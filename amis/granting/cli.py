"""`amis rules`: what is granted by which rule, and why; rules checked, tried, published, taken out and brought in."""

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from amis.granting import lifecycle, store
from amis.granting.drafting import VersionKey
from amis.granting.errors import RuleUnknown
from amis.granting.exchange import Imported, export_rules, import_rules, read_rules
from amis.granting.explanation import Explained
from amis.granting.file_check import check_rules
from amis.granting.simulation import Assumption, Simulation, simulate
from amis.granting.table_cli import import_table
from amis.granting.words import said
from amis.kernel import audit
from amis.kernel.db import Transaction, transaction
from amis.kernel.errors import PurposeMissing
from amis.register import store as register
from amis.staff.command import run, tenant
from rules.condition import parse

app = typer.Typer(help="Rules: list, check, explain, simulate, publish, export, import.", no_args_is_help=True)
app.command("import-table")(import_table)
Town = Annotated[str, typer.Option("--municipality", help="The code of the municipality, e.g. JLG.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
File = Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="A document of rules, JSON.")]
Code = Annotated[str, typer.Argument(metavar="CODE", help="The code of the rule.")]
Number = Annotated[int | None, typer.Option("--version", help="The version; without it the newest.")]
_STEPS = {
    "draft": (lifecycle.test, lifecycle.submit, lifecycle.approve),
    "tested": (lifecycle.submit, lifecycle.approve),
    "in_review": (lifecycle.approve,),
}
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


@app.command()
def check(file: File, municipality: Town, as_json: AsJson = False) -> None:
    """Look through a document of rules: errors with their places, failing cases, parts that do nothing."""

    async def work() -> list[dict[str, Any]]:
        async with transaction(await tenant(municipality)) as tx:
            found = await check_rules(tx, read_rules(file.read_bytes()))
            return [{"place": one.place, "error": one.error, "text": one.text} for one in found]

    found = run(work)
    _print(found, as_json, ("place", "error", "text"))
    if any(one["error"] for one in found):
        raise typer.Exit(1)


@app.command("simulate")
def simulate_version(
    code: Code,
    municipality: Town,
    number: Number = None,
    uses_per_day: Annotated[str | None, typer.Option(help="Uses a holder and day, to tell the cost.")] = None,
    gross: Annotated[str, typer.Option(help="The full price of one use in euro.")] = "0",
    as_json: AsJson = False,
) -> None:
    """Tell what a version would change for the persons of a municipality if it were published now."""
    assumption = None if uses_per_day is None else Assumption(Decimal(uses_per_day), Decimal(gross))

    async def work() -> dict[str, Any]:
        async with transaction(await tenant(municipality)) as tx:
            key, _ = await _version(tx, code, number)
            return _simulated(await simulate(tx, key.rule_id, key.version, assumption))

    found = run(work)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    _print([{"what": name, "figure": value} for name, value in found.items()], False, ("what", "figure"))


def _simulated(one: Simulation) -> dict[str, Any]:
    names = ("persons", "gainers", "losers", "shortened", "prolonged", "mixed", "unchanged")
    days = ("person_days_gained", "person_days_lost", "past_days_gained", "past_days_lost")
    figures: dict[str, Any] = {name: getattr(one, name) for name in (*names, *days)}
    figures |= {name: None if (sum_ := getattr(one, name)) is None else str(sum_) for name in ("cost", "budget_left")}
    months = [{"month": month.isoformat()[:7], "gained": more, "lost": less} for month, more, less in one.by_month]
    return figures | {"by_month": months}


@app.command()
def publish(code: Code, municipality: Town, number: Number = None, as_json: AsJson = False) -> None:
    """Test a version, take it through what is left of its review, and put it in force."""

    async def work() -> dict[str, Any]:
        async with transaction(await tenant(municipality)) as tx:
            key, state = await _version(tx, code, number)
            for step in _STEPS.get(state, ()):
                await step(tx, key)
            done = await lifecycle.publish(tx, key)
            return {"code": code, "version": key.version, "sha256": done.sha256, "changed": done.persons_changed}

    with Progress(console=Console(stderr=True), transient=True) as progress:
        progress.add_task("publishing", total=None)
        done = run(work)
    _print([done], as_json, ("code", "version", "sha256", "changed"))


async def _version(tx: Transaction, code: str, number: int | None) -> tuple[VersionKey, str]:
    rule = await store.rule_by_code(tx, code.upper())
    for row in await store.versions_of(tx, rule.id) if rule else ():
        if number in (None, row.version):
            return VersionKey(row.rule_id, row.version), row.state
    raise RuleUnknown(code)


@app.command("export")
def export_document(
    municipality: Town,
    to: Annotated[Path | None, typer.Option("--to", help="The file to write; without it the terminal.")] = None,
) -> None:
    """Write a municipality's own rules with their versions, policies and cases as one JSON document."""

    async def work() -> str:
        async with transaction(await tenant(municipality)) as tx:
            return await export_rules(tx)

    document = run(work)
    if to is None:
        typer.echo(document, nl=False)
    else:
        to.write_text(document)


@app.command("import")
def import_document(
    file: File,
    municipality: Town,
    publish: Annotated[bool, typer.Option("--publish", help="Put the versions in force; without it, drafts.")] = False,
    as_json: AsJson = False,
) -> None:
    """Bring in the rules of a document, all or none; what is there already stays as it is."""

    async def work(progress: Progress) -> list[Imported]:
        async with transaction(await tenant(municipality)) as tx:
            drafts = [draft for _, draft in read_rules(file.read_bytes())]
            task = progress.add_task("bringing in", total=len(drafts))
            return await import_rules(tx, drafts, publish=publish, done=lambda _: progress.advance(task))

    with Progress(console=Console(stderr=True), transient=True) as progress:
        imported = run(lambda: work(progress))
    rows = [{"code": one.code, "version": one.version, "outcome": one.outcome} for one in imported]
    _print(rows, as_json, ("code", "version", "outcome"))


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

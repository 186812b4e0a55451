"""`amis rules import-table`: a decision table as CSV or XLSX becomes a draft of a rule."""

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from amis.granting.table_import import draft_from_table, read_file
from amis.kernel.db import transaction
from amis.staff.command import run, tenant
from rules.condition import to_json
from rules.sentence import sentence

Sheet = Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="The table, CSV or XLSX.")]
Town = Annotated[str, typer.Option("--municipality", help="The code of the municipality, e.g. JLG.")]
Rule = Annotated[str | None, typer.Option("--rule", help="The rule to draft; without it the table is only read.")]
Day = Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day of the version.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def import_table(
    file: Sheet, municipality: Town, rule: Rule = None, since: Day = None, as_json: AsJson = False
) -> None:
    """Read a decision table; with a rule and a day, keep its condition as the draft of that rule's next version."""
    if (rule is None) != (since is None):
        raise typer.BadParameter("--rule and --from belong together")

    async def work() -> dict[str, Any]:
        async with transaction(await tenant(municipality)) as tx:
            found = await read_file(tx, file.name, file.read_bytes())
            version = None
            if rule is not None and since is not None:
                version = (await draft_from_table(tx, rule.upper(), found.condition, since.date())).version
            return {
                "condition": to_json(found.condition),
                "sentence": sentence(found.condition, "en", {}),
                "idle": [{"cell": cell, "fault": fault} for cell, fault in found.idle],
                "version": version,
            }

    read = run(work)
    typer.echo(json.dumps(read, ensure_ascii=False, indent=2) if as_json else _told(read))


def _told(read: dict[str, Any]) -> str:
    lines = [read["sentence"], *(f"{one['cell'] or 'the table'}: {one['fault']}" for one in read["idle"])]
    return "\n".join([*lines, *([f"drafted as version {read['version']}"] if read["version"] else [])])

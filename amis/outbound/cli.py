"""`amis outbound`: webhooks of a municipality, and sending again what they missed."""

import json
from typing import Annotated
from uuid import UUID

import typer

from amis.kernel.db import transaction
from amis.outbound import replays, store
from amis.staff.command import run, tenant

app = typer.Typer(help="What flows out: webhooks, sending again.", no_args_is_help=True)
Town = Annotated[str, typer.Option("--municipality", help="The code of the municipality, e.g. JLG.")]


@app.callback()
def outbound() -> None:
    """What flows out: webhooks, sending again."""


@app.command("list")
def list_webhooks(
    municipality: Town, as_json: Annotated[bool, typer.Option("--json", help="As JSON, one object a line.")] = False
) -> None:
    """Show each webhook with its state, how many deliveries wait and how many were given up."""

    async def work() -> list[store.Standing]:
        async with transaction(await tenant(municipality)) as tx:
            return await store.webhooks(tx)

    for one in run(work):
        told: dict[str, str | int] = {"id": str(one.webhook.id), "label": one.webhook.label}
        told |= {"state": one.webhook.state, "cursor": one.webhook.cursor}
        told |= {"waiting": one.pending, "given_up": one.dead}
        typer.echo(json.dumps(told, ensure_ascii=False) if as_json else "  ".join(map(str, told.values())))


@app.command()
def replay(
    webhook: Annotated[UUID, typer.Argument(metavar="WEBHOOK", help="The webhook's id.")],
    municipality: Town,
    first: Annotated[int | None, typer.Option("--from", help="First number of the feed.", min=1)] = None,
    last: Annotated[int | None, typer.Option("--to", help="Last number of the feed.", min=1)] = None,
) -> None:
    """Send again: a range of the feed, or without one everything that was given up. Prints how many that are."""
    if (first is None) != (last is None):
        raise typer.BadParameter("--from and --to go together")

    async def work() -> int:
        async with transaction(await tenant(municipality)) as tx:
            if first is None or last is None:
                return await replays.replay_dead(tx, webhook)
            return await replays.replay_range(tx, webhook, first, last)

    typer.echo(run(work))

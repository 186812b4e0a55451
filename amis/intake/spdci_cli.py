"""`amis registries`: social registries that speak the DCI interface: agree with one, exchange keys, ask it."""

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from uuid import UUID

import httpx
import typer

from amis.intake.senders import define_sender
from amis.intake.spdci_keys import add_registry_key, revoke_registry_key
from amis.intake.spdci_peers import Agreement, define_registry, registries, signing_key
from amis.intake.spdci_pull import Step, pull_spdci, subscribe_spdci, unsubscribe_spdci
from amis.kernel.db import transaction
from amis.staff.command import run, tenant
from sync.errors import SyncError
from sync.mapping import Mapping, mapping_from_json
from sync.spdci.key import public_key
from sync.spdci.translate import CODE_TYPES
from sync.strict_json import strict_json

app = typer.Typer(help="Social registries: agree with one, exchange keys, ask it.", no_args_is_help=True)
Town = Annotated[str, typer.Option("--municipality", help="The code of the municipality, e.g. JLG.")]
Which = Annotated[UUID, typer.Argument(metavar="ID", help="The registry, as `list` shows it.")]


class Question(StrEnum):
    """What a registry can be asked."""

    PULL = "pull"
    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"


_ASKED: dict[Question, Callable[[UUID, int, httpx.AsyncClient], Awaitable[Step]]] = {
    Question.PULL: pull_spdci,
    Question.SUBSCRIBE: subscribe_spdci,
    Question.UNSUBSCRIBE: unsubscribe_spdci,
}


@app.command()
def define(
    mapping: Annotated[Path, typer.Argument(exists=True, help="Its table of statuses, as JSON.")],
    municipality: Town,
    label: Annotated[str, typer.Option(help="What pages call it.")],
    registry_id: Annotated[str, typer.Option(help="Its id on the wire.")],
    own_id: Annotated[str, typer.Option(help="Our id on the wire.")],
    url: Annotated[str, typer.Option(help="Its address, up to /registry.")],
    answer_uri: Annotated[str, typer.Option(help="Our address, up to /registry.")],
    code_type: Annotated[list[str] | None, typer.Option(help="Its identifier type of the personal code.")] = None,
    number_type: Annotated[str | None, typer.Option(help="Its identifier type of its own number of a person.")] = None,
    pull_every: Annotated[int | None, typer.Option(min=1, help="Minutes between two searches for changes.")] = None,
) -> None:
    """Let a registry tell us and be asked; prints its id and our public key, which it needs."""
    table, every = _table(mapping), None if pull_every is None else timedelta(minutes=pull_every)
    agreed = Agreement(registry_id, own_id, url, answer_uri, code_type or CODE_TYPES, number_type, every)

    async def work() -> tuple[UUID, str]:
        async with transaction(await tenant(municipality)) as tx:
            sender = await define_sender(tx, label, table)
            return sender.id, signing_key(await define_registry(tx, sender.id, agreed)).public_jwk()

    for line in run(work):
        typer.echo(line)


@app.command()
def key(
    registry: Which, file: Annotated[Path, typer.Argument(exists=True, help="One JSON Web Key.")], municipality: Town
) -> None:
    """Accept a registry's public key (Ed25519)."""
    try:
        jwk = file.read_text()
        public_key(jwk)
    except (SyncError, UnicodeDecodeError) as error:
        raise typer.BadParameter(str(error)) from None

    async def work() -> UUID:
        async with transaction(await tenant(municipality)) as tx:
            return await add_registry_key(tx, registry, jwk)

    typer.echo(run(work))


@app.command()
def revoke(
    registry: Which,
    kid: Annotated[str, typer.Argument(metavar="KID", help="The name of the key (its `kid`).")],
    municipality: Town,
) -> None:
    """Accept nothing more that a registry signs with this key."""

    async def work() -> None:
        async with transaction(await tenant(municipality)) as tx:
            await revoke_registry_key(tx, registry, kid)

    run(work)


@app.command("list")
def list_registries(municipality: Town) -> None:
    """List the registries and our public keys for them, one JSON object a line."""

    async def work() -> list[dict[str, str]]:
        async with transaction(await tenant(municipality)) as tx:
            return [
                {"id": str(one.sender_id), "registry": one.registry_id, "own_key": signing_key(one).public_jwk()}
                for one in await registries(tx)
            ]

    for line in run(work):
        typer.echo(json.dumps(line))


@app.command()
def ask(question: Question, registry: Which, municipality: Town) -> None:
    """Ask a registry for what changed, to be told of changes, or to tell no more; prints the step that was taken."""

    async def work() -> Step:
        actor = await tenant(municipality)
        assert actor.municipality_id is not None
        async with httpx.AsyncClient(timeout=30) as http:
            return await _ASKED[question](registry, actor.municipality_id, http)

    typer.echo(run(work).value)


def _table(file: Path) -> Mapping:
    try:
        return mapping_from_json(strict_json(file.read_bytes()))
    except SyncError as error:
        raise typer.BadParameter(str(error) or error.code) from None

"""What the commands share: the opened service, the tenants, and errors as one line."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import typer
from sqlalchemy import select

from amis.kernel.actor import Actor, system
from amis.kernel.db import transaction
from amis.kernel.errors import AmisError, NotFound
from amis.kernel.models import Municipality
from amis.kernel.process import opened
from amis.kernel.settings import settings

Result = TypeVar("Result")
_PART = "cli"

NOBODY = system(_PART)
"""Somebody at the machine itself, acting for no municipality."""


def run(work: Callable[[], Awaitable[Result]]) -> Result:
    """Does `work` with database and keys open; an error of ours ends the command with its message and exit code 1."""
    try:
        return asyncio.run(_opened(work))
    except AmisError as error:
        typer.echo(f"{error.title} {error.detail}".strip(), err=True)
        raise typer.Exit(1) from error


async def _opened(work: Callable[[], Awaitable[Result]]) -> Result:
    async with opened(settings()):
        return await work()


async def tenants() -> dict[str, Actor]:
    """Somebody at the machine itself, acting for each municipality, by its code."""
    async with transaction(NOBODY) as tx:
        found = await tx.session.scalars(select(Municipality).order_by(Municipality.id))
        return {each.code: system(_PART, each.id) for each in found}


async def tenant(code: str) -> Actor:
    """The one acting for the municipality with this code.

    Raises:
        NotFound: there is none.
    """
    found = (await tenants()).get(code.upper())
    if found is None:
        raise NotFound(f"municipality {code}")
    return found

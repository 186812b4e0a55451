"""The two calls of an upload, on the connection of a transaction."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from amis.kernel.db import Transaction
from amis.validating.claims import KnownTerms
from amis.validating.errors import TerminalNotRegistered, TerminalUnknown
from amis.validating.revisions import learn
from amis.validating.upload_item import AskedLine, UploadItem, asked
from amis.validating.upload_ledger import Batch, Claim, claim_of

OWN = -1
"""The place at which the terminal itself is asked about, so that it is known even where no line could be read."""
_encode = msgspec.json.Encoder().encode


class Bearer(msgspec.Struct):
    """The terminal that a bearer token (SHA-256, hex) belongs to."""

    bearer: str


class Journal(msgspec.Struct):
    """A terminal in one of its pairings, whose lines a person brought."""

    terminal: UUID
    pairing: int


async def connection(tx: Transaction) -> AsyncConnection[Any]:
    """The database connection of the transaction."""
    found: AsyncConnection[Any] = (await (await tx.session.connection()).get_raw_connection()).driver_connection  # type: ignore[assignment]  # psycopg's own
    return found


async def claims(
    tx: Transaction, caller: Bearer | Journal, items: Sequence[UploadItem | None], known: KnownTerms
) -> dict[int, list[Claim]]:
    """The claims of each line by its place, those of the terminal itself at `OWN`; learns the terms they name.

    Raises:
        TerminalUnknown: the bearer belongs to no active terminal.
        TerminalNotRegistered: there is no such terminal, or no such pairing of it.
    """
    wanted = [asked(item) for item in items if item is not None]
    question = msgspec.to_builtins(caller) | {"now": tx.at, "items": [_own(tx.at), *wanted]}
    database = await connection(tx)
    found: dict[int, list[Claim]] = defaultdict(list)
    async with database.cursor(binary=True) as cursor:
        await cursor.execute("SELECT * FROM upload_claims(%s::json)", (_encode(question).decode(),))
        for columns in await cursor.fetchall():
            found[columns[0]].append(claim_of(columns))
    if not found:
        raise TerminalUnknown if isinstance(caller, Bearer) else TerminalNotRegistered
    if missing := _missing(found, items, known):
        await learn(database, known, missing)
    return found


async def write(tx: Transaction, batch: Batch) -> None:
    """Writes a batch, all or nothing.

    Raises:
        psycopg.errors.SerializationFailure, UniqueViolation: somebody else was faster; read again.
    """
    async with (await connection(tx)).cursor() as cursor:
        await cursor.execute("SELECT upload_commit(%s::json)", (_encode(batch).decode(),))


def _own(at: datetime) -> AskedLine:
    day = at.date()
    return AskedLine(OWN, OWN, at, day, day, day, day)


def _missing(
    found: dict[int, list[Claim]], items: Sequence[UploadItem | None], known: KnownTerms
) -> set[tuple[UUID, int]]:
    missing = known.missing(row for claims in found.values() for row, _ in claims)
    for item in items:
        named = None if item is None else (item.line.code, item.line.revision)
        if named is not None and named not in known.revisions and named[0] is not None and named[1] is not None:
            missing.add((UUID(named[0]), named[1]))
    return missing

"""What waits to be published: notes of tokens and of policies, and the status lists as the tokens stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import LiteralString
from uuid import UUID

from psycopg import AsyncConnection

from amis.validating.bundle_cards import Homes
from cards.statuslist import StatusList

AT_ONCE = 5_000
"""Notes that are published as one change."""
MISSED = timedelta(days=7)
"""Cards that expired while nobody published are looked for so far back."""
Changes = dict[int, dict[int, int]]
"""By list: entries with their new status."""

_NOTES: LiteralString = "SELECT id, token_id FROM status_change WHERE seq IS NULL ORDER BY id LIMIT %s"
_STATUSES: LiteralString = """
SELECT DISTINCT status_list, status_index, status FROM token WHERE id = ANY (%(tokens)s)
UNION ALL SELECT status_list, 0, status FROM canary_entry WHERE id = ANY (%(tokens)s)
"""
_MARKED: LiteralString = """
SELECT token.status_list, array_agg(token.status_index), array_agg(token.status) FROM token
WHERE token.status <> 0 AND token.status_list = ANY (%(lists)s) GROUP BY token.status_list
UNION ALL SELECT status_list, ARRAY[0], ARRAY[status] FROM canary_entry WHERE status_list = ANY (%(lists)s)
"""
_EXPIRED: LiteralString = """
INSERT INTO status_change (municipality_id, token_id, status_list, status_index, status)
SELECT municipality_id, id, status_list, status_index, status FROM token
WHERE card_uid IS NOT NULL AND state = 'active' AND valid_to > %s AND valid_to <= %s
    AND NOT EXISTS (
        SELECT FROM status_change AS noted
        WHERE noted.municipality_id = token.municipality_id AND noted.token_id = token.id
            AND noted.at >= token.valid_to::timestamp AT TIME ZONE 'Europe/Riga')
"""


@dataclass(frozen=True, slots=True)
class Notes:
    """Notes that are published together."""

    changes: Sequence[UUID]
    tokens: Sequence[UUID]
    policies: Sequence[UUID]


async def waiting(connection: AsyncConnection) -> tuple[bool, bool]:
    """Whether there are tokens, and whether there are policies, to publish."""
    cursor = await connection.execute(
        "SELECT EXISTS (SELECT FROM status_change WHERE seq IS NULL), EXISTS (SELECT FROM policy_change)"
    )
    row = await cursor.fetchone()
    return (bool(row[0]), bool(row[1])) if row else (False, False)


async def read(connection: AsyncConnection) -> Notes:
    """The notes to publish next, oldest first."""
    noted = await (await connection.execute(_NOTES, (AT_ONCE,))).fetchall()
    policies = await (await connection.execute("SELECT id FROM policy_change")).fetchall()
    tokens = list({token for _, token in noted})
    return Notes([note for note, _ in noted], tokens, [note for (note,) in policies])


async def settle(connection: AsyncConnection, notes: Notes, seq: int, *, policies: bool) -> None:
    """The notes are published as `seq`, those of policies where these were looked at."""
    if notes.changes:
        await connection.execute("UPDATE status_change SET seq = %s WHERE id = ANY (%s)", (seq, list(notes.changes)))
    if policies and notes.policies:
        await connection.execute("DELETE FROM policy_change WHERE id = ANY (%s)", (list(notes.policies),))


async def note_expired(connection: AsyncConnection, day: date) -> None:
    """Notes the cards that are over by `day`: nobody changes them, the day does."""
    await connection.execute(_EXPIRED, (day - MISSED, day))


async def statuses_of(connection: AsyncConnection, tokens: Sequence[UUID]) -> Changes:
    """The entries of these tokens as they stand."""
    found: Changes = {}
    if tokens:
        for number, index, status in await (await connection.execute(_STATUSES, {"tokens": list(tokens)})).fetchall():
            found.setdefault(number, {})[index] = status
    return found


async def list_numbers(connection: AsyncConnection) -> list[int]:
    """The numbers of all status lists."""
    return [number for (number,) in await (await connection.execute("SELECT id FROM status_list")).fetchall()]


async def whole_lists(connection: AsyncConnection, numbers: Sequence[int]) -> dict[int, StatusList]:
    """These lists as the tokens stand."""
    lists = {number: StatusList() for number in numbers}
    cursor = await connection.execute(_MARKED, {"lists": list(numbers)}, binary=True)
    for number, indices, statuses in await cursor.fetchall():
        for index, status in zip(indices, statuses, strict=True):
            lists[number].set(index, status)
    return lists


async def homes(connection: AsyncConnection) -> Homes:
    """The codes of the municipalities."""
    return dict(await (await connection.execute("SELECT id, code FROM municipality")).fetchall())


async def newest_seq(connection: AsyncConnection) -> int:
    """The last number given."""
    cursor = await connection.execute(
        "SELECT greatest((SELECT max(seq) FROM bundle_version), (SELECT max(seq) FROM status_change), 0)"
    )
    row = await cursor.fetchone()
    return int(row[0]) if row else 0


async def published_providers(connection: AsyncConnection) -> list[UUID]:
    """The providers for which something is published."""
    cursor = await connection.execute("SELECT DISTINCT provider_id FROM bundle_version")
    return [provider for (provider,) in await cursor.fetchall()]

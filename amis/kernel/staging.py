"""Many rows at once: they are copied into a temporary table, and from there SQL takes them on.

PostgreSQL refuses COPY into a table under row-level security, so the tenant is stamped where the rows are taken over.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, LiteralString, cast

from psycopg import AsyncConnection, AsyncCursor

from amis.kernel.db import Transaction

# Statements of one form ask for much or for little: a plan for all of them is the wrong one for each. A few thousand
# rows are looked up in tables of millions, whose upper index pages are in memory: reading a page out of order costs
# little more than the next one, and a table is not read from end to end for each chunk.
_SETTINGS: LiteralString = """
SELECT set_config('jit', 'off', true), set_config('max_parallel_workers_per_gather', '0', true),
    set_config('work_mem', '64MB', true), set_config('plan_cache_mode', 'force_custom_plan', true),
    set_config('random_page_cost', '1.1', true)
"""


@asynccontextmanager
async def staging(tx: Transaction) -> AsyncIterator[AsyncCursor[Any]]:
    """A cursor of the driver in this very transaction; what the session holds is written first."""
    await tx.session.flush()
    fairy = await (await tx.session.connection()).get_raw_connection()
    connection = cast("AsyncConnection[Any]", fairy.driver_connection)
    async with connection.cursor() as cursor:
        await cursor.execute(_SETTINGS)
        yield cursor


async def copy_rows(
    cursor: AsyncCursor[Any], statement: LiteralString, rows: Iterable[Sequence[object]], types: Sequence[str]
) -> None:
    """Copies rows by a statement such as `COPY staged (a, b) FROM STDIN WITH (FORMAT binary)`, of these types."""
    async with cursor.copy(statement) as copy:
        copy.set_types(types)
        for row in rows:
            await copy.write_row(row)


async def run(cursor: AsyncCursor[Any], statement: LiteralString, values: Mapping[str, object]) -> int:
    """Runs one statement; how many rows it concerned."""
    await cursor.execute(statement, values)
    return cursor.rowcount

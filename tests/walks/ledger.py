"""What stands in a site's database, counted past row-level security."""

from psycopg import AsyncConnection, sql

from amis.kernel.postgres import SUPERUSER
from tests.town import Site

_TABLES = "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"


async def everything(site: Site) -> AsyncConnection:
    """A connection that sees every row of every tenant."""
    assert site.settings.database_owner_url is not None
    address = site.settings.database_owner_url.replace("amis_owner@", f"{SUPERUSER}@")
    return await AsyncConnection.connect(address, autocommit=True)


async def rows(site: Site) -> dict[str, int]:
    """How many rows each table has."""
    async with await everything(site) as connection:
        names = [str(name) for (name,) in await (await connection.execute(_TABLES)).fetchall()]
        return {name: await _count(connection, name) for name in names}


async def _count(connection: AsyncConnection, table: str) -> int:
    found = await connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)))
    row = await found.fetchone()
    assert row is not None
    return int(row[0])


async def added(site: Site, before: dict[str, int]) -> dict[str, int]:
    """The tables that have grown or shrunk since, with by how much."""
    after = await rows(site)
    return {name: number - before[name] for name, number in after.items() if number != before[name]}

"""One connection that hears what is new, also after it was lost."""

import asyncio

from psycopg import AsyncConnection

from amis.kernel.listening import listen
from amis.kernel.process import database_url
from amis.kernel.settings import Settings


async def test_it_looks_at_once_when_it_hears_and_anew_after_its_connection_was_lost(database: Settings) -> None:
    looks: asyncio.Queue[int] = asyncio.Queue()

    async def look(connection: AsyncConnection) -> None:
        looks.put_nowait(connection.info.backend_pid)

    url = database_url(database)
    listening = asyncio.create_task(listen(url, "trial", look))
    try:
        async with asyncio.timeout(10), await AsyncConnection.connect(url, autocommit=True) as other:
            first = await looks.get()
            await other.execute("NOTIFY trial")
            assert await looks.get() == first
            await other.execute("SELECT pg_terminate_backend(%s)", (first,))
            assert await looks.get() != first
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)

"""The importer in a process of its own, forked out of a warmed interpreter, so that it can be killed at any point."""

import asyncio
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess

from psycopg import AsyncConnection, Error

from amis.intake.importing import import_next
from amis.intake.places import folder_of
from amis.kernel.process import database_url, opened
from amis.kernel.settings import Settings

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.walks.import_process"])


@contextmanager
def importing(settings: Settings) -> Iterator[BaseProcess]:
    """An importer that works until the block ends, or until it is killed."""
    process = _FORKS.Process(target=_run, args=(settings,), daemon=True)
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()


def _run(settings: Settings) -> None:
    asyncio.run(_import(settings))


async def _import(settings: Settings) -> None:
    url = database_url(settings, "amis_worker")
    async with opened(settings):
        while True:
            try:
                async with await AsyncConnection.connect(url, autocommit=True) as connection:
                    while True:
                        if not await import_next(connection, folder_of(settings)):
                            await asyncio.sleep(0.02)
            except (Error, OSError):
                await asyncio.sleep(0.1)

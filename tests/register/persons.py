"""Persons to relate, and the days between which they are related."""

import asyncio
import random
from datetime import date
from uuid import UUID

from sqlalchemy import text

from amis.kernel.db import Transaction
from amis.register import service
from amis.register.service import PersonDraft
from sync.personal_code import draw_newer, draw_with_birth_date

JANUARY, MARCH, JUNE = date(2026, 1, 1), date(2026, 3, 1), date(2026, 6, 1)
_codes = random.Random(11)


async def somebody(tx: Transaction, born: date | None = None) -> UUID:
    """A new person, by default one whose code tells no birth date."""
    code = draw_newer(_codes) if born is None else draw_with_birth_date(_codes, born)
    return await service.enrol(tx, PersonDraft(code))


async def persons(tx: Transaction, count: int) -> list[UUID]:
    """So many new persons."""
    return [await somebody(tx) for _ in range(count)]


async def waited_for(tx: Transaction) -> None:
    """Returns once somebody waits for what this transaction does."""
    waiting = """
        SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))
    """
    while not await tx.session.scalar(text(waiting)):  # noqa: ASYNC110  # only the database knows who waits
        await asyncio.sleep(0.01)

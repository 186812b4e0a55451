"""Places in status lists: drawn at random among those that expire in the same half-year, so that a place tells little.

A list is full enough to open the next one when a number of draws in a row hit taken places.
"""

import secrets
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from amis.issuing.models import StatusList, Token
from amis.kernel.db import Transaction
from amis.kernel.locks import Lock
from cards.number import new_number
from cards.statuslist import SIZE

DRAWS = 16
"""Draws in one list: all miss once in 65,000 times when it is half full, every fifth time at nine tenths."""


def cohort(valid_to: date) -> str:
    """The half-year of a token's last day, such as 2026H2; `valid_to` is the day after it."""
    last = valid_to - timedelta(days=1)
    return f"{last.year}H{1 if last.month <= 6 else 2}"


async def place(tx: Transaction, values: dict[str, Any]) -> Token:
    """Writes a new token with these columns at a free place, and under a fresh number."""
    name = cohort(values["valid_to"])
    found = await _newest(tx, name)
    tried = None
    while True:
        if found is None or found == tried:
            found = await _open_list(tx, name, tried)
        token = await _draw(tx, found, values)
        if token is not None:
            return token
        tried, found = found, await _newest(tx, name)


async def _newest(tx: Transaction, name: str) -> int | None:
    return await tx.session.scalar(select(func.max(StatusList.id)).where(StatusList.cohort == name))


async def _draw(tx: Transaction, status_list: int, values: dict[str, Any]) -> Token | None:
    for _ in range(DRAWS):
        drawn = {"status_list": status_list, "status_index": secrets.randbelow(SIZE), "number": new_number()}
        statement = insert(Token).values(values | drawn).on_conflict_do_nothing().returning(Token)
        token = await tx.session.scalar(statement)
        if token is not None:
            return token
    return None


async def _open_list(tx: Transaction, name: str, full: int | None) -> int:
    await tx.session.execute(select(func.pg_advisory_xact_lock(Lock.STATUS_LIST_NUMBERS)))
    newest = await _newest(tx, name)
    if newest is not None and newest != full:
        return newest
    number = await tx.session.scalar(select(func.coalesce(func.max(StatusList.id), -1) + 1))
    opened = StatusList(id=number, cohort=name)
    tx.session.add(opened)
    await tx.session.flush()
    return opened.id

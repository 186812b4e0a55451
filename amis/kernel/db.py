"""The database: one declarative base, one engine a process, and the one place that commits."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import DateTime, MetaData, Text, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase

from amis.kernel import clock
from amis.kernel.actor import Actor
from amis.kernel.log import request_id

_NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


LONGEST_STATEMENT = 30_000
"""Milliseconds after which the database gives up a statement of a page, the API or a job of this engine."""


class Base(DeclarativeBase):
    """Every table of the service."""

    metadata = MetaData(naming_convention=_NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: DateTime(timezone=True), str: Text()}


@dataclass(frozen=True, slots=True)
class Transaction:
    """One transaction: the session, who acts, and the instant at which it all happens."""

    session: AsyncSession
    actor: Actor
    at: datetime
    request_id: str

    @property
    def day(self) -> date:
        """The local business day in Riga on which it all happens."""
        return self.at.astimezone(clock.RIGA).date()

    @property
    def municipality_id(self) -> int:
        """The tenant of this transaction.

        Raises:
            LookupError: the actor belongs to no municipality.
        """
        if self.actor.municipality_id is None:
            raise LookupError(f"{self.actor.kind} {self.actor.id} acts for no municipality")
        return self.actor.municipality_id


_engine: AsyncEngine | None = None


def open_engine(url: str, pool_size: int = 8) -> AsyncEngine:
    """Opens this process's engine for `url` (role amis_app)."""
    global _engine
    _engine = create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=10,
        pool_pre_ping=True,
        # Errors are logged, and the values in a statement are persons' data.
        hide_parameters=True,
        connect_args={"options": f"-c statement_timeout={LONGEST_STATEMENT}"},
    )
    return _engine


async def close_engine() -> None:
    """Closes this process's engine, if any."""
    global _engine
    if _engine is not None:
        await _engine.dispose()
        _engine = None


def engine() -> AsyncEngine:
    """The open engine of this process.

    Raises:
        RuntimeError: `open_engine` was not called.
    """
    if _engine is None:
        raise RuntimeError("the database engine is not open")
    return _engine


@asynccontextmanager
async def transaction(actor: Actor) -> AsyncIterator[Transaction]:
    """The one way to write: commits on leaving, rolls back on any error.

    Row-level security sees the actor's municipality for the length of the transaction only.
    """
    async with AsyncSession(engine(), expire_on_commit=False) as session, session.begin():
        tenant = "" if actor.municipality_id is None else str(actor.municipality_id)
        await session.execute(text("SELECT set_config('amis.municipality', :tenant, true)"), {"tenant": tenant})
        yield Transaction(session, actor, clock.now(), request_id.get())

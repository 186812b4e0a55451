"""The one way to write: a transaction of an actor, in a tenant."""

from datetime import UTC, date, datetime

import pytest
from psycopg import AsyncConnection
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from amis.kernel import clock, db, outbox
from amis.kernel.actor import system
from amis.kernel.db import Transaction, transaction
from amis.kernel.log import request_id
from amis.kernel.settings import Settings

JELGAVA, RIGA = system("test", 2), system("test", 3)
COUNT = "SELECT count(*) FROM outbox"


@pytest.fixture
async def towns(owner_connection: AsyncConnection) -> AsyncConnection:
    """Two municipalities, and a connection that sees the rows of both."""
    await owner_connection.execute("INSERT INTO municipality VALUES (2, 'JLG', 'a', 'a'), (3, 'RIX', 'b', 'b')")
    return owner_connection


async def note(tx: Transaction) -> None:
    await outbox.publish(tx, "test", "key", {})


async def counted(connection: AsyncConnection) -> int:
    row = await (await connection.execute("SELECT count(*) FROM outbox")).fetchone()
    assert row is not None
    return int(row[0])


async def test_what_is_written_is_seen_by_others_only_on_leaving(towns: AsyncConnection) -> None:
    async with transaction(JELGAVA) as tx:
        await note(tx)
        assert await counted(towns) == 0
    assert await counted(towns) == 1


async def test_an_error_leaves_nothing(towns: AsyncConnection) -> None:
    async def fail() -> None:
        async with transaction(JELGAVA) as tx:
            await note(tx)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await counted(towns) == 0


async def test_a_municipality_sees_its_own_rows_only(towns: AsyncConnection) -> None:
    async with transaction(JELGAVA) as tx:
        await note(tx)
    seen = {}
    for actor in (JELGAVA, RIGA, system("nobody")):
        async with transaction(actor) as tx:
            seen[actor.municipality_id] = await tx.session.scalar(text(COUNT))
    assert seen == {2: 1, 3: 0, None: 0}


async def test_a_row_of_another_municipality_cannot_be_written(towns: AsyncConnection) -> None:
    with pytest.raises(ProgrammingError, match="row-level security"):
        async with transaction(RIGA) as tx:
            await tx.session.execute(
                text(
                    "INSERT INTO outbox (municipality_id, topic, key, payload, created_at, attempts, due_at)"
                    " VALUES (2, 'test', 'key', '{}', now(), 0, now())"
                )
            )


@pytest.mark.parametrize("ends_well", [True, False])
async def test_the_tenant_is_forgotten_when_the_connection_goes_back(database: Settings, ends_well: bool) -> None:
    await db.close_engine()
    assert database.database_url is not None
    engine = db.open_engine(database.database_url, pool_size=1)
    try:
        async with transaction(JELGAVA) as tx:
            process = await tx.session.scalar(text("SELECT pg_backend_pid()"))
            if not ends_well:
                raise LookupError
    except LookupError:
        pass
    async with engine.connect() as connection:
        seen = await connection.execute(
            text("SELECT pg_backend_pid(), current_setting('amis.municipality', true), current_municipality()")
        )
        assert tuple(seen.one()) == (process, "", None)


async def test_one_instant_and_one_request_belong_to_a_transaction(database: Settings) -> None:
    noon = datetime(2026, 5, 1, 12, tzinfo=UTC)
    bound = request_id.set("request-1")
    with clock.moved(noon):
        async with transaction(JELGAVA) as tx:
            assert (tx.at.date(), tx.request_id, tx.municipality_id) == (noon.date(), "request-1", 2)
    request_id.reset(bound)


@pytest.mark.parametrize(("at", "day"), [("20:59", date(2026, 5, 31)), ("21:00", date(2026, 6, 1))])
async def test_the_day_of_a_transaction_begins_at_midnight_in_riga(database: Settings, at: str, day: date) -> None:
    with clock.moved(datetime.fromisoformat(f"2026-05-31T{at}:00+00:00")):
        async with transaction(JELGAVA) as tx:
            assert tx.day == day


async def test_who_acts_for_nobody_has_no_municipality(database: Settings) -> None:
    async with transaction(system("sequencer")) as tx:
        with pytest.raises(LookupError, match="sequencer acts for no municipality"):
            _ = tx.municipality_id


async def test_an_error_does_not_tell_the_values_of_the_statement(database: Settings) -> None:
    with pytest.raises(DBAPIError) as refused:
        async with transaction(JELGAVA) as tx:
            await tx.session.execute(text("SELECT 1 / 0 WHERE :name <> ''"), {"name": "Anna Ozola"})
    assert "Anna" not in str(refused.value)


async def test_without_an_engine_there_is_a_clear_error() -> None:
    await db.close_engine()
    with pytest.raises(RuntimeError, match="not open"):
        db.engine()

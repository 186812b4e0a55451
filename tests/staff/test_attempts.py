import asyncio
from datetime import UTC, datetime, timedelta

from amis.kernel import clock
from amis.kernel.actor import system
from amis.kernel.db import transaction
from amis.staff import attempts

NOON = datetime(2026, 5, 31, 12, tzinfo=UTC)


async def _begin(email, at=NOON):
    with clock.moved(at):
        return await _begin_now(email)


async def _begin_now(email):
    async with transaction(system("test")) as tx:
        return await attempts.begin(tx, email)


def test_the_delay_starts_at_the_fifth_failure_and_doubles_up_to_a_quarter_of_an_hour():
    seconds = [attempts.delay_after(failures).total_seconds() for failures in range(4, 15)]
    assert seconds == [0, 5, 10, 20, 40, 80, 160, 320, 640, 900, 900]


def test_no_more_than_ten_guesses_fit_in_a_minute():
    passed, failures = timedelta(0), 0
    while passed <= timedelta(minutes=1):
        failures += 1
        passed += attempts.delay_after(failures)
    assert failures <= 10


async def test_after_five_failures_the_next_must_wait(database):
    assert [await _begin("a@example.test") for _ in range(6)] == [True] * 5 + [False]
    assert not await _begin("A@example.test ", NOON + timedelta(seconds=4))
    assert await _begin("a@example.test", NOON + timedelta(seconds=6))
    assert not await _begin("a@example.test", NOON + timedelta(seconds=14))


async def test_somebody_else_does_not_wait(database):
    for _ in range(6):
        await _begin("a@example.test")
    assert await _begin("b@example.test")


async def test_of_many_guesses_at_once_five_are_looked_at(database):
    tried = await asyncio.gather(*(_begin_now("a@example.test") for _ in range(40)))
    assert sum(tried) == 5


async def test_after_a_day_the_failures_are_forgotten(database):
    for _ in range(6):
        await _begin("a@example.test")
    later = NOON + timedelta(days=1, minutes=1)
    assert [await _begin("a@example.test", later) for _ in range(5)] == [True] * 5


async def test_an_attempt_is_kept_without_the_address(database, owner_connection):
    await _begin("a@example.test")
    rows = await (await owner_connection.execute("SELECT sign_in_attempt::text FROM sign_in_attempt")).fetchall()
    assert len(rows) == 1
    assert "example" not in rows[0][0]

from datetime import timedelta

import pytest

from amis.kernel import clock
from amis.kernel.db import transaction
from amis.staff import service, sign_in, store
from amis.staff.sign_in import Refused
from tests.staff.conftest import PASSWORD

HOURS = timedelta(hours=12)
WEEK = timedelta(days=7)


async def _trail(connection):
    rows = await (await connection.execute("SELECT action, reason, municipality_id FROM audit ORDER BY id")).fetchall()
    return [row for row in rows if row[0].startswith(("sign_in", "session"))]


async def _signed_in(clerk, at):
    with clock.moved(at):
        waiting = await sign_in.with_password(clerk.email, PASSWORD, "Firefox")
        return waiting, await sign_in.with_code(waiting, clerk.code(at), "Firefox", HOURS)


async def _stage(secret, tenant, idle=HOURS):
    async with transaction(tenant) as tx:
        found = await store.find_session(tx, secret, idle)
        return found and found.stage


async def test_password_and_code_open_a_session_under_a_new_secret(clerk, owner_connection):
    waiting, opened = await _signed_in(clerk, clock.now())
    assert waiting != opened
    assert len(opened) >= 43
    assert await _stage(opened, clerk.tenant) == "open"
    assert await _stage(waiting, clerk.tenant) is None
    actions = [row[0] for row in await _trail(owner_connection)]
    assert actions == ["sign_in.password", "session.end", "sign_in.done"]


async def test_the_database_keeps_no_secret_of_a_session(clerk, owner_connection):
    waiting, opened = await _signed_in(clerk, clock.now())
    rows = await (await owner_connection.execute("SELECT staff_session::text FROM staff_session")).fetchall()
    assert len(rows) == 2
    assert not [row for row in rows if waiting in row[0] or opened in row[0]]


@pytest.mark.parametrize(("email", "municipality"), [("anna@example.test", 2), ("nobody@example.test", None)])
async def test_wrong_password_and_unknown_address_are_refused_alike_and_audited(
    clerk, owner_connection, email, municipality
):
    assert await sign_in.with_password(email, "wrong", "Firefox") is Refused.WRONG
    assert await _trail(owner_connection) == [("sign_in.refused", "password", municipality)]


async def test_after_five_failures_even_the_right_password_must_wait(clerk, owner_connection):
    at = clock.now()
    with clock.moved(at):
        for _ in range(5):
            await sign_in.with_password(clerk.email, "wrong", "Firefox")
        assert await sign_in.with_password(clerk.email, PASSWORD, "Firefox") is Refused.WRONG
    assert (await _trail(owner_connection))[-1] == ("sign_in.refused", "too early", 2)
    _, opened = await _signed_in(clerk, at + timedelta(seconds=30))
    assert isinstance(opened, str)


async def test_a_code_is_good_once(clerk):
    at = clock.now()
    await _signed_in(clerk, at)
    _, again = await _signed_in(clerk, at)
    assert again is Refused.WRONG
    _, later = await _signed_in(clerk, at + timedelta(seconds=30))
    assert isinstance(later, str)


async def test_guessing_codes_slows_down_though_the_password_is_right_each_time(clerk):
    with clock.moved(clock.now()):
        for _ in range(5):
            waiting = await sign_in.with_password(clerk.email, PASSWORD, "Firefox")
            assert await sign_in.with_code(waiting, "000000", "Firefox", HOURS) is Refused.WRONG
        assert await sign_in.with_password(clerk.email, PASSWORD, "Firefox") is Refused.WRONG


async def test_the_code_must_follow_within_five_minutes(clerk):
    at = clock.now()
    with clock.moved(at):
        waiting = await sign_in.with_password(clerk.email, PASSWORD, "Firefox")
    late = at + timedelta(minutes=5, seconds=1)
    with clock.moved(late):
        assert await sign_in.with_code(waiting, clerk.code(late), "Firefox", HOURS) is Refused.OVER


async def test_an_open_session_is_no_ticket_for_the_second_step(clerk):
    _, opened = await _signed_in(clerk, clock.now())
    assert await sign_in.with_code(opened, "000000", "Firefox", HOURS) is Refused.OVER
    assert await sign_in.with_code("", "000000", "Firefox", HOURS) is Refused.OVER


async def test_a_disabled_account_cannot_sign_in_and_its_sessions_end_at_once(clerk):
    at = clock.now()
    _, opened = await _signed_in(clerk, at)
    async with transaction(clerk.tenant) as tx:
        await service.disable_account(tx, clerk.email, "left")
    assert await _stage(opened, clerk.tenant) is None
    assert await sign_in.with_password(clerk.email, PASSWORD, "Firefox") is Refused.WRONG


async def test_a_session_ends_after_idle_time_and_after_its_longest_life(clerk):
    at = clock.now()
    _, opened = await _signed_in(clerk, at)
    quarter = timedelta(minutes=15)
    for minutes, stage in [(14, "open"), (28, "open"), (44, None)]:
        with clock.moved(at + timedelta(minutes=minutes)):
            assert await _stage(opened, clerk.tenant, quarter) == stage
    with clock.moved(at + HOURS - timedelta(minutes=1)):
        assert await _stage(opened, clerk.tenant, WEEK) == "open"
    with clock.moved(at + HOURS + timedelta(minutes=1)):
        assert await _stage(opened, clerk.tenant, WEEK) is None
